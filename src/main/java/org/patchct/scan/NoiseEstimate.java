package org.patchct.scan;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

import org.patchct.volume.Columns;

/**
 * The noise of a scan, judged by its line integrals alone, so that measured scans need no record of their photons.
 * <p>
 * A second difference along the detector of one along its rows leaves little of an object but all of the noise (J.
 * Immerkær, Computer Vision and Image Understanding 64:300, 1996). In photon counting a line integral p has the variance
 * e^p / I0, so the differences are divided by e^(p/2) before their spread is taken, which then is 1/√I0 everywhere. The
 * median keeps edges from counting.
 * </p>
 */
public final class NoiseEstimate {

	/** Differences that the median is taken of, at most; a tenth of a percent of error is far more than is needed. */
	private static final int SAMPLES = 1_000_000;

	/** Rays through less than this share of the thickest part may pass the object by. */
	private static final double THIN = 0.1;

	/** Median of the absolute value of a standard Gaussian. */
	private static final double MEDIAN = 0.67449;

	/** e to this is the largest power that is finite; no ray that was measured is so weak. */
	private static final double OPAQUE = 700;

	private NoiseEstimate() { }

	/**
	 * Photons that an unobstructed bin counts.
	 *
	 * @param lineIntegrals column (bin, view), indexed by detector row
	 * @return I0; infinite where no noise can be told, that is without noise and for detectors of less than 5 bins
	 */
	public static double photons(final Columns lineIntegrals) {
		final int nu = lineIntegrals.nx(), views = lineIntegrals.ny(), rows = lineIntegrals.nz();
		if (nu < 5) return Double.POSITIVE_INFINITY;
		final boolean flat = rows < 3;
		final int border = flat ? 2 : 1, rowsUsed = flat ? rows : rows - 2;
		final double thin = thinnest(lineIntegrals);
		final long candidates = (long) (nu - 2 * border) * views * rowsUsed;
		final int stride = (int) Math.max(1, candidates / SAMPLES);
		final float[] spread = new float[(int) (candidates / stride + 1)];
		int count = 0;
		for (long i = 0; i < candidates; i += stride) {
			final int v = (int) (i % rowsUsed) + (flat ? 0 : 1);
			final int u = (int) (i / rowsUsed % (nu - 2 * border)) + border, view = (int) (i / rowsUsed / (nu - 2 * border));
			final double mean = flat ? mean(lineIntegrals, u, view, v, 2, 0) : mean(lineIntegrals, u, view, v, 1, 1);
			if (mean < thin) continue;
			final double difference = flat ? fourth(lineIntegrals, u, view, v) : mixed(lineIntegrals, u, view, v);
			spread[count++] = (float) (Math.abs(difference) * Math.exp(-mean / 2));
		}
		if (count == 0) return Double.POSITIVE_INFINITY;
		Arrays.sort(spread, 0, count);
		final double deviation = spread[count / 2] / MEDIAN;
		return 1 / (deviation * deviation);
	}

	/**
	 * Mean variance of the line integrals through the object; a bin counts at least {@link NoiseModel#MIN_COUNT}.
	 *
	 * @param lineIntegrals column (bin, view), indexed by detector row
	 * @param photons I0, may be infinite
	 */
	public static double variance(final Columns lineIntegrals, final double photons) {
		return mean(lineIntegrals, p -> Math.min(1 / NoiseModel.MIN_COUNT, Math.exp(Math.min(p, OPAQUE)) / photons));
	}

	/**
	 * Square roots of the statistical weights e^−p, the inverse of the variance up to a factor: line integrals times these
	 * have the same variance everywhere, {@link #whiteVariance}. The weights' mean over the rays through the object is 1.
	 *
	 * @param lineIntegrals column (bin, view), indexed by detector row; not changed
	 */
	public static Columns rootWeights(final Columns lineIntegrals) {
		final float scale = (float) (1 / Math.sqrt(meanTransmission(lineIntegrals)));
		final Columns roots = lineIntegrals.copy();
		roots.forColumns(i -> {
			final float[] column = roots.data()[i];
			for (int v = 0; v < column.length; v++)
				column[v] = scale * (float) Math.exp(-Math.max(0, column[v]) / 2);
		});
		return roots;
	}

	/** Variance of line integrals times their {@link #rootWeights}. */
	public static double whiteVariance(final Columns lineIntegrals, final double photons) {
		return 1 / (meanTransmission(lineIntegrals) * photons);
	}

	/** Mean of e^−p over the rays through the object. */
	private static double meanTransmission(final Columns lineIntegrals) {
		return mean(lineIntegrals, p -> Math.exp(-p));
	}

	/** Mean over the rays through the object. */
	private static double mean(final Columns lineIntegrals, final DoubleUnaryOperator function) {
		final double thin = thinnest(lineIntegrals);
		double sum = 0;
		long count = 0;
		for (final float[] column : lineIntegrals.data())
			for (final float p : column)
				if (p >= thin) {
					sum += function.applyAsDouble(p);
					count++;
				}
		return sum / count;
	}

	/** Least line integral of the rays that count as through the object; without an object all of them do. */
	private static double thinnest(final Columns lineIntegrals) {
		float largest = 0;
		for (final float[] column : lineIntegrals.data())
			for (final float p : column)
				largest = Math.max(largest, p);
		return largest == 0 ? Double.NEGATIVE_INFINITY : THIN * largest;
	}

	private static double mean(final Columns p, final int u, final int view, final int v, final int du, final int dv) {
		double sum = 0;
		for (int j = -du; j <= du; j++)
			for (int k = -dv; k <= dv; k++)
				sum += p.column(u + j, view)[v + k];
		return sum / ((2 * du + 1) * (2 * dv + 1));
	}

	/** [1 −2 1] ⊗ [1 −2 1], of gain 1 for white noise: the squares of the weights sum to 6². */
	private static double mixed(final Columns p, final int u, final int view, final int v) {
		return (second(p.column(u - 1, view), v) - 2 * second(p.column(u, view), v) + second(p.column(u + 1, view), v)) / 6;
	}

	private static double second(final float[] column, final int v) {
		return (double) column[v - 1] - 2 * column[v] + column[v + 1];
	}

	/** [1 −4 6 −4 1] along the detector, for single rows; the squares of the weights sum to 70. */
	private static double fourth(final Columns p, final int u, final int view, final int v) {
		return (p.column(u - 2, view)[v] - 4 * p.column(u - 1, view)[v] + 6 * p.column(u, view)[v] - 4 * p.column(u + 1,
			view)[v] + p.column(u + 2, view)[v]) / Math.sqrt(70);
	}
}
