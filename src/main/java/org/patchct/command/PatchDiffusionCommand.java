package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import org.patchct.diffusion.PatchDiffusion;
import org.patchct.diffusion.PriorChoice;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.diffusion.SamplerSettings.Preset;
import org.patchct.network.Prior;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Intensities;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Reconstruction with a 3-D patch diffusion prior. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Patch Diffusion...",
	headless = true,
	description = "Reconstruction from few views with a learned 3-D prior. The result is titled \"Patch diffusion of SCAN " +
		"(N views)\", its uncertainty \"Uncertainty of SCAN (N views)\". Not for diagnosis: a learned prior can invent detail.")
public class PatchDiffusionCommand extends DiffusionCommand {

	/** Begins the title of the standard deviation. */
	static final String UNCERTAINTY = "Uncertainty";

	@Parameter(label = IterativeCommand.LABEL, persist = false, description = IterativeCommand.DESCRIPTION)
	private boolean plot;

	@Parameter(label = "Preset", persist = false,
		description = "Fast: a minute or two for 128 x 128 x 128 voxels on two cores. Quality: half as long again, " +
			"closer to the measurements. Paper: the published settings, for a GPU.")
	private Preset preset = Preset.FAST;

	@Parameter(label = "Sampling steps (0: the preset's)", min = "0", max = "1000", persist = false,
		description = "0 to 1000 denoising steps; more than about thirty take longer and gain little.")
	private int steps;

	@Parameter(label = "Passes per step (0: the preset's)", min = "0", max = "100", persist = false,
		description = "0 to 100 tilings averaged in each step; the paper found 2 best.")
	private int passes;

	@Parameter(label = "Begin with whole slices if views are few", persist = false,
		description = "With at most 0.15 views for each bin of the detector, takes the mean of what the prior and one of slices " +
			"predict in twenty steps more: body-ct-slices with body-ct, NAME-slices.safetensors where it lies beside a prior of " +
			"your own, NAME.safetensors. Takes twice as long.")
	private boolean slices = true;

	@Parameter(label = "Samples (0: one estimate)", min = "0", max = "1000", persist = false,
		description = "0: an estimate that is as close to the truth as it can be. 1 to 1000: that many volumes that the " +
			"object may look like, drawn at random and averaged.")
	private int samples;

	@Parameter(label = "Show the uncertainty", persist = false,
		description = "Also shows the standard deviation of the samples, of which there must be at least 2: where it is " +
			"large, the prior decided more than the projections did.")
	private boolean uncertainty;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus deviation;

	@Override
	protected boolean plotted() {
		return plot;
	}

	@Override
	protected String method() {
		return PatchDiffusion.NAME;
	}

	@Override
	protected PatchDiffusion reconstructor() {
		SamplerSettings sampler = preset.settings();
		if (samples > 0) sampler = sampler.drawing(samples);
		if (steps > 0) sampler = sampler.withSteps(steps);
		if (passes > 0) sampler = sampler.withPasses(passes);
		if (!slices) sampler = sampler.withSliceSteps(0);
		if (uncertainty && sampler.samples() < 2) throw new InvalidInputException(PatchDiffusion.ONE_SAMPLE);
		return new PatchDiffusion(sampler);
	}

	@Override
	protected PriorChoice choice(final Projections scan) {
		return PriorChoice.of(settings().prior(), scan.intensity());
	}

	@Override
	protected Volume reconstruct(final Projections scan, final Prior open, final Progress progress) {
		final PatchDiffusion method = reconstructor();
		final PatchDiffusion.Result found;
		try (Prior whole = method.slices(choice(scan), scan.geometry(), settings())) {
			if (whole != null) IJ.log(title() + ": begins with the prior of slices " + whole.settings().name());
			announce(method.estimate(scan, scan.grid(), open, whole, settings(), uncertainty, progress));
			found = method.sample(scan, scan.grid(), open, whole, settings(), uncertainty, progress);
		}
		if (uncertainty) {
			deviation = image(UNCERTAINTY, scan, found.deviation());
			deviation.setDisplayRange(0, Intensities.range(scan.name(), found.deviation().img()).max());
		}
		return found.mean();
	}
}
