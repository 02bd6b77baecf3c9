package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

import org.patchct.volume.Columns;

class NoiseFieldTest {

	private static final int COLUMNS = 40 * 50, DEPTH = 500, N = COLUMNS * DEPTH;

	/** Four standard errors of a mean of N unit-variance numbers. */
	private static final double FOUR_SIGMA = 4 / Math.sqrt(N);

	private static float[][] draw(final NoiseField field) {
		return field.mixInto(new Columns(40, 50, DEPTH), 0, 1).data();
	}

	@Test
	void momentsAreThoseOfTheStandardGaussian() {
		final double[] sums = new double[4];
		for (final float[] column : draw(NoiseField.of(7, 1, 2)))
			for (final float z : column)
				for (int p = 0; p < 4; p++)
					sums[p] += Math.pow(z, p + 1);
		// Standard deviations of z, z², z³, z⁴ are 1, √2, √15, √96.
		assertEquals(0, sums[0] / N, FOUR_SIGMA);
		assertEquals(1, sums[1] / N, FOUR_SIGMA * Math.sqrt(2));
		assertEquals(0, sums[2] / N, FOUR_SIGMA * Math.sqrt(15));
		assertEquals(3, sums[3] / N, FOUR_SIGMA * Math.sqrt(96));
	}

	@Test
	void distributionPassesKolmogorovSmirnov() {
		final double[] sorted = new double[N];
		final float[][] data = draw(NoiseField.of(8));
		for (int i = 0; i < N; i++)
			sorted[i] = data[i / DEPTH][i % DEPTH];
		Arrays.sort(sorted);
		double distance = 0;
		for (int i = 0; i < N; i++)
			distance = Math.max(distance, Math.abs(cumulative(sorted[i]) - (i + 0.5) / N));
		assertTrue(distance < 1.95 / Math.sqrt(N), "distance " + distance + " has a probability below 0.001");
	}

	/** Φ by its alternating series round 0 (error below 1e-12 for |x| ≤ 6). */
	private static double cumulative(final double x) {
		if (Math.abs(x) > 6) return x > 0 ? 1 : 0;
		double term = x, sum = x;
		for (int k = 1; k < 200; k++) {
			term *= x * x / (2 * k + 1);
			sum += term;
		}
		return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
	}

	@Test
	void neighbouringValuesColumnsStepsAndSeedsAreUncorrelated() {
		final float[][] field = draw(NoiseField.of(7, 1, 2));
		assertEquals(0, correlation(field, field, 0, 1), FOUR_SIGMA, "along a column");
		assertEquals(0, correlation(field, field, 1, 0), FOUR_SIGMA, "columns");
		assertEquals(0, correlation(field, draw(NoiseField.of(7, 1, 3)), 0, 0), FOUR_SIGMA, "steps");
		assertEquals(0, correlation(field, draw(NoiseField.of(7, 2, 1)), 0, 0), FOUR_SIGMA, "swapped path");
		assertEquals(0, correlation(field, draw(NoiseField.of(8, 1, 2)), 0, 0), FOUR_SIGMA, "seeds");
		assertEquals(0, correlation(field, draw(NoiseField.of(7, 1)), 0, 0), FOUR_SIGMA, "shorter path");
	}

	private static double correlation(final float[][] a, final float[][] b, final int columnLag, final int lag) {
		double sum = 0;
		for (int c = 0; c < a.length - columnLag; c++)
			for (int k = 0; k < a[c].length - lag; k++)
				sum += a[c][k] * b[c + columnLag][k + lag];
		return sum / N;
	}

	@Test
	void parallelResultIsThatOfOneColumnAtATime() {
		final NoiseField field = NoiseField.of(-3, 4);
		final Columns x = new Columns(5, 3, 11).fill(2);
		field.mixInto(x, 0.5f, 3);
		for (int c = 14; c >= 0; c--) {
			final SplittableRandom random = field.column(c);
			final float[] expected = new float[11];
			for (int k = 0; k < 11; k++)
				expected[k] = 1 + 3 * (float) random.nextGaussian();
			assertArrayEquals(expected, x.data()[c]);
		}
		assertNotEquals(NoiseField.of(-3, 4), NoiseField.of(-3, 5));
	}
}
