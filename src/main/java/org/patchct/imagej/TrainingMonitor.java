package org.patchct.imagej;

import java.awt.Color;
import java.awt.GraphicsEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import ij.IJ;
import ij.gui.Plot;

import org.patchct.task.Eta;
import org.patchct.train.Validation;

/**
 * Shows how a training goes: its losses in a plot that grows, each validation and, after the first steps, the time that
 * it will take in the log. Without a display there is only the log.
 */
public final class TrainingMonitor {

	/** The first steps of a run are slow; the mean of those after them is steady enough for an estimate. */
	private static final int SKIPPED = 2, MEASURED = 5;

	/** Time between updates of the plot, ns. */
	private static final long UPDATE = 1_000_000_000L;

	/** When the curve has this many points, every second one is dropped. */
	private static final int MOST_POINTS = 2000;

	private final int total;

	private final boolean display = !GraphicsEnvironment.isHeadless();

	private final List<double[]> training = new ArrayList<>(), validation = new ArrayList<>();

	private int seen, every = 1;

	private long measuredFrom, drawn;

	private final LivePlot plot = new LivePlot();

	/** @param total steps of the training */
	public TrainingMonitor(final int total) {
		this.total = total;
	}

	/** Takes a step's number, from 1, and the running mean of the loss. */
	public void step(final int step, final double loss) {
		seen++;
		if (seen == SKIPPED) measuredFrom = System.nanoTime();
		if (seen == SKIPPED + MEASURED && step < total) {
			final double each = (System.nanoTime() - measuredFrom) / 1e9 / MEASURED;
			IJ.log(String.format(Locale.ROOT, "Training takes %.2g s a step: %s for the %d steps left", each, Eta.text(each *
				(total - step)), total - step));
		}
		if (!display) return;
		if (step % every == 0) training.add(new double[] { step, loss });
		if (training.size() > MOST_POINTS) {
			every *= 2;
			training.removeIf(point -> point[0] % every != 0);
		}
		final long now = System.nanoTime();
		if (now - drawn < UPDATE && step < total) return;
		drawn = now;
		draw();
	}

	/** Takes a validation. */
	public void validated(final Validation result) {
		IJ.log(result.toString());
		validation.add(new double[] { result.step(), result.loss() });
	}

	private void draw() {
		if (!plot.open() || training.isEmpty()) return;
		final Plot drawing = new Plot("CT Training Loss", "step", "mean squared error");
		drawing.setAxisYLog(true);
		drawing.setColor(Color.BLUE);
		drawing.add("line", column(training, 0), column(training, 1));
		drawing.setLabel(0, "training, running mean");
		if (!validation.isEmpty()) {
			drawing.setColor(Color.RED);
			drawing.add("connected circle", column(validation, 0), column(validation, 1));
			drawing.setLabel(1, "validation");
		}
		drawing.addLegend(null);
		plot.show(drawing);
	}

	private static double[] column(final List<double[]> points, final int index) {
		return points.stream().mapToDouble(point -> point[index]).toArray();
	}
}
