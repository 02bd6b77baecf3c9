package org.patchct.imagej;

import ij.gui.Plot;
import ij.gui.PlotWindow;

/** A plot that is drawn anew while its window is open. */
final class LivePlot {

	private PlotWindow window;

	/** Whether there is use in drawing: the user may close the plot without stopping what it shows. */
	boolean open() {
		return window == null || window.isVisible();
	}

	void show(final Plot plot) {
		plot.setLimitsToFit(false);
		if (window == null) window = plot.show();
		else window.drawPlot(plot);
	}
}
