package org.patchct.command;

import org.patchct.diffusion.DiffusionBlend;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Reconstruction with a prior of groups of three slices. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT DiffusionBlend...",
	headless = true,
	description = "DiffusionBlend++: reconstruction from few views with a learned prior of groups of three slices, adjacent " +
		"and apart in turn. The result is titled \"DiffusionBlend of SCAN (N views)\". Not for diagnosis: a learned prior can " +
		"invent detail.")
public class DiffusionBlendCommand extends SliceDiffusionCommand {

	@Parameter(label = "Sampling steps", min = "1", max = "1000", persist = false,
		description = "1 to 1000 denoising steps; 200 as published.")
	private int steps = DiffusionBlend.Settings.DEFAULT.steps();

	@Parameter(label = "Fresh noise eta", min = "0", max = "1", stepSize = "0.05", persist = false,
		description = "0 (none) to 1: share of the noise that is drawn anew in each step; 0.85 as published.")
	private double eta = DiffusionBlend.Settings.DEFAULT.eta();

	@Parameter(label = "Conjugate-gradient iterations", min = "1", max = "1000", persist = false,
		description = "1 to 1000 in each step; 5 as published.")
	private int cg = DiffusionBlend.Settings.DEFAULT.cgIterations();

	@Override
	protected DiffusionBlend reconstructor() {
		return new DiffusionBlend(new DiffusionBlend.Settings(steps, eta, cg));
	}
}
