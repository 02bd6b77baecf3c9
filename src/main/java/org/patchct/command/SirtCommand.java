package org.patchct.command;

import org.patchct.recon.Reconstructor;
import org.patchct.recon.Sirt;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Simultaneous iterative reconstruction. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT SIRT...",
	headless = true,
	description = "Simultaneous iterative reconstruction: smoother than FBP for few or noisy views. The result is titled " +
		"\"SIRT of SCAN (N views)\".")
public class SirtCommand extends IterativeCommand {

	@Parameter(label = "Iterations", min = "1", max = "10000", persist = false,
		description = "1 to 10000. More are sharper, and noisier once the noise is fitted; 50 to 200 is usual.")
	private int iterations = Sirt.DEFAULT_ITERATIONS;

	@Parameter(label = "Non-negative attenuation", persist = false,
		description = "Whether values below empty space are set to empty space.")
	private boolean nonnegative = true;

	@Override
	protected String method() {
		return Sirt.NAME;
	}

	@Override
	protected Reconstructor reconstructor() {
		return new Sirt(iterations, nonnegative);
	}
}
