package org.patchct.scan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;

/**
 * Dead and hot pixels: those whose response to the beam is far from their neighbours'. They are the same in every
 * radiograph and are replaced by a mean of the good pixels around, weighted by the inverse square of the distance (D.
 * Shepard, Proc. 23rd ACM National Conference, 517, 1968).
 */
public final class BadPixels {

	/** Neighbours to either side that a pixel is compared with. */
	private static final int REACH = 4;

	/** A pixel that responds to the beam by this share more or less than its neighbours is bad. */
	private static final double TOLERANCE = 0.5;

	/** A bad pixel is replaced by this many good ones at least. */
	private static final int DONORS = 2;

	/** A pixel and what it is replaced by. */
	private record Repair(int pixel, int[] donors, float[] weights) { }

	private final List<Repair> repairs = new ArrayList<>();

	/**
	 * @param response of pixel (u, v) to the beam at {@code [u + bins·v]}: flats less darks, or the mean of all radiographs
	 * @throws InvalidInputException if more than half of the pixels are bad
	 */
	public BadPixels(final float[] response, final int bins) {
		final int rows = response.length / bins;
		final boolean[] bad = new boolean[response.length];
		int count = 0;
		for (int i = 0; i < response.length; i++) {
			final double usual = median(response, i % bins, i / bins, bins, rows);
			bad[i] = !(response[i] > 0 && Math.abs(response[i] - usual) <= TOLERANCE * usual);
			if (bad[i]) count++;
		}
		if (2 * count > response.length) throw new InvalidInputException(count + " of the detector's " + response.length +
			" pixels do not respond to the beam: flats or darks are of another scan, or were interchanged. Give others, or " +
			"import without them.");
		for (int i = 0; i < bad.length; i++)
			if (bad[i]) repairs.add(repair(i, bad, bins, rows));
	}

	/** Number of bad pixels. */
	public int count() {
		return repairs.size();
	}

	/** Replaces bad pixels, in place. */
	public void mend(final float[][] radiographs) {
		Parallel.loop(radiographs.length, view -> {
			final float[] plane = radiographs[view];
			for (final Repair repair : repairs) {
				float sum = 0;
				for (int n = 0; n < repair.donors.length; n++)
					sum += repair.weights[n] * plane[repair.donors[n]];
				plane[repair.pixel] = sum;
			}
		});
	}

	/** Response that a pixel's neighbourhood along its row, and up to one row away, has in the middle. */
	private static double median(final float[] response, final int u, final int v, final int bins, final int rows) {
		final float[] window = new float[3 * (2 * REACH + 1)];
		int n = 0;
		for (int j = Math.max(0, v - 1); j <= Math.min(rows - 1, v + 1); j++)
			for (int i = Math.max(0, u - REACH); i <= Math.min(bins - 1, u + REACH); i++)
				window[n++] = response[i + bins * j];
		Arrays.sort(window, 0, n);
		return window[n / 2];
	}

	private static Repair repair(final int pixel, final boolean[] bad, final int bins, final int rows) {
		final int u = pixel % bins, v = pixel / bins;
		for (int reach = 1;; reach++) {
			final List<Integer> donors = new ArrayList<>();
			final List<Double> weights = new ArrayList<>();
			for (int j = Math.max(0, v - reach); j <= Math.min(rows - 1, v + reach); j++)
				for (int i = Math.max(0, u - reach); i <= Math.min(bins - 1, u + reach); i++)
					if (!bad[i + bins * j]) {
						donors.add(i + bins * j);
						weights.add(1.0 / ((i - u) * (i - u) + (j - v) * (j - v)));
					}
			if (donors.size() < DONORS && reach < bins + rows) continue;
			final double sum = weights.stream().mapToDouble(w -> w).sum();
			final float[] shares = new float[weights.size()];
			for (int n = 0; n < shares.length; n++)
				shares[n] = (float) (weights.get(n) / sum);
			return new Repair(pixel, donors.stream().mapToInt(i -> i).toArray(), shares);
		}
	}
}
