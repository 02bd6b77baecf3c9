package org.patchct.scan;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

import org.patchct.task.Parallel;

/**
 * The axis of rotation from rays that run along the same line in opposite directions. In parallel beam, a view is the
 * mirror image about the axis of the one half a turn later (S. G. Azevedo et al., IEEE Transactions on Nuclear Science
 * 37:1525, 1990). In a fan, the ray at the fan angle γ of the view at θ has its opposite at −γ of the view at θ + 180° + 2γ
 * (Kak and Slaney, Principles of Computerized Tomographic Imaging, 1988, eq. 3.142), which a full turn measures. A view
 * that was not measured is interpolated between its neighbours; where a parallel scan ends a step before the half turn,
 * these are the last view and the mirrored second one. The mirror that leaves the least squared difference is found among
 * whole and half bins, where no value needs interpolation along the detector, and refined by a parabola.
 */
public final class OppositeViews {

	/** Views that are compared with their opposites, at most; beyond them only time is lost. */
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

	private final float[][] p;

	private final int bins;

	private final double[] angles;

	private final BeamSettings beam;

	/** Mean step of the views, degrees. */
	private final double step;

	private OppositeViews(final float[][] p, final int bins, final double[] angles, final BeamSettings beam) {
		this.p = p;
		this.bins = bins;
		this.angles = angles;
		this.beam = beam;
		step = (angles[angles.length - 1] - angles[0]) / (angles.length - 1);
	}

	/**
	 * Position of the axis in bins.
	 *
	 * @param lineIntegrals bin u, row v at {@code [view][u + bins·v]}
	 * @param angles of the views, degrees, increasing
	 * @param beam parallel or fan, with bins of the size that they have here
	 * @return NaN where no two views are opposite, or none are mirror images
	 */
	public static double centre(final float[][] lineIntegrals, final int bins, final double[] angles,
		final BeamSettings beam)
	{
		if (angles.length < 3) return Double.NaN;
		return new OppositeViews(lineIntegrals, bins, angles, beam).centre();
	}

	private double centre() {
		final DoubleUnaryOperator difference = difference();
		if (difference == null) return Double.NaN;
		// The mirror about c takes bin u to 2c − u.
		final int first = (int) (2 * MARGIN * bins), count = (int) (2 * (1 - 2 * MARGIN) * bins) + 1;
		final double[] differences = new double[count];
		Parallel.loop(count, i -> differences[i] = difference.applyAsDouble(first + i));
		final double[] sorted = differences.clone();
		Arrays.sort(sorted);
		return sorted[0] < MATCH * sorted[count / 2] ? (first + Minimum.refined(differences)) / 2 : Double.NaN;
	}

	/** What is least at twice the axis, or null where nothing is measured from opposite sides. */
	private DoubleUnaryOperator difference() {
		final int last = angles.length - 1;
		final double range = angles[last] - angles[0];
		final boolean fullTurn = range + GAP * step >= 360;
		if (beam.beam() != Beam.PARALLEL) return fullTurn ? this::ofRays : null;
		if (range >= 180) return this::ofRays;
		return range + GAP * step >= 180 ? this::ofSeam : null;
	}

	/** Squared difference of rays and their opposites over their squares, in the bins that both cover. */
	private double ofRays(final double twiceCentre) {
		final Ratio ratio = new Ratio();
		final int stride = (p.length + PAIRS - 1) / PAIRS;
		for (int u = Math.max(0, (int) twiceCentre - bins + 1); u <= Math.min(bins - 1, (int) twiceCentre); u++) {
			final int mirrored = (int) twiceCentre - u;
			final double turn = 180 + 2 * Math.toDegrees(beam.fanAngle(u - twiceCentre / 2));
			for (int view = 0; view < p.length; view += stride) {
				final double at = place(angles[view] + turn);
				if (Double.isNaN(at)) continue;
				final int before = (int) at, after = Math.min(before + 1, p.length - 1);
				final double weight = at - before;
				for (int row = 0; row < p[view].length; row += bins)
					ratio.add(p[view][row + u], (1 - weight) * p[before][row + mirrored] + weight * p[after][row + mirrored]);
			}
		}
		return ratio.value();
	}

	/** The same for the view half a turn after the first, which the last view and the second one's mirror frame. */
	private double ofSeam(final double twiceCentre) {
		final Ratio ratio = new Ratio();
		final float[] first = p[0], second = p[1], last = p[p.length - 1];
		final double end = angles[p.length - 1], weight = (angles[0] + 180 - end) / (angles[1] + 180 - end);
		for (int u = Math.max(0, (int) twiceCentre - bins + 1); u <= Math.min(bins - 1, (int) twiceCentre); u++) {
			final int mirrored = (int) twiceCentre - u;
			for (int row = 0; row < first.length; row += bins)
				ratio.add((1 - weight) * last[row + u], first[row + mirrored] - weight * second[row + mirrored]);
		}
		return ratio.value();
	}

	/** Index of the view at an angle, with its fraction between two; NaN where none was measured near it. */
	private double place(final double degrees) {
		final double angle = angles[0] + ((degrees - angles[0]) % 360 + 360) % 360;
		final int found = Arrays.binarySearch(angles, angle);
		if (found >= 0) return found;
		final int after = -found - 1;
		// Rounding must not cost the last view.
		if (after == angles.length) return angle - angles[after - 1] < 1e-3 * step ? after - 1 : Double.NaN;
		final double gap = angles[after] - angles[after - 1];
		return gap < GAP * step ? after - 1 + (angle - angles[after - 1]) / gap : Double.NaN;
	}

	/** Sum of squared differences over sum of squares. */
	private static final class Ratio {

		private double difference, energy = Double.MIN_NORMAL;

		void add(final double a, final double b) {
			difference += (a - b) * (a - b);
			energy += a * a + b * b;
		}

		/** No rays in common are no match. */
		double value() {
			return energy > Double.MIN_NORMAL ? difference / energy : 1;
		}
	}
}
