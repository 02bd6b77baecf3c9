package org.patchct.recon;

import java.util.stream.IntStream;

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
	private static final int SIDE = 256;

	/** Rows and views that take part, at most; they change the metric's noise, not its minimum. */
	private static final int ROWS = 4, VIEWS = 360;

	/** Candidates to either side of the last level's best, and their distance in bins of the level. */
	private static final int REACH = 6;

	private static final double STEP = 0.5;

	private CentreSearch() { }

	/** Position of the axis in bins. */
	static double centre(final TrialSlices slices, final Progress progress) {
		final int bins = slices.binning().bins();
		int factor = 1;
		while (bins / (2 * factor) >= COARSE)
			factor *= 2;
		final int levels = Integer.numberOfTrailingZeros(factor) + 1;
		double first = Math.ceil(MARGIN * (bins / factor)), step = 1;
		int count = (int) ((1 - 2 * MARGIN) * (bins / factor)) + 1;
		for (int level = 0;; level++, factor /= 2) {
			final TrialSlices part = slices.reduced(ROWS, VIEWS, factor);
			final double[] candidates = new double[count];
			final double firstOfLevel = first, stepOfLevel = step;
			final double[] centres = IntStream.range(0, count).mapToDouble(i -> firstOfLevel + i * stepOfLevel).toArray();
			for (int i = 0; i < count; i++) {
				progress.checkCancelled();
				progress.update("Finding the axis of rotation", (level + (double) i / count) / levels);
				candidates[i] = excess(part, centres[i]);
			}
			final double best = part.binning().original(first + step * Minimum.refined(candidates));
			if (factor == 1) return best;
			step = STEP;
			count = 2 * REACH + 1;
			first = Math.rint(2 * ((best + 0.5) / (factor / 2) - 0.5)) / 2 - REACH * STEP;
		}
	}

	/** Integral of the absolute value over that of the value, in the disc that the detector sees for every candidate. */
	private static double excess(final TrialSlices slices, final double centre) {
		final int bins = slices.binning().bins(), n = Math.min(SIDE, bins);
		final double pitch = slices.beam().pixel() * slices.binning().factor() * slices.beam().atAxis();
		double absolute = 0, sum = 0;
		for (final float[] plane : Layouts.planes(slices.reconstruct(centre, n, 2 * MARGIN * bins * pitch)))
			for (int i = 0; i < plane.length; i++) {
				final double x = i % n - (n - 1) / 2.0, y = i / n - (n - 1) / 2.0;
				if (4 * (x * x + y * y) > n * n) continue;
				absolute += Math.abs(plane[i]);
				sum += plane[i];
			}
		return sum > 0 ? absolute / sum : Double.POSITIVE_INFINITY;
	}
}
