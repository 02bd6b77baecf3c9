package org.patchct.command;

import org.patchct.diffusion.DiffusionMbir;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Reconstruction with a prior of slices under exploding noise and total variation between them. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT DiffusionMBIR...",
	headless = true,
	description = "Reconstruction from few views with a learned prior of single slices in thousands of small steps, and total " +
		"variation between them. The result is titled \"DiffusionMBIR of SCAN (N views)\". Not for diagnosis: a learned prior " +
		"can invent detail.")
public class DiffusionMbirCommand extends AxialAdmmCommand {

	@Parameter(label = "Sampling steps", min = "2", max = "10000", persist = false,
		description = "2 to 10000 steps, in each of which the network runs twice; 2000 as published, for a GPU.")
	private int steps = DiffusionMbir.Settings.DEFAULT.steps();

	@Parameter(label = "Signal-to-noise ratio of the corrector", min = "0", max = "1", stepSize = "0.01", persist = false,
		description = "0 (no corrector) to 1; 0.16 as published.")
	private double snr = DiffusionMbir.Settings.DEFAULT.snr();

	@Parameter(label = "Conjugate-gradient iterations", min = "1", max = "1000", persist = false,
		description = "1 to 1000 in each step; 1 as published.")
	private int cg = DiffusionMbir.Settings.DEFAULT.admm().cgIterations();

	@Override
	protected DiffusionMbir reconstructor() {
		return new DiffusionMbir(new DiffusionMbir.Settings(steps, snr, admm(cg)));
	}
}
