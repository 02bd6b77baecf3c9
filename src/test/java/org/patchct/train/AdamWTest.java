package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Golden values are those of PyTorch 1.13: torch.optim.AdamW with lr 0.1, betas (0.9, 0.99), weight decay 0.01. */
class AdamWTest {

	private static TrainingSettings settings(final double clip) {
		return new TrainingSettings(10, 1, 1, 1, 0.1, 0, 0.01, 0.9, 0.99, clip, 0, false, false, 0, 1, 0);
	}

	@Test
	void stepsAgreeWithPyTorch() {
		final float[][] w = { { 0.5f, -1, 2 } };
		final AdamW optimiser = new AdamW(settings(1), w);
		optimiser.step(0, 0.1, w, new float[][] { { 0.3f, -0.2f, 0.1f } });
		optimiser.step(1, 0.1, w, new float[][] { { 0.1f, 0.4f, -0.3f } });
		optimiser.step(2, 0.1, w, new float[][] { { -0.2f, 0.1f, 0.25f } });
		assertArrayEquals(new float[] { 0.28876495361328125f, -0.9753195643424988f, 1.9338306188583374f }, w[0], 1e-5f);
	}

	@Test
	void longGradientsAreScaledDownAsPyTorchDoes() {
		final float[][] w = { { 0.5f }, { -1, 2 } };
		final AdamW optimiser = new AdamW(settings(1), w);
		assertEquals(13, optimiser.step(0, 0.1, w, new float[][] { { 3 }, { -4, 12 } }), 1e-6);
		assertEquals(0.5099, optimiser.step(1, 0.1, w, new float[][] { { 0.1f }, { 0.4f, -0.3f } }), 1e-4);
		assertArrayEquals(new float[] { 0.3078826367855072f }, w[0], 1e-5f);
		assertArrayEquals(new float[] { -0.9162421822547913f, 1.855316162109375f }, w[1], 1e-5f);
	}
}
