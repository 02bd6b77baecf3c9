package org.patchct.imagej;

import java.awt.GraphicsEnvironment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import ij.IJ;

import org.patchct.task.Eta;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;

/**
 * Shows a computation's progress in ImageJ's status and progress bar, with the time it still needs, and stops it on
 * Escape or on the caller's word. Without a display a line is logged now and then.
 */
public final class TaskProgress implements Progress {

	/** Time between updates of the bar, ns; ImageJ itself drops those closer than 90 ms. */
	private static final long BAR = 100_000_000L;

	/** Time between lines in the log of a run without a display, ns. */
	private static final long LOG = 20_000_000_000L;

	/** No estimate is given before this time, ns, and fraction have passed: it would be wild. */
	private static final long ESTIMATE_AFTER = 2_000_000_000L;

	private static final double ESTIMATE_FROM = 0.02;

	private final String title;

	private final BooleanSupplier stop;

	private final boolean display = !GraphicsEnvironment.isHeadless();

	private final long start = System.nanoTime();

	private final AtomicLong last = new AtomicLong(start);

	private final LiveSlice slice;

	/**
	 * Starts the clock, and forgets an Escape pressed before.
	 *
	 * @param title put before every message
	 * @param stop asked whether to cancel, besides the Escape key; called from any thread
	 */
	public TaskProgress(final String title, final BooleanSupplier stop) {
		this.title = title;
		this.stop = stop;
		slice = new LiveSlice("Preview of " + title, null, null);
		IJ.resetEscape();
	}

	@Override
	public void update(final String stage, final double done) {
		final long now = System.nanoTime(), before = last.get();
		if (now - before < (display ? BAR : LOG) || !last.compareAndSet(before, now)) return;
		final String line = title + ": " + stage + remaining(stage, now - start, done);
		if (display) {
			IJ.showStatus(line);
			IJ.showProgress(Math.min(done, 0.999));
		}
		else IJ.log(line);
	}

	@Override
	public boolean cancelled() {
		return IJ.escapePressed() || stop.getAsBoolean();
	}

	@Override
	public void iterated(final Iterate iterate) {
		slice.show(iterate);
	}

	/** Clears the bar and closes the preview, whose place the result takes. */
	public void close() {
		if (!display) return;
		slice.close();
		IJ.showProgress(1.0);
		IJ.showStatus("");
	}

	/** ", 3 min left", or nothing while an estimate would be a guess or the stage has its own. */
	static String remaining(final String stage, final long elapsed, final double done) {
		if (elapsed < ESTIMATE_AFTER || !(done >= ESTIMATE_FROM) || done >= 1 || stage.endsWith(" left")) return "";
		return ", " + Eta.text(elapsed / 1e9 * (1 - done) / done) + " left";
	}
}
