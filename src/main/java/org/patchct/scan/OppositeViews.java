package org.patchct.scan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.patchct.task.Parallel;

/**
 * The axis of rotation in parallel beam from views that are half a turn apart: one is the mirror image of the other about
 * the axis (S. G. Azevedo et al., IEEE Transactions on Nuclear Science 37:1525, 1990). A view that was not measured is
 * interpolated between its neighbours; where the scan ends a step before the half turn, the last view and the mirrored
 * second one are the neighbours of the mirrored first. The mirror that leaves the least squared difference is found among
 * whole and half bins, where no value needs interpolation along the detector, and refined by a parabola.
 */
public final class OppositeViews {

	/** Pairs that are compared, at most; beyond them only time is lost. */
	private static final int PAIRS = 32;

	/** Nearest to the detector's edges that the axis is sought, as a share of the bins. */
	private static final double MARGIN = 0.2;

	/** Steps of the views that may be missing to half a turn, and from view to view where one is interpolated. */
	private static final double GAP = 1.5;

	/**
	 * The best mirror's difference over the median one's, at most, or views are no mirror images: it is below 0.01 for the
	 * synchrotron scan of a tooth and 0.6 for one of dendrites that outgrow the detector.
	 */
	private static final double MATCH = 0.1;

	/** Values that equal each other after mirroring. */
	private record Pair(float[] view, float[] opposite) { }

	private OppositeViews() { }

	/**
	 * Position of the axis in bins.
	 *
	 * @param lineIntegrals bin u, row v at {@code [view][u + bins·v]}
	 * @param angles of the views, degrees, increasing
	 * @return NaN where no two views are half a turn apart, or none are mirror images
	 */
	public static double centre(final float[][] lineIntegrals, final int bins, final double[] angles) {
		final List<Pair> pairs = pairs(lineIntegrals, angles);
		if (pairs.isEmpty()) return Double.NaN;
		// The mirror about c takes bin u to 2c − u.
		final int first = (int) (2 * MARGIN * bins), count = (int) (2 * (1 - 2 * MARGIN) * bins) + 1;
		final double[] difference = new double[count];
		Parallel.loop(count, i -> difference[i] = difference(pairs, bins, first + i));
		final double[] sorted = difference.clone();
		Arrays.sort(sorted);
		return sorted[0] < MATCH * sorted[count / 2] ? (first + Minimum.refined(difference)) / 2 : Double.NaN;
	}

	private static List<Pair> pairs(final float[][] p, final double[] angles) {
		final List<Pair> pairs = new ArrayList<>();
		final int last = angles.length - 1;
		if (last < 2) return pairs;
		final double step = (angles[last] - angles[0]) / last;
		int opposed = 0;
		while (opposed < last && angles[opposed + 1] + 180 <= angles[last])
			opposed++;
		final int stride = opposed / PAIRS + 1;
		for (int a = 0, b = 0; a <= opposed; a += stride) {
			final double opposite = angles[a] + 180;
			while (b < last && angles[b + 1] <= opposite)
				b++;
			if (b < last && angles[b + 1] - angles[b] < GAP * step) pairs.add(new Pair(p[a], combined(p[b], p[b + 1],
				(opposite - angles[b]) / (angles[b + 1] - angles[b]))));
			else if (Math.abs(opposite - angles[b]) < 1e-3 * step) pairs.add(new Pair(p[a], p[b]));
		}
		final double gap = (angles[0] + 180 - angles[last]) / step;
		if (pairs.isEmpty() && gap > 0 && gap < GAP) {
			final double weight = (angles[0] + 180 - angles[last]) / (angles[1] + 180 - angles[last]);
			final float[] missing = new float[p[0].length], measured = new float[p[0].length];
			for (int i = 0; i < missing.length; i++) {
				measured[i] = (float) ((1 - weight) * p[last][i]);
				missing[i] = (float) (p[0][i] - weight * p[1][i]);
			}
			pairs.add(new Pair(measured, missing));
		}
		return pairs;
	}

	private static float[] combined(final float[] a, final float[] b, final double weight) {
		final float[] sum = new float[a.length];
		for (int i = 0; i < sum.length; i++)
			sum[i] = (float) ((1 - weight) * a[i] + weight * b[i]);
		return sum;
	}

	/** Squared difference of views and mirrored opposite views over their squares, in the bins that both cover. */
	private static double difference(final List<Pair> pairs, final int bins, final int twiceCentre) {
		double difference = 0, energy = Double.MIN_NORMAL;
		for (final Pair pair : pairs)
			for (int row = 0; row < pair.view.length; row += bins)
				for (int u = Math.max(0, twiceCentre - bins + 1); u <= Math.min(bins - 1, twiceCentre); u++) {
					final double a = pair.view[row + u], b = pair.opposite[row + twiceCentre - u];
					difference += (a - b) * (a - b);
					energy += a * a + b * b;
				}
		return difference / energy;
	}
}
