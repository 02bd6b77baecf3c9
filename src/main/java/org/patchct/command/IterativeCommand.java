package org.patchct.command;

import org.scijava.plugin.Parameter;

/** What the commands of iterative methods share. */
public abstract class IterativeCommand extends ReconstructCommand {

	@Parameter(label = "Plot the convergence", persist = false,
		description = "Plots after each iteration how far the projections of the volume are from the measured ones, " +
			"|Ax - y| / |y|; without a display they go to the table of results. Takes about one more projection in each.")
	private boolean plot;

	@Override
	protected final boolean plotted() {
		return plot;
	}
}
