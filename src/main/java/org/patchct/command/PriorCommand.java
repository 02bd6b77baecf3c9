package org.patchct.command;

import ij.IJ;

import java.io.File;
import java.util.List;

import org.patchct.diffusion.PriorChoice;
import org.patchct.diffusion.PriorFit;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;
import org.scijava.ItemVisibility;
import org.scijava.plugin.Parameter;

/** What the reconstruction commands with a trained network share. */
public abstract class PriorCommand extends ReconstructCommand {

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = NOT_FOR_DIAGNOSIS;

	@Parameter(label = "Prior (empty: what suits the values)", required = false, persist = false,
		description = "A .safetensors file written by CT Train Prior..., or for CT FBP-UNet... by CT Train FBP-UNet...; or " +
			"the name of a bundled one. If empty, that of the human body (body-ct...) for HU and 1/mm, and that of mice " +
			"(mouse-microct...) for grey values.")
	private File prior;

	/** The prior of the run. */
	protected abstract PriorChoice choice(Projections scan);

	/** Does the work with the prior. */
	protected abstract Volume reconstruct(Projections scan, Prior open, Progress progress);

	/** How the scan differs from what the prior was trained on, one sentence each. */
	protected List<String> warnings(final PriorSettings settings, final Projections scan) {
		return PriorFit.warnings(settings, scan.grid());
	}

	@Override
	protected final Volume reconstruct(final Projections scan, final Progress progress) {
		final PriorChoice choice = choice(scan);
		try (Prior open = choice.open(settings().device())) {
			if (!choice.reason().isEmpty()) IJ.log(title() + ": prior " + choice);
			warnings(open.settings(), scan).forEach(IJ::log);
			final Volume found = reconstruct(scan, open, progress);
			PriorFit.warnings(open.settings(), scan, found).forEach(IJ::log);
			return found;
		}
	}

	@Override
	protected RunSettings settings() {
		final RunSettings run = super.settings();
		return new RunSettings(run.device(), run.seed(), prior == null ? null : prior.toPath());
	}
}
