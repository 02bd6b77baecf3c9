package org.patchct.task;

import java.util.Locale;

/** Turns the steps of a long loop into progress messages with the time that is left. */
public final class Eta {

	private final Progress progress;

	private final long start = System.nanoTime();

	public Eta(final Progress progress) {
		this.progress = progress;
	}

	/** Reports that {@code done} of {@code total} equal steps are done: "Step 3 of 20, 2 min left". */
	public void step(final String noun, final int done, final int total) {
		final double seconds = (System.nanoTime() - start) * 1e-9;
		final String left = done == 0 ? "" : ", " + text(seconds / done * (total - done)) + " left";
		progress.update(noun + " " + Math.min(done + 1, total) + " of " + total + left, (double) done / total);
	}

	/** A duration as people say it: "40 s", "3 min", "1 h 20 min". */
	public static String text(final double seconds) {
		if (seconds < 99.5) return String.format(Locale.ROOT, "%.0f s", seconds);
		final long minutes = Math.round(seconds / 60);
		if (minutes < 100) return minutes + " min";
		return minutes / 60 + " h " + minutes % 60 + " min";
	}
}
