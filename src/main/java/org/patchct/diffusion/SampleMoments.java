package org.patchct.diffusion;

import org.patchct.volume.Columns;

/**
 * Mean and standard deviation of samples that come one after another, voxel by voxel (B. P. Welford, Technometrics 4:419,
 * 1962, whose sums lose no digits where the samples differ little).
 */
final class SampleMoments {

	private final Columns mean, squares;

	private int count;

	/**
	 * @param mean zeros, becomes the mean
	 * @param squares zeros, becomes the sum of squared deviations from the mean; null if only the mean is wanted
	 */
	SampleMoments(final Columns mean, final Columns squares) {
		this.mean = mean;
		this.squares = squares;
	}

	void add(final Columns sample) {
		final float share = 1f / ++count;
		mean.forColumns(i -> {
			final float[] m = mean.data()[i], x = sample.data()[i];
			if (squares == null) for (int z = 0; z < x.length; z++)
				m[z] += share * (x[z] - m[z]);
			else for (int z = 0; z < x.length; z++) {
				final float before = x[z] - m[z];
				m[z] += share * before;
				squares.data()[i][z] += before * (x[z] - m[z]);
			}
		});
	}

	/** The mean so far, not a copy. */
	Columns mean() {
		return mean;
	}

	/** √(Σ (x − mean)² / (n − 1)), in place of the sum; ends the counting. Needs two samples. */
	Columns deviation() {
		squares.forColumns(i -> {
			final float[] s = squares.data()[i];
			for (int z = 0; z < s.length; z++)
				s[z] = (float) Math.sqrt(s[z] / (count - 1));
		});
		return squares;
	}
}
