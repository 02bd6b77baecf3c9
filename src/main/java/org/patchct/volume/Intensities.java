package org.patchct.volume;

import java.util.Locale;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;

/** What can be told about an image from its values alone: their range, and whether they are Hounsfield units. */
public final class Intensities {

	/**
	 * Files seldom say that their values are Hounsfield units. Air is −1000 HU and any scan of a body holds some, while
	 * nothing else that scanners and converters write is that far below zero; the margin allows for resampled and
	 * denoised volumes.
	 */
	public static final double HOUNSFIELD_MINIMUM = -500;

	/** Share of voxels left out at either end of a grey range, so that a few hot or dead voxels do not set it. */
	private static final double TAIL = 0.001;

	private static final int BINS = 4096;

	private Intensities() { }

	/** Smallest and largest value of an image. */
	public record Range(double min, double max) { }

	/**
	 * The range of an image's values.
	 *
	 * @param name what to call the image in the message
	 * @throws InvalidInputException if a voxel is NaN or infinite
	 */
	public static Range range(final String name, final Img<FloatType> img) {
		final float[][] planes = Layouts.planes(img);
		final float[] mins = new float[planes.length], maxs = new float[planes.length];
		final long[] bad = new long[planes.length];
		Parallel.loop(planes.length, k -> {
			float min = Float.POSITIVE_INFINITY, max = Float.NEGATIVE_INFINITY;
			long count = 0;
			for (final float v : planes[k]) {
				// The difference is NaN for NaN and for both infinities.
				if (v - v != 0) count++;
				min = Math.min(min, v);
				max = Math.max(max, v);
			}
			mins[k] = min;
			maxs[k] = max;
			bad[k] = count;
		});
		double min = Double.POSITIVE_INFINITY, max = Double.NEGATIVE_INFINITY;
		long count = 0;
		int first = -1;
		for (int k = 0; k < planes.length; k++) {
			min = Math.min(min, mins[k]);
			max = Math.max(max, maxs[k]);
			count += bad[k];
			if (first < 0 && bad[k] > 0) first = k;
		}
		if (count > 0) throw new InvalidInputException(notFinite(name, count, first + 1));
		return new Range(min, max);
	}

	/** The message for {@code count} NaN or infinite values, the first of them in slice {@code slice} (from 1). */
	public static String notFinite(final String name, final long count, final int slice) {
		return "\"" + name + "\" holds " + count + " NaN or infinite value" + (count == 1 ? "" : "s") + ", first in slice " +
			slice + ": every value must be a finite number. Replace them, for example with " +
			"run(\"Macro...\", \"code=[if (isNaN(v)) v = 0] stack\").";
	}

	/**
	 * What an image's values mean, judged by the values: Hounsfield units where the smallest is
	 * {@link #HOUNSFIELD_MINIMUM} or less; else grey values, empty space at the 0.1 % quantile and the densest material at
	 * the 99.9 % quantile.
	 *
	 * @throws InvalidInputException if a voxel is NaN or infinite
	 */
	public static Intensity guess(final String name, final Img<FloatType> img) {
		final Range range = range(name, img);
		if (range.min() <= HOUNSFIELD_MINIMUM) return Intensity.HU;
		return grey(img, range);
	}

	/** Grey values whose window is the robust range of an image; a constant image gets a window of width 1. */
	public static Intensity grey(final Img<FloatType> img, final Range range) {
		if (!(range.max() > range.min())) return Intensity.grey(range.min(), range.min() + 1);
		final float[][] planes = Layouts.planes(img);
		final int[][] histograms = new int[planes.length][];
		final double scale = BINS / (range.max() - range.min());
		Parallel.loop(planes.length, k -> {
			final int[] histogram = new int[BINS];
			for (final float v : planes[k])
				histogram[Math.min(BINS - 1, (int) ((v - range.min()) * scale))]++;
			histograms[k] = histogram;
		});
		final long[] total = new long[BINS];
		long n = 0;
		for (final int[] histogram : histograms)
			for (int b = 0; b < BINS; b++) {
				total[b] += histogram[b];
				n += histogram[b];
			}
		final long tail = (long) (TAIL * n);
		int lower = 0, upper = BINS - 1;
		for (long below = total[lower]; below <= tail; below += total[lower])
			lower++;
		for (long above = total[upper]; above <= tail; above += total[upper])
			upper--;
		// Fewer than 0.1 % of the voxels may differ from all others: then only the full range says something.
		if (upper <= lower) return Intensity.grey(range.min(), range.max());
		return Intensity.grey(range.min() + lower / scale, range.min() + (upper + 1) / scale);
	}

	/** A short name for messages and logs, "HU, −1000…1000". */
	public static String describe(final Intensity intensity) {
		return String.format(Locale.ROOT, "%s, window %.4g to %.4g", intensity.unit(), intensity.low(), intensity.high());
	}
}
