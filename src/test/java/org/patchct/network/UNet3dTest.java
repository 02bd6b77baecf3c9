package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.patchct.task.InvalidInputException;

class UNet3dTest {

	/** Every kind of layer, as small as they go. */
	static final UNetConfig TINY = new UNetConfig(5, 1, 8, 2, 8, List.of(1, 2), 1, List.of(2), true, 4);

	@Test
	void paperNetworkHas68590209Parameters() {
		assertEquals(68_590_209, new UNet3d(UNetConfig.paper()).parameterCount());
	}

	@Test
	void paperNetworkCarriesTheReferenceNames() {
		final var parameters = new UNet3d(UNetConfig.paper()).stateDict();
		for (final String name : List.of("temb.dense.0.weight", "temb.dense.1.bias", "conv_in.weight",
			"down.0.block.0.norm1.weight", "down.0.block.0.conv1.bias", "down.1.block.0.nin_shortcut.weight",
			"down.3.block.1.temb_proj.weight", "down.2.attn.0.q.weight", "down.2.attn.1.proj_out.bias",
			"down.0.downsample.conv.weight", "mid.block_1.conv2.weight", "mid.attn_1.norm.bias", "up.3.block.2.norm2.weight",
			"up.2.attn.2.k.weight", "up.1.upsample.conv.weight", "norm_out.weight", "conv_out.bias"))
			assertNotNull(parameters.get(name), name);
		assertArrayEquals(new long[] { 256, 512, 3, 3, 3 }, parameters.get("up.3.block.0.conv1.weight").getShape()
			.getShape());
		assertArrayEquals(new long[] { 64, 192, 1, 1, 1 }, parameters.get("up.0.block.0.nin_shortcut.weight").getShape()
			.getShape());
	}

	@Test
	void outputHasOneChannelOfTheInputsSize() {
		try (Prior prior = tiny(); NDManager manager = prior.manager().newSubManager()) {
			final NDArray y = prior.predict(manager.ones(new Shape(3, 5, 8, 8, 8)), manager.create(new float[] { 0, 5, 999 }));
			assertEquals(new Shape(3, 1, 8, 8, 8), y.getShape());
		}
	}

	@Test
	void patchesOfABatchDoNotInfluenceEachOther() {
		try (Prior prior = tiny(); NDManager manager = prior.manager().newSubManager()) {
			final NDArray x = manager.randomNormal(new Shape(3, 5, 8, 8, 8));
			final NDArray t = manager.create(new float[] { 0, 500, 999 });
			final float[] all = prior.predict(x, t).get("1").toFloatArray();
			final float[] alone = prior.predict(x.get("1:2"), t.get("1:2")).toFloatArray();
			assertArrayEquals(alone, all, 1e-5f);
		}
	}

	@Test
	void evaluationKeepsNothingButItsResult() {
		try (Prior prior = tiny(); NDManager manager = prior.manager().newSubManager()) {
			final NDArray x = manager.ones(new Shape(2, 5, 8, 8, 8)), t = manager.create(new float[] { 0, 5 });
			final int before = prior.manager().getManagedArrays().size(); // those of sub-managers too
			prior.predict(x, t);
			assertEquals(before + 1, prior.manager().getManagedArrays().size());
		}
	}

	@Test
	void recordingDoesNotChangeTheResult() {
		try (Prior prior = tiny(); NDManager manager = prior.manager().newSubManager()) {
			final NDArray x = manager.randomNormal(new Shape(2, 5, 8, 8, 8)), t = manager.create(new float[] { 7, 700 });
			assertArrayEquals(prior.predict(x, t).toFloatArray(), prior.network().predictForTraining(x, t).toFloatArray(),
				1e-6f);
		}
	}

	/** The gradient must be that of the output although intermediate arrays are released early and partly reused. */
	@Test
	void gradientAgreesWithFiniteDifferences() {
		try (Prior prior = tiny(); NDManager manager = prior.manager().newSubManager()) {
			final NDArray x = manager.randomNormal(new Shape(2, 5, 8, 8, 8)), t = manager.create(new float[] { 7, 700 });
			for (final Parameter parameter : prior.network().stateDict().values())
				parameter.getArray().setRequiresGradient(true);
			try (GradientCollector collector = prior.newGradientCollector()) {
				collector.backward(prior.network().predictForTraining(x, t).square().sum());
			}
			int index = 0;
			for (final var entry : prior.network().stateDict().entrySet()) {
				// Group normalisation hides the size of a convolution before it: some gradients are nearly zero.
				if (index++ % 5 != 0) continue;
				final float[] gradient = entry.getValue().getArray().getGradient().toFloatArray();
				final float[] weights = entry.getValue().getArray().toFloatArray();
				double norm = 0;
				for (final float g : gradient)
					norm += g * g;
				norm = Math.sqrt(norm);
				if (norm < 1e-3) continue;
				final double h = 1e-2 / Math.max(1, Math.sqrt(norm));
				final double slope = (loss(prior, entry.getValue(), shifted(weights, gradient, h / norm), x, t) - loss(prior,
					entry.getValue(), shifted(weights, gradient, -h / norm), x, t)) / (2 * h);
				prior.network().set(entry.getValue(), prior.manager().create(weights, entry.getValue().getShape()));
				assertEquals(norm, slope, 0.02 * norm + 1e-2, entry.getKey());
			}
		}
	}

	private static double loss(final Prior prior, final Parameter parameter, final float[] weights, final NDArray x,
		final NDArray t)
	{
		prior.network().set(parameter, prior.manager().create(weights, parameter.getShape()));
		double sum = 0;
		for (final float y : prior.predict(x, t).toFloatArray())
			sum += (double) y * y;
		return sum;
	}

	private static float[] shifted(final float[] weights, final float[] direction, final double by) {
		final float[] result = weights.clone();
		for (int i = 0; i < result.length; i++)
			result[i] += (float) (by * direction[i]);
		return result;
	}

	@Test
	void sameSeedGivesTheSameWeights() {
		try (Prior a = tiny(); Prior b = tiny()) {
			for (final String name : a.network().stateDict().keySet())
				assertArrayEquals(a.network().stateDict().get(name).getArray().toFloatArray(), b.network().stateDict().get(
					name).getArray().toFloatArray(), name);
		}
	}

	@Test
	void impossibleShapesAreRefusedWithTheReason() {
		assertTrue(assertThrows(InvalidInputException.class, () -> new UNetConfig(5, 1, 20, 2, 8, List.of(1, 2, 2), 1, List
			.of(), true, 4)).getMessage().contains("side 20"));
		assertTrue(assertThrows(InvalidInputException.class, () -> new UNetConfig(5, 1, 32, 2, 8, List.of(1, 2), 1, List
			.of(), true, 16)).getMessage().contains("groups 16"));
	}

	private static Prior tiny() {
		return Prior.create(PriorSettings.hounsfield("tiny", TINY, Prediction.V), "cpu", 3);
	}
}
