package org.patchct.imagej;

import java.awt.Color;
import java.awt.GraphicsEnvironment;
import java.util.ArrayList;
import java.util.List;

import ij.gui.Plot;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.scan.Projections;
import org.patchct.task.ForwardingProgress;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;

/**
 * Watches the iterations of a reconstruction: shows the middle slice, plots how far the projections of the iterate are
 * from the measured ones if that is asked for, and keeps the last iterate of a run that is cancelled.
 */
public final class IterationMonitor extends ForwardingProgress implements AutoCloseable {

	/** Columns of the table. */
	public static final String ITERATION = "iteration", RESIDUAL = "residual";

	/** Time between drawings of the plot, ns. */
	private static final long UPDATE = 1_000_000_000L;

	/**
	 * What a cancelled run leaves.
	 *
	 * @param volume in the units of the result
	 * @param number its iteration, from 1
	 * @param total iterations that there would have been
	 */
	public record Last(Img<FloatType> volume, int number, int total) { }

	private final String title;

	private final LiveSlice slice;

	private final boolean plotted;

	private final List<double[]> residuals = new ArrayList<>();

	private final LivePlot plot = new LivePlot();

	private long drawn;

	private volatile boolean cancelled;

	private Last last;

	/**
	 * @param progress told everything but the iterates
	 * @param title of the result, for the titles of windows
	 * @param plotted whether to plot the residuals, or without a display to put them into ImageJ's table of results; each
	 *          takes about a projection
	 */
	public IterationMonitor(final Progress progress, final String title, final Projections scan, final boolean plotted) {
		super(progress);
		this.title = title;
		this.plotted = plotted;
		slice = new LiveSlice("Preview of " + title, scan.grid(), scan.intensity());
	}

	@Override
	public boolean cancelled() {
		if (super.cancelled()) cancelled = true;
		return cancelled;
	}

	@Override
	public void iterated(final Iterate iterate) {
		if (cancelled()) last = new Last(iterate.volume().get(), iterate.number(), iterate.total());
		else {
			slice.show(iterate);
			if (plotted) plot(iterate);
		}
	}

	/** The last iterate if the run was cancelled after one; else null. */
	public Last last() {
		return last;
	}

	private void plot(final Iterate iterate) {
		final double residual = iterate.residual().getAsDouble();
		if (Double.isNaN(residual)) return;
		residuals.add(new double[] { iterate.number(), residual });
		final long now = System.nanoTime();
		if (now - drawn < UPDATE && iterate.number() < iterate.total()) return;
		drawn = now;
		draw();
	}

	private void draw() {
		if (GraphicsEnvironment.isHeadless() || residuals.isEmpty() || !plot.open()) return;
		final Plot drawing = new Plot("Convergence of " + title, "iteration", "|Ax - y| / |y|");
		drawing.setAxisYLog(true);
		drawing.setColor(Color.BLUE);
		drawing.add("connected circle", column(0), column(1));
		plot.show(drawing);
	}

	private double[] column(final int index) {
		return residuals.stream().mapToDouble(point -> point[index]).toArray();
	}

	/** Closes the window of the slice, and finishes the plot or fills the table. */
	@Override
	public void close() {
		slice.close();
		draw();
		if (GraphicsEnvironment.isHeadless() && plotted) Tables.show(Tables.of(List.of(ITERATION, RESIDUAL), List.of(column(0),
			column(1))), title);
	}
}
