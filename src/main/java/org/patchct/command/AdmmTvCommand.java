package org.patchct.command;

import org.patchct.recon.AdmmTv;
import org.patchct.recon.Reconstructor;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Total-variation reconstruction. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT ADMM-TV...",
	headless = true,
	description = "Least squares with total variation in 3-D: the usual choice for few views without a learned prior. The " +
		"result is titled \"ADMM-TV of SCAN (N views)\".")
public class AdmmTvCommand extends IterativeCommand {

	@Parameter(label = "Total-variation weight (0: automatic)", min = "0", stepSize = "1e-4", persist = false,
		description = "0 or greater. More smooths more; 0 chooses one by the number of views, the size and the noise.")
	private double lambda = AdmmTv.Settings.DEFAULT.lambda();

	@Parameter(label = "Iterations", min = "1", max = "10000", persist = false,
		description = "1 to 10000 outer iterations of ADMM.")
	private int iterations = AdmmTv.Settings.DEFAULT.iterations();

	@Parameter(label = "Conjugate-gradient steps in each", min = "1", max = "1000", persist = false,
		description = "1 to 1000 inner steps of each outer iteration.")
	private int inner = AdmmTv.Settings.DEFAULT.cgIterations();

	@Parameter(label = "Non-negative attenuation", persist = false,
		description = "Whether values below empty space are forbidden.")
	private boolean nonnegative = AdmmTv.Settings.DEFAULT.nonNegative();

	@Override
	protected String method() {
		return AdmmTv.NAME;
	}

	@Override
	protected Reconstructor reconstructor() {
		return new AdmmTv(new AdmmTv.Settings(lambda, AdmmTv.Settings.DEFAULT.rho(), iterations, inner, nonnegative));
	}
}
