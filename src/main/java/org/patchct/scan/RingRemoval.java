package org.patchct.scan;

import java.util.Arrays;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;

/**
 * Ring removal by sorting (N. T. Vo, R. C. Atwood and M. Drakopoulos, Superior techniques for eliminating ring artifacts
 * in X-ray micro-tomography, Optics Express 26:28396, 2018, algorithm 3): the values of each bin are sorted over the
 * views, a median is taken across bins of the same rank, and the values go back to the views they came from. Sorted, the
 * object varies smoothly from bin to bin and a pixel of another gain is a stripe that the median takes away; features of
 * the object, which wander over the bins, stay.
 */
public final class RingRemoval {

	/** The authors' width of the median for stripes of a few bins. */
	public static final int USUAL_WIDTH = 21;

	private RingRemoval() { }

	/**
	 * Removes stripes of the sinograms, in place.
	 *
	 * @param radiographs line integrals of bin u, row v at {@code [view][u + bins·v]}
	 * @param width bins that the median is taken over; stripes of less than half of it go
	 * @throws InvalidInputException if the width is not at least 3
	 */
	public static void remove(final float[][] radiographs, final int bins, final int width, final Progress progress) {
		requireWidth(width);
		final int rows = radiographs[0].length / bins;
		final int chunk = Parallel.threads();
		for (int start = 0; start < rows; start += chunk) {
			progress.checkCancelled();
			progress.update("Removing rings", (double) start / rows);
			final int first = start;
			Parallel.loop(Math.min(chunk, rows - start), n -> removeRow(radiographs, bins, first + n, width / 2));
		}
	}

	/** @throws InvalidInputException if the width is not at least 3 */
	public static void requireWidth(final int width) {
		if (width < 3) throw new InvalidInputException("Width of ring removal " + width +
			" bins: it must be at least 3, and more than twice the widest ring; " + USUAL_WIDTH + " is usual.");
	}

	private static void removeRow(final float[][] radiographs, final int bins, final int row, final int reach) {
		final int views = radiographs.length, offset = bins * row;
		final float[][] sorted = new float[bins][];
		final int[][] ranked = new int[bins][];
		for (int u = 0; u < bins; u++) {
			final long[] keys = new long[views];
			for (int view = 0; view < views; view++)
				keys[view] = (long) ordered(radiographs[view][offset + u]) << 32 | view;
			Arrays.sort(keys);
			sorted[u] = new float[views];
			ranked[u] = new int[views];
			for (int rank = 0; rank < views; rank++) {
				ranked[u][rank] = (int) keys[rank];
				sorted[u][rank] = radiographs[(int) keys[rank]][offset + u];
			}
		}
		final float[] window = new float[2 * reach + 1];
		for (int rank = 0; rank < views; rank++) {
			for (int n = -reach; n <= reach; n++)
				window[n + reach] = sorted[mirrored(n, bins)][rank];
			Arrays.sort(window);
			for (int u = 0; u < bins; u++) {
				radiographs[ranked[u][rank]][offset + u] = window[reach];
				replace(window, sorted[mirrored(u - reach, bins)][rank], sorted[mirrored(u + 1 + reach, bins)][rank]);
			}
		}
	}

	/** A bin's index, mirrored at the ends of the detector. */
	private static int mirrored(final int u, final int bins) {
		return Math.min(bins - 1, Math.abs(u < bins ? u : 2 * (bins - 1) - u));
	}

	/** Replaces a value in an increasing window, which stays increasing. */
	private static void replace(final float[] window, final float old, final float by) {
		final int from = Arrays.binarySearch(window, old), found = Arrays.binarySearch(window, by);
		final int to = found < 0 ? -found - 1 : found;
		if (to > from) {
			System.arraycopy(window, from + 1, window, from, to - 1 - from);
			window[to - 1] = by;
		}
		else {
			System.arraycopy(window, to, window, to + 1, from - to);
			window[to] = by;
		}
	}

	/** An integer in the order of the numbers. */
	private static int ordered(final float value) {
		final int bits = Float.floatToIntBits(value);
		return bits ^ bits >> 31 & Integer.MAX_VALUE;
	}
}
