package org.patchct.recon;

import org.patchct.scan.Binning;
import org.patchct.scan.Minimum;
import org.patchct.task.Progress;
import org.patchct.volume.Layouts;

/**
 * The axis of rotation where slices come out best: the integral of the absolute value of a slice is least for the true
 * axis, since every other one adds streaks that are as much negative as positive (T. Donath, F. Beckmann and A. Schreyer,
 * Automated determination of the center of rotation in tomography data, JOSA A 23:1048, 2006, metric Q_IA). Needs no view
 * opposite to another and works in every geometry. The search goes from a coarse detector to the true one.
 */
final class CentreSearch {

	/** The axis is sought this share of the bins from either end of the detector. */
	private static final double MARGIN = 0.3;

	/** Bins that the coarsest detector has, at least. */
	private static final int COARSE = 64;

	/** Pixels along the side of a trial slice, at most: a finer slice is judged by a part of its points. */
	private static final int SIDE = 192;

	/** Rows and views that take part, at most; they change the metric's noise, not its minimum. */
	private static final int ROWS = 2, VIEWS = 360;

	/** Bins to either side of the last level's best where the axis is sought. */
	private static final int REACH = 3;

	private CentreSearch() { }

	/** Position of the axis in bins. */
	static double centre(final TrialSlices slices, final Progress progress) {
		final int bins = slices.binning().bins();
		int factor = 1, level = 0;
		while (bins / (2 * factor) >= COARSE)
			factor *= 2;
		final int levels = Integer.numberOfTrailingZeros(factor) + 2;
		TrialSlices part = slices.reduced(ROWS, VIEWS, factor);
		double first = Math.ceil(MARGIN * part.binning().bins());
		final int count = (int) ((1 - 2 * MARGIN) * part.binning().bins()) + 1;
		double best = part.binning().original(first + Minimum.refined(excess(part, first, count, progress)));
		for (;; factor /= 2) {
			progress.checkCancelled();
			progress.update("Finding the axis of rotation", (double) ++level / levels);
			part = slices.reduced(ROWS, VIEWS, factor);
			first = Math.rint(part.binning().joined(best)) - REACH;
			best = part.binning().original(first + Minimum.refined(halves(excess(part, first, 2 * REACH + 1, progress),
				excess(part, first + 0.5, 2 * REACH, progress))) / 2);
			if (factor == 1) return best;
		}
	}

	/** Samples at whole and half positions, in turn. */
	private static double[] halves(final double[] whole, final double[] half) {
		final double[] all = new double[whole.length + half.length];
		for (int i = 0; i < all.length; i++)
			all[i] = i % 2 == 0 ? whole[i / 2] : half[i / 2];
		return all;
	}

	/**
	 * For axes at {@code first}, {@code first} + 1, …, the integral of the absolute value over that of the value, in the disc
	 * that the detector sees for every axis of the search. Another axis is the same as another detector position, so copies
	 * of the scan, each moved by a bin, are reconstructed at once.
	 */
	private static double[] excess(final TrialSlices slices, final double first, final int count,
		final Progress progress)
	{
		final Binning narrow = slices.binning();
		final int bins = narrow.bins(), rows = narrow.rows(), pad = (count + 1) / 2, wide = bins + 2 * pad;
		final float[][] copies = new float[slices.radiographs().length][count * rows * wide];
		for (int view = 0; view < copies.length; view++)
			for (int row = 0; row < count * rows; row++)
				System.arraycopy(slices.radiographs()[view], row % rows * bins, copies[view], row * wide + pad + count / 2 - row /
					rows, bins);
		final TrialSlices moved = new TrialSlices(slices.beam(), copies, new Binning(narrow.factor(), narrow.rowFactor(),
			wide, count * rows), slices.angles());
		final double pitch = slices.beam().pixel() * narrow.factor() * slices.beam().atAxis();
		final int n = Math.min(SIDE, bins);
		final float[][] planes = Layouts.planes(moved.reconstruct(first + pad + count / 2, n, 2 * MARGIN * bins * pitch,
			progress));
		final double[] absolute = new double[count], sum = new double[count], excess = new double[count];
		for (int k = 0; k < planes.length; k++)
			for (int i = 0; i < n * n; i++) {
				final double x = i % n - (n - 1) / 2.0, y = i / n - (n - 1) / 2.0;
				if (4 * (x * x + y * y) > n * n) continue;
				absolute[k / rows] += Math.abs(planes[k][i]);
				sum[k / rows] += planes[k][i];
			}
		for (int i = 0; i < count; i++)
			excess[i] = sum[i] > 0 ? absolute[i] / sum[i] : Double.POSITIVE_INFINITY;
		return excess;
	}
}
