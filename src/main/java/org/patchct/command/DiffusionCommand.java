package org.patchct.command;

import ij.IJ;

import java.io.File;

import org.patchct.diffusion.PriorChoice;
import org.patchct.diffusion.PriorFit;
import org.patchct.network.Prior;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;
import org.scijava.ItemVisibility;
import org.scijava.plugin.Parameter;

/** What the reconstruction commands with a diffusion prior share. */
public abstract class DiffusionCommand extends ReconstructCommand {

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = NOT_FOR_DIAGNOSIS;

	@Parameter(label = "Prior (empty: what suits the values)", required = false, persist = false,
		description = "A .safetensors file written by CT Train Prior..., or the name of a bundled prior. If empty, that of " +
			"the human body (body-ct...) for HU and 1/mm, and that of mice (mouse-microct...) for grey values.")
	private File prior;

	@Parameter(label = "Random seed", persist = false,
		description = "Any whole number; the same seed on the same device gives the same result.")
	private long seed;

	/** The prior of the run. */
	protected abstract PriorChoice choice(Projections scan);

	/** Does the work with the prior. */
	protected abstract Volume reconstruct(Projections scan, Prior open, Progress progress);

	@Override
	protected final Volume reconstruct(final Projections scan, final Progress progress) {
		final PriorChoice choice = choice(scan);
		try (Prior open = choice.open(settings().device())) {
			if (!choice.reason().isEmpty()) IJ.log(title() + ": prior " + choice);
			PriorFit.warnings(open.settings(), scan.grid()).forEach(IJ::log);
			final Volume found = reconstruct(scan, open, progress);
			PriorFit.warnings(open.settings(), scan, found).forEach(IJ::log);
			return found;
		}
	}

	@Override
	protected RunSettings settings() {
		return new RunSettings(super.settings().device(), seed, prior == null ? null : prior.toPath());
	}
}
