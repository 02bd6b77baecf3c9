package org.patchct.scan;

import java.util.ArrayList;
import java.util.List;

import org.patchct.task.Parallel;

/**
 * The axis of rotation in parallel beam from views that are half a turn apart: one is the mirror image of the other about
 * the axis (S. G. Azevedo et al., IEEE Transactions on Nuclear Science 37:1525, 1990). The mirror that leaves the least
 * squared difference of all such pairs is found among whole and half bins, where no value needs interpolation, and refined
 * by a parabola.
 */
public final class OppositeViews {

	/** Views count as opposite when they are this share of the step of the views, or less, from half a turn apart. */
	private static final double SAME = 0.05;

	/** Pairs that are compared, at most; beyond them only time is lost. */
	private static final int PAIRS = 32;

	/** Nearest to the detector's edges that the axis is sought, as a share of the bins. */
	private static final double MARGIN = 0.2;

	private OppositeViews() { }

	/**
	 * Position of the axis in bins.
	 *
	 * @param lineIntegrals bin u, row v at {@code [view][u + bins·v]}
	 * @param angles of the views, degrees, increasing
	 * @return NaN where no two views are half a turn apart
	 */
	public static double centre(final float[][] lineIntegrals, final int bins, final double[] angles) {
		final List<int[]> pairs = pairs(angles);
		if (pairs.isEmpty()) return Double.NaN;
		// The mirror about c takes bin u to 2c − u.
		final int first = (int) (2 * MARGIN * bins), count = (int) (2 * (1 - 2 * MARGIN) * bins) + 1;
		final double[] difference = new double[count];
		Parallel.loop(count, i -> difference[i] = difference(lineIntegrals, bins, pairs, first + i));
		return (first + Minimum.refined(difference)) / 2;
	}

	private static List<int[]> pairs(final double[] angles) {
		final List<int[]> pairs = new ArrayList<>();
		if (angles.length < 2) return pairs;
		final double tolerance = SAME * (angles[angles.length - 1] - angles[0]) / (angles.length - 1);
		for (int a = 0, b = 0; a < angles.length; a++) {
			while (b < angles.length && angles[b] < angles[a] + 180 - tolerance)
				b++;
			if (b < angles.length && angles[b] <= angles[a] + 180 + tolerance) pairs.add(new int[] { a, b });
		}
		final int stride = (pairs.size() + PAIRS - 1) / PAIRS;
		final List<int[]> some = new ArrayList<>();
		for (int i = 0; i < pairs.size(); i += stride)
			some.add(pairs.get(i));
		return some;
	}

	/** Squared difference of views and mirrored opposite views over their squares, in the bins that both cover. */
	private static double difference(final float[][] p, final int bins, final List<int[]> pairs, final int twiceCentre) {
		double difference = 0, energy = Double.MIN_NORMAL;
		for (final int[] pair : pairs) {
			final float[] view = p[pair[0]], opposite = p[pair[1]];
			for (int row = 0; row < view.length; row += bins)
				for (int u = Math.max(0, twiceCentre - bins + 1); u <= Math.min(bins - 1, twiceCentre); u++) {
					final double a = view[row + u], b = opposite[row + twiceCentre - u];
					difference += (a - b) * (a - b);
					energy += a * a + b * b;
				}
		}
		return difference / energy;
	}
}
