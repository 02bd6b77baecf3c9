package org.patchct.command;

import org.patchct.diffusion.Dds;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Reconstruction with a prior of slices and total variation between them. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT DDS...",
	headless = true,
	description = "Decomposed diffusion sampling: reconstruction from few views with a learned prior of single slices, and " +
		"total variation between them. The result is titled \"DDS of SCAN (N views)\". Not for diagnosis: a learned prior can " +
		"invent detail.")
public class DdsCommand extends AxialAdmmCommand {

	@Parameter(label = "Sampling steps", min = "1", max = "1000", persist = false,
		description = "1 to 1000 denoising steps; 50 as published.")
	private int steps = Dds.Settings.DEFAULT.steps();

	@Parameter(label = "Fresh noise eta", min = "0", max = "1", stepSize = "0.05", persist = false,
		description = "0 (none) to 1: share of the noise that is drawn anew in each step; 0.85 as published.")
	private double eta = Dds.Settings.DEFAULT.eta();

	@Parameter(label = "Conjugate-gradient iterations", min = "1", max = "1000", persist = false,
		description = "1 to 1000 in each step; 5 as published.")
	private int cg = Dds.Settings.DEFAULT.admm().cgIterations();

	@Override
	protected Dds reconstructor() {
		return new Dds(new Dds.Settings(steps, eta, admm(cg)));
	}
}
