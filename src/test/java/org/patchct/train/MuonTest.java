package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;

import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.patchct.network.NoiseSchedule;

class MuonTest {

	@Test
	void stepsHaveOrthogonalRowsOfAboutTheSameLength() {
		final int rows = 6, columns = 40;
		final float[] matrix = new float[rows * columns];
		final SplittableRandom random = new SplittableRandom(1);
		double square = 0;
		for (int i = 0; i < matrix.length; i++) {
			matrix[i] = (float) random.nextGaussian();
			square += matrix[i] * matrix[i];
		}
		for (int i = 0; i < matrix.length; i++)
			matrix[i] /= (float) Math.sqrt(square);
		final float[] step;
		try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
			step = Muon.orthogonal(manager, matrix, rows, columns);
		}
		for (int a = 0; a < rows; a++)
			for (int b = 0; b < rows; b++) {
				double product = 0;
				for (int i = 0; i < columns; i++)
					product += step[columns * a + i] * step[columns * b + i];
				// The polynomial brings singular values to 0.7…1.2, not to 1 (Jordan et al. 2024).
				if (a == b) assertTrue(product > 0.45 && product < 1.5, a + ": " + product);
				else assertEquals(0, product, 0.4);
			}
	}

	@Test
	void everyNoiseLevelComesToCountAlike() {
		final Balance balance = new Balance(new NoiseSchedule(1000, 1e-4, 0.02));
		final SplittableRandom random = new SplittableRandom(2);
		double low = 0, high = 0;
		for (int i = 0; i < 2000; i++) {
			final double small = 0.01 * (0.5 + random.nextDouble()), large = 3 * (0.5 + random.nextDouble());
			low += small * balance.weight(30, small) / 2000;
			high += large * balance.weight(900, large) / 2000;
		}
		assertEquals(1, low, 0.03);
		assertEquals(1, high, 0.03);
		final Balance restored = new Balance(new NoiseSchedule(1000, 1e-4, 0.02));
		restored.restore(balance.state());
		assertEquals(balance.weight(30, 0.01), restored.weight(30, 0.01));
	}
}
