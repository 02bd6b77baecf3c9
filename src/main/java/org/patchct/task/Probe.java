package org.patchct.task;

/** Measures how long work takes on this machine as it is at this moment. */
public final class Probe {

	/** Short work is repeated for this time, s: the first calls run before HotSpot has compiled them. */
	private static final double REPEATED = 0.4;

	/** A first call that takes this long, s, is long enough for the compiler to be beside the point. */
	private static final double LONG = 5;

	private Probe() { }

	/**
	 * Seconds that a call takes: the least of those after the first, since the others wait for the compiler.
	 *
	 * @param work must have ended when it returns, also on a GPU
	 * @throws CancelledException if the user cancelled, asked after each call
	 */
	public static double seconds(final Progress progress, final Runnable work) {
		final double first = call(progress, work);
		if (first > LONG) return first;
		double least = Double.POSITIVE_INFINITY;
		for (double sum = first; least == Double.POSITIVE_INFINITY || sum < REPEATED;) {
			final double seconds = call(progress, work);
			least = Math.min(least, seconds);
			sum += seconds;
		}
		return least;
	}

	private static double call(final Progress progress, final Runnable work) {
		final long start = System.nanoTime();
		work.run();
		progress.checkCancelled();
		return (System.nanoTime() - start) * 1e-9;
	}
}
