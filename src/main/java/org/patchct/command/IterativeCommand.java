package org.patchct.command;

import org.scijava.plugin.Parameter;

/** What the commands of iterative methods share. */
public abstract class IterativeCommand extends ReconstructCommand {

	static final String LABEL = "Plot the convergence", DESCRIPTION =
		"Plots after each iteration how far the projections of the volume are from the measured ones, |Ax - y| / |y|; " +
			"without a display they go to the table of results. Takes about one more projection in each.";

	@Parameter(label = LABEL, persist = false, description = DESCRIPTION)
	private boolean plot;

	@Override
	protected final boolean plotted() {
		return plot;
	}
}
