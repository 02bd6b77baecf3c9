package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Golden values are those of PyTorch 1.13: torch.optim.AdamW with lr 0.1, betas (0.9, 0.99), weight decay 0.01. */
class AdamWTest {

	private static TrainingSettings settings(final double clip) {
		return new TrainingSettings(10, 1, 1, 1, 0.1, 0, 0.01, 0.9, 0.99, clip, 0, false, false, 0, 1, 0);
	}

	/** One step; returns the factor that the gradient was scaled with. */
	private static float step(final AdamW optimiser, final int step, final float[][] weights, final float[][] gradients) {
		final float scale = optimiser.clip(gradients);
		optimiser.step(step, 0.1, weights, gradients, scale);
		return scale;
	}

	@Test
	void stepsAgreeWithPyTorch() {
		final float[][] w = { { 0.5f, -1, 2 } };
		final AdamW optimiser = new AdamW(settings(1), w);
		step(optimiser, 0, w, new float[][] { { 0.3f, -0.2f, 0.1f } });
		step(optimiser, 1, w, new float[][] { { 0.1f, 0.4f, -0.3f } });
		step(optimiser, 2, w, new float[][] { { -0.2f, 0.1f, 0.25f } });
		assertArrayEquals(new float[] { 0.28876495361328125f, -0.9753195643424988f, 1.9338306188583374f }, w[0], 1e-5f);
	}

	@Test
	void longGradientsAreScaledDownAsPyTorchDoes() {
		final float[][] w = { { 0.5f }, { -1, 2 } };
		final AdamW optimiser = new AdamW(settings(1), w);
		assertEquals(1. / 13, step(optimiser, 0, w, new float[][] { { 3 }, { -4, 12 } }), 1e-6);
		assertEquals(1, step(optimiser, 1, w, new float[][] { { 0.1f }, { 0.4f, -0.3f } }));
		assertArrayEquals(new float[] { 0.3078826367855072f }, w[0], 1e-5f);
		assertArrayEquals(new float[] { -0.9162421822547913f, 1.855316162109375f }, w[1], 1e-5f);
	}
}
