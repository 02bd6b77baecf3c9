package org.patchct.scan;

import org.patchct.task.Parallel;

/**
 * Detector pixels joined to larger ones. Transmissions are averaged, not line integrals, as a detector of such pixels
 * would have measured them.
 *
 * @param factor bins joined to one
 * @param rowFactor rows joined to one
 * @param bins bins that result; those that do not fill one are left out at the end
 * @param rows rows that result, in the same way
 */
public record Binning(int factor, int rowFactor, int bins, int rows) {

	/** Joins {@code factor} × {@code factor} pixels, or as many rows as there are. */
	public static Binning of(final int factor, final int bins, final int rows) {
		final int rowFactor = Math.min(factor, rows);
		return new Binning(factor, rowFactor, bins / factor, rows / rowFactor);
	}

	/** Position of a bin's centre, counted in original bins, in joined bins. */
	public double joined(final double bin) {
		return (bin + 0.5) / factor - 0.5;
	}

	/** The inverse of {@link #joined}. */
	public double original(final double bin) {
		return (bin + 0.5) * factor - 0.5;
	}

	/**
	 * Means over the pixels that are joined.
	 *
	 * @param radiographs of {@code width} bins; each is released once its means are taken
	 */
	public void apply(final float[][] radiographs, final int width) {
		if (factor == 1) return;
		final float share = 1f / (factor * rowFactor);
		Parallel.loop(radiographs.length, view -> {
			final float[] fine = radiographs[view], coarse = new float[bins * rows];
			for (int v = 0; v < rows * rowFactor; v++)
				for (int u = 0; u < bins * factor; u++)
					coarse[u / factor + bins * (v / rowFactor)] += share * fine[u + width * v];
			radiographs[view] = coarse;
		});
	}
}
