package org.patchct.command;

import java.io.File;

import org.patchct.diffusion.PatchDiffusion;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.diffusion.SamplerSettings.Preset;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.scijava.ItemVisibility;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Reconstruction with a 3-D patch diffusion prior. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Patch Diffusion...",
	headless = true,
	description = "Reconstruction from few views with a learned 3-D prior. The result is titled \"Patch diffusion of SCAN " +
		"(N views)\". Not for diagnosis: a learned prior can invent detail.")
public class PatchDiffusionCommand extends ReconstructCommand {

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = NOT_FOR_DIAGNOSIS;

	@Parameter(label = "Preset", persist = false,
		description = "Fast: a few minutes for 128 x 128 x 128 voxels on two cores. Quality: some times as long. Paper: the " +
			"published settings, for a GPU.")
	private Preset preset = Preset.FAST;

	@Parameter(label = "Sampling steps (0: the preset's)", min = "0", max = "1000", persist = false,
		description = "0 to 1000 denoising steps; more take longer and show fewer patch borders.")
	private int steps;

	@Parameter(label = "Passes per step (0: the preset's)", min = "0", max = "100", persist = false,
		description = "0 to 100 tilings averaged in each step; the paper found 2 best.")
	private int passes;

	@Parameter(label = "Samples (0: the preset's)", min = "0", max = "1000", persist = false,
		description = "0 to 1000 reconstructions that are averaged: one is sharper, the mean of several closer to the truth.")
	private int samples;

	@Parameter(label = "Prior (empty: the bundled one)", required = false, persist = false,
		description = "A .safetensors file written by CT Train Prior...; empty for the bundled prior of the human body.")
	private File prior;

	@Parameter(label = "Random seed", persist = false,
		description = "Any whole number; the same seed on the same device gives the same result.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = RunSettings.DEFAULT.device();

	@Override
	protected String method() {
		return PatchDiffusion.NAME;
	}

	@Override
	protected Reconstructor reconstructor() {
		SamplerSettings sampler = preset.settings();
		if (steps > 0) sampler = sampler.withSteps(steps);
		if (passes > 0) sampler = sampler.withPasses(passes);
		if (samples > 0) sampler = sampler.withSamples(samples);
		return new PatchDiffusion(sampler);
	}

	@Override
	protected RunSettings settings() {
		return new RunSettings(device, seed, prior == null ? null : prior.toPath());
	}
}
