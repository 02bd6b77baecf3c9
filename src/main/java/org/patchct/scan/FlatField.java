package org.patchct.scan;

import java.util.Arrays;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;

/** Detector counts to transmissions and line integrals: −ln((I − D) / (F − D)), I measured, F without object, D without beam. */
public final class FlatField {

	/**
	 * Without flats, this share of all values is no brighter than the open beam: the object hides most of the detector or
	 * little of it, and a few hot values must not count.
	 */
	private static final double OPEN_BEAM = 0.995;

	/** Values that the quantile is taken of, at most. */
	private static final int SAMPLES = 1_000_000;

	/** An open beam of less than this cannot be in detector counts, which start from an eight-bit detector's 255. */
	private static final double COUNTS = 100;

	/** The least transmission where values are no counts: no detector has more than four decades beside scatter. */
	private static final double LEAST_TRANSMISSION = 1e-4;

	/** A transmission of e to minus this is below the least count of a sixteen-bit detector. */
	private static final double MOST_LINE_INTEGRAL = 12;

	private FlatField() { }

	/**
	 * The mean of a stack of images without object or without beam.
	 *
	 * @param stack images (bin, row), or for every row an image (bin, repetition)
	 * @return value of bin u, row v at {@code [u + bins·v]}
	 * @throws InvalidInputException if the stack has another detector
	 */
	public static float[] mean(final Planes stack, final int bins, final int rows) {
		final boolean radiographs = stack.width() == bins && stack.height() == rows;
		if (!radiographs && !(stack.width() == bins && stack.count() == rows)) throw new InvalidInputException(stack
			.name() + " holds " + stack.size() + " values, and the detector has " + bins + " bins x " + rows +
			" rows: flats and darks must be images of the detector's size.");
		final double[] sum = new double[bins * rows];
		for (int k = 0; k < stack.count(); k++) {
			final float[] plane = stack.read(k);
			for (int i = 0; i < plane.length; i++)
				sum[radiographs ? i : i % bins + bins * k] += plane[i];
		}
		final int repetitions = radiographs ? stack.count() : stack.height();
		final float[] mean = new float[sum.length];
		for (int i = 0; i < mean.length; i++)
			mean[i] = (float) (sum[i] / repetitions);
		return mean;
	}

	/** The open beam of a scan without flats: the 99.5 % quantile of its values less the dark, the same for every pixel. */
	public static float[] openBeam(final float[][] radiographs, final float[] dark) {
		final int size = radiographs[0].length;
		final long all = (long) radiographs.length * size, stride = Math.max(1, all / SAMPLES);
		final float[] sample = new float[(int) ((all - 1) / stride + 1)];
		for (int i = 0; i < sample.length; i++) {
			final int pixel = (int) (i * stride % size);
			sample[i] = radiographs[(int) (i * stride / size)][pixel] - dark[pixel];
		}
		Arrays.sort(sample);
		final float open = sample[(int) (OPEN_BEAM * (sample.length - 1))];
		if (!(open > 0) || Float.isInfinite(open)) throw new InvalidInputException("The measured values reach " + open +
			", so they are no intensities. Import them with values=[Line integrals], or give flats.");
		final float[] flat = new float[size];
		for (int i = 0; i < size; i++)
			flat[i] = dark[i] + open;
		return flat;
	}

	/** What pixels measure of the beam: the mean of radiographs less the dark. */
	public static float[] response(final float[][] radiographs, final float[] dark) {
		final double[] sum = new double[dark.length];
		for (final float[] plane : radiographs)
			for (int i = 0; i < sum.length; i++)
				sum[i] += plane[i];
		final float[] response = new float[sum.length];
		for (int i = 0; i < sum.length; i++)
			response[i] = (float) (sum[i] / radiographs.length - dark[i]);
		return response;
	}

	/**
	 * Counts to transmissions, in place. Pixels that do not respond to the beam get 0.
	 *
	 * @param radiographs bin u, row v at {@code [view][u + bins·v]}
	 */
	public static void transmissions(final float[][] radiographs, final float[] flat, final float[] dark) {
		Parallel.loop(radiographs.length, view -> {
			final float[] plane = radiographs[view];
			for (int i = 0; i < plane.length; i++)
				plane[i] = flat[i] > dark[i] ? (plane[i] - dark[i]) / (flat[i] - dark[i]) : 0;
		});
	}

	/**
	 * The least transmission that is told from none: half a count ({@link NoiseModel#MIN_COUNT}) of the open beam's mean.
	 */
	public static double leastTransmission(final float[] flat, final float[] dark) {
		double sum = 0;
		for (int i = 0; i < flat.length; i++)
			sum += flat[i] - dark[i];
		final double open = sum / flat.length;
		return open > COUNTS ? NoiseModel.MIN_COUNT / open : LEAST_TRANSMISSION;
	}

	/** Transmissions to line integrals −ln t, in place; those below {@code least}, and zero, count as {@code least}. */
	public static void logarithm(final float[][] transmissions, final double least) {
		Parallel.loop(transmissions.length, view -> {
			final float[] plane = transmissions[view];
			for (int i = 0; i < plane.length; i++)
				plane[i] = (float) -Math.log(Math.max(plane[i], least));
		});
	}

	/**
	 * Whether values are intensities rather than line integrals: they are greater than line integrals can be measured; or
	 * else the border of the detector, where rays pass the object by, is brighter than the middle.
	 */
	public static boolean areIntensities(final float[][] radiographs, final int bins) {
		final int border = Math.max(1, bins / 50);
		double outer = 0, inner = 0;
		for (final float[] plane : radiographs)
			for (int i = 0; i < plane.length; i++) {
				final int u = i % bins;
				if (u < border || u >= bins - border) outer += plane[i];
				else inner += plane[i];
			}
		final double pixels = (double) radiographs.length * (radiographs[0].length / bins);
		final double outerMean = outer / (2 * border * pixels), innerMean = inner / ((bins - 2 * border) * pixels);
		return innerMean > MOST_LINE_INTEGRAL || outerMean > innerMean;
	}
}
