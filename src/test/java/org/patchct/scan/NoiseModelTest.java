package org.patchct.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.task.InvalidInputException;

class NoiseModelTest {

	@ParameterizedTest
	@ValueSource(doubles = { 0.3, 4, 9.9, 10.1, 60, 3000, 1e6 })
	void poissonNumbersHaveMeanVarianceAndSkewnessOfTheirLaw(final double mean) {
		final SplittableRandom random = new SplittableRandom(3);
		final int n = 200_000;
		double m1 = 0, m2 = 0, m3 = 0;
		for (int i = 0; i < n; i++) {
			final double d = NoiseModel.poisson(mean, random) - mean;
			m1 += d / n;
			m2 += d * d / n;
			m3 += d * d * d / n;
		}
		// Five standard errors of each estimate.
		assertEquals(0, m1, 5 * Math.sqrt(mean / n));
		assertEquals(mean, m2, 5 * Math.sqrt((mean + 2 * mean * mean) / n));
		assertEquals(mean, m3, 5 * Math.sqrt(15 * mean * mean * mean + 30 * mean * mean + mean) / Math.sqrt(n) + 1e-9);
	}

	@Test
	void lineIntegralsKeepTheirMeanAndGetThePhotonsVariance() {
		final float[][] planes = new float[20][5000];
		for (final float[] plane : planes)
			Arrays.fill(plane, 2f);
		new NoiseModel(1e5, 0).apply(planes, 1);
		double mean = 0, square = 0;
		for (final float[] plane : planes)
			for (final float p : plane) {
				mean += p / 1e5;
				square += (p - 2) * (p - 2) / 1e5;
			}
		assertEquals(2, mean, 2e-4);
		assertEquals(Math.exp(2) / 1e5, square, 0.03 * Math.exp(2) / 1e5); // var(−ln n) ≈ 1 / mean count
	}

	@Test
	void seedDecidesTheNoise() {
		final float[][] a = { { 1, 2, 3 }, { 4, 5, 6 } }, b = { { 1, 2, 3 }, { 4, 5, 6 } }, c = { { 1, 2, 3 }, { 4, 5, 6 } };
		final NoiseModel noise = new NoiseModel(1e4, 3);
		noise.apply(a, 5);
		noise.apply(b, 5);
		noise.apply(c, 6);
		assertArrayEquals(a[1], b[1]);
		assertFalse(Arrays.equals(a[1], c[1]));
	}

	@Test
	void starvedBinsStayFinite() {
		final float[][] planes = { { 60, 100, 1000 } };
		new NoiseModel(100, 10).apply(planes, 1);
		for (final float p : planes[0])
			assertTrue(p <= -Math.log(NoiseModel.MIN_COUNT / 100) + 1e-5 && Float.isFinite(p));
	}

	@Test
	void noPhotonsMeansNoNoise() {
		final float[][] planes = { { 1, 2 } };
		NoiseModel.NONE.apply(planes, 1);
		assertArrayEquals(new float[] { 1, 2 }, planes[0]);
	}

	@ParameterizedTest
	@ValueSource(doubles = { -1, 0.5, Double.NaN, Double.POSITIVE_INFINITY })
	void impossiblePhotonNumbersAreRefused(final double photons) {
		assertThrows(InvalidInputException.class, () -> new NoiseModel(photons, 0));
	}
}
