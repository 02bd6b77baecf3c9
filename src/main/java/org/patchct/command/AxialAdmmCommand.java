package org.patchct.command;

import org.patchct.diffusion.AxialAdmm;
import org.scijava.plugin.Parameter;

/** What the reconstruction commands share whose prior knows single slices, and total variation what is between them. */
abstract class AxialAdmmCommand extends SliceDiffusionCommand {

	@Parameter(label = "ADMM coupling rho", min = "0.001", max = "1000000", persist = false,
		description = "0.001 to 1000000, at the paper's scale; 10 as published.")
	private double rho = AxialAdmm.Settings.RHO;

	@Parameter(label = "Total-variation weight lambda (0: automatic)", min = "0", max = "1000000", stepSize = "0.01",
		persist = false,
		description = "0 to 1000000, at the paper's scale: more makes neighbouring slices more alike. 0 takes the published " +
			"0.04, or 0.4 where the views leave out some angles.")
	private double lambda;

	/** The settings with some conjugate-gradient iterations. */
	final AxialAdmm.Settings admm(final int cgIterations) {
		return new AxialAdmm.Settings(cgIterations, rho, lambda);
	}
}
