package org.patchct.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;

class NoiseEstimateTest {

	/** Line integrals of a ball of water and something long, whose thickest part is 4. */
	private static Columns ball(final int bins, final int views, final int rows) {
		final Columns p = new Columns(bins, views, rows);
		for (int view = 0; view < views; view++)
			for (int u = 0; u < bins; u++)
				for (int v = 0; v < rows; v++) {
					final double x = 2.4 * (u + 0.5) / bins - 1.2, z = rows == 1 ? 0 : 0.8 * (v + 0.5) / rows - 0.4;
					final double chord = Math.sqrt(Math.max(0, 1 - x * x - z * z)), edge = Math.abs(x - 0.1 * view) < 0.2 ? 1 : 0;
					p.column(u, view)[v] = (float) (3 * chord + edge);
				}
		return p;
	}

	private static Columns noisy(final Columns p, final double photons) {
		final float[][] planes = Layouts.planes(Projections.toImage(p));
		new NoiseModel(photons, 0).apply(planes, 3);
		final Columns noisy = p.zeros();
		for (int view = 0; view < p.ny(); view++)
			for (int u = 0; u < p.nx(); u++)
				for (int v = 0; v < p.nz(); v++)
					noisy.column(u, view)[v] = planes[view][u + p.nx() * v];
		return noisy;
	}

	@ParameterizedTest
	@CsvSource({ "1e3, 100, 30", "1e4, 100, 30", "1e5, 100, 30", "1e4, 400, 1", "1e5, 400, 2" })
	void photonsAreFoundFromTheLineIntegrals(final double photons, final int bins, final int rows) {
		final double found = NoiseEstimate.photons(noisy(ball(bins, 10, rows), photons));
		assertEquals(1, found / photons, 0.25, found + " of " + photons);
	}

	@Test
	void varianceIsThatOfTheNoise() {
		final Columns p = ball(100, 10, 30), noisy = noisy(p, 1e4);
		final double found = NoiseEstimate.variance(noisy, NoiseEstimate.photons(noisy));
		double sum = 0;
		int count = 0;
		for (int i = 0; i < p.data().length; i++)
			for (int v = 0; v < p.nz(); v++)
				if (p.data()[i][v] > 0.4) {
					sum += Math.pow(noisy.data()[i][v] - p.data()[i][v], 2);
					count++;
				}
		assertEquals(1, found / (sum / count), 0.1);
	}

	@Test
	void rootWeightsMakeTheNoiseAlikeEverywhere() {
		final Columns p = ball(100, 10, 30), noisy = noisy(p, 1e5), roots = NoiseEstimate.rootWeights(noisy);
		final Columns white = noisy.copy().add(-1, p).multiply(roots);
		final double[] sums = new double[2], counts = new double[2];
		for (int i = 0; i < p.data().length; i++)
			for (int v = 0; v < p.nz(); v++) {
				final int thick = p.data()[i][v] > 2.5 ? 1 : 0;
				sums[thick] += white.data()[i][v] * white.data()[i][v];
				counts[thick]++;
			}
		final double expected = NoiseEstimate.whiteVariance(noisy, 1e5);
		for (int thick = 0; thick < 2; thick++)
			assertEquals(1, sums[thick] / counts[thick] / expected, 0.06);
	}

	@Test
	void scansWithoutNoiseHaveHardlyAny() {
		final Columns p = ball(200, 10, 60);
		assertTrue(NoiseEstimate.photons(p) > 1e7, "photons " + NoiseEstimate.photons(p));
		assertEquals(0, NoiseEstimate.variance(p, Double.POSITIVE_INFINITY));
	}

	@Test
	void strangeScansGiveNumbersToo() {
		assertEquals(Double.POSITIVE_INFINITY, NoiseEstimate.photons(ball(4, 3, 1)));
		final Columns below = new Columns(9, 2, 5).fill(-1), opaque = new Columns(9, 2, 5).fill(2000);
		for (final Columns p : new Columns[] { below, opaque })
			for (final double photons : new double[] { 1e4, Double.POSITIVE_INFINITY }) {
				assertTrue(Double.isFinite(NoiseEstimate.variance(p, photons)), "variance");
				assertTrue(Double.isFinite(NoiseEstimate.rootWeights(below).norm()), "weights");
			}
		assertEquals(0, NoiseEstimate.variance(new Columns(9, 2, 5), NoiseEstimate.photons(new Columns(9, 2, 5))));
	}
}
