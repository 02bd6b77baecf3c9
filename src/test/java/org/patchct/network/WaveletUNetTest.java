package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.patchct.task.InvalidInputException;

class WaveletUNetTest {

	private static final WaveletConfig TINY = new WaveletConfig(5, 8, List.of(4, 8), List.of(1, 2), 16, List.of(300));

	private static PriorSettings settings(final WaveletConfig config) {
		return new PriorSettings("tiny", config, config.global(), config.inChannels() > 2, Prediction.CLEAN, 1000, 1e-4, 0.02,
			0, 2, "HU", -1000, 1000, null);
	}

	private static final WaveletConfig GROUPS = new WaveletConfig(3, 8, List.of(4, 8), List.of(1, 2), 16, List.of(300), 3,
		List.of(1, 3));

	private static PriorSettings slices(final WaveletConfig config, final NoiseSchedule schedule) {
		return new PriorSettings("flat", config, false, false, Prediction.CLEAN, schedule, 0, 2, "HU", -1000, 1000, null);
	}

	private static float[] gaussians(final long seed, final int count) {
		final SplittableRandom random = new SplittableRandom(seed);
		final float[] values = new float[count];
		for (int i = 0; i < count; i++)
			values[i] = (float) random.nextGaussian();
		return values;
	}

	@Test
	void compactNetworkFitsItsBudget() {
		final long count = WaveletConfig.compact().create(new NoiseSchedule(1000, 1e-4, 0.02)).parameterCount();
		assertTrue(4 * count <= 20_000_000, count + " parameters make a file above 20 MB");
	}

	@Test
	void lowestNoiseLevelLeavesThePatchAlmostAsItIs() {
		try (Prior prior = Prior.create(settings(TINY), "cpu", 3); NDManager manager = prior.manager().newSubManager()) {
			final float[] x = gaussians(1, 5 * 512);
			final float[] y = prior.predict(manager.create(x, new Shape(1, 5, 8, 8, 8)), manager.create(new float[] { 0 }))
				.toFloatArray();
			// σ is 0.01 there, and the bands' deviations are 1 at the start.
			for (int i = 0; i < 512; i++)
				assertEquals(x[i], y[i], 0.05);
		}
	}

	@Test
	void patchesOfABatchDoNotInfluenceEachOther() {
		try (Prior prior = Prior.create(settings(TINY), "cpu", 3); NDManager manager = prior.manager().newSubManager()) {
			final float[] x = gaussians(2, 3 * 5 * 512);
			final float[] all = prior.predict(manager.create(x, new Shape(3, 5, 8, 8, 8)), manager.create(new float[] { 5, 100,
				299 })).toFloatArray();
			final float[] second = prior.predict(manager.create(Arrays.copyOfRange(x, 5 * 512, 10 * 512), new Shape(1, 5, 8, 8,
				8)), manager.create(new float[] { 100 })).toFloatArray();
			for (int i = 0; i < 512; i++)
				assertEquals(second[i], all[512 + i], 1e-5);
		}
	}

	@Test
	void everyRangeOfLevelsHasItsOwnWeights() {
		try (Prior prior = Prior.create(settings(TINY), "cpu", 3); NDManager manager = prior.manager().newSubManager()) {
			final NDArray x = manager.create(gaussians(2, 2 * 5 * 512), new Shape(2, 5, 8, 8, 8));
			final WaveletUNet network = (WaveletUNet) prior.network();
			assertEquals(0, network.expert(299));
			assertEquals(1, network.expert(300));
			final float[] before = prior.predict(x, manager.create(new float[] { 10, 20 })).toFloatArray();
			prior.network().stateDict().forEach((name, parameter) -> {
				if (name.startsWith(WaveletUNet.prefix(1))) prior.network().set(parameter, parameter.getArray().mul(2));
			});
			assertTrue(Arrays.equals(before, prior.predict(x, manager.create(new float[] { 10, 20 })).toFloatArray()));
			assertTrue(assertThrows(IllegalArgumentException.class, () -> prior.predict(x, manager.create(new float[] { 10,
				400 }))).getMessage().contains("different experts"));
		}
	}

	@Test
	void conditionsMayBeLeftOut() {
		for (final int channels : new int[] { 1, 2, 4 })
			try (Prior prior = Prior.create(settings(new WaveletConfig(channels, 8, List.of(4), List.of(1), 8, List.of())), "cpu",
				3); NDManager manager = prior.manager().newSubManager())
			{
				final NDArray y = prior.predict(manager.ones(new Shape(2, channels, 8, 8, 8)), manager.create(new float[] { 5,
					900 }));
				assertEquals(new Shape(2, 1, 8, 8, 8), y.getShape());
			}
		assertTrue(assertThrows(InvalidInputException.class, () -> new WaveletConfig(3, 8, List.of(4), List.of(1), 8, List
			.of())).getMessage().contains("channels in 3"));
	}

	@Test
	void deviationsAreThoseOfTheHaarBands() {
		try (Prior prior = Prior.create(settings(TINY), "cpu", 3); NDManager manager = prior.manager().newSubManager()) {
			final WaveletUNet network = (WaveletUNet) prior.network();
			// A constant c has only means: c √8 at the first level, 8 c at the second.
			final float[][] constant = network.deviations(manager.full(new Shape(2, 1, 8, 8, 8), 0.5f));
			assertEquals(0.5 * Math.sqrt(8), constant[0][0], 1e-5);
			assertEquals(0.5 * 8, constant[1][0], 1e-5);
			for (int band = 1; band < 8; band++)
				assertEquals(0, constant[0][band], 1e-6);
			// White noise keeps its deviation in every band of an orthonormal transform.
			final float[][] white = network.deviations(manager.create(gaussians(4, 20 * 512), new Shape(20, 1, 8, 8, 8)));
			for (int band = 0; band < 8; band++)
				assertEquals(1, white[0][band], 0.1);
		}
	}

	@Test
	void configurationsSurviveJson() {
		final WaveletConfig config = WaveletConfig.compact();
		assertEquals(config, NetworkConfig.fromJson(config.toJson()));
		assertEquals(UNetConfig.paper(), NetworkConfig.fromJson(UNetConfig.paper().toJson()));
		final var unknown = config.toJson();
		unknown.addProperty("type", "transformer");
		assertTrue(assertThrows(InvalidInputException.class, () -> NetworkConfig.fromJson(unknown)).getMessage().contains(
			"transformer"));
	}

	@Test
	void compactNetworksOfSlicesFitTheirBudget() {
		for (final int slices : new int[] { 1, 3 }) {
			final long count = WaveletConfig.compactSlices(slices, 300).create(NoiseSchedule.ho()).parameterCount();
			assertTrue(4 * count <= 9_900_000, count + " parameters make a file above 10 MB");
		}
	}

	@Test
	void slicesMayHaveAnySizeThatThePyramidDivides() {
		try (Prior prior = Prior.create(slices(GROUPS, NoiseSchedule.ho()), "cpu", 3); NDManager manager = prior.manager()
			.newSubManager())
		{
			assertEquals(4, prior.settings().network().multiple());
			final NDArray x = manager.create(gaussians(1, 2 * 3 * 12 * 20), new Shape(2, 3, 1, 12, 20));
			final NDArray y = prior.predict(x, manager.create(new float[] { 0, 0 }), manager.create(new float[] { 1, 0 }));
			assertEquals(x.getShape(), y.getShape());
			// σ is 0.01 there, and the bands' deviations are 1 at the start.
			assertTrue(y.sub(x).abs().max().getFloat() < 0.05);
			assertTrue(assertThrows(IllegalArgumentException.class, () -> prior.predict(x, manager.create(new float[] { 0,
				0 }))).getMessage().contains("missing"));
			assertTrue(assertThrows(IllegalArgumentException.class, () -> prior.predict(manager.zeros(new Shape(1, 3, 1, 12, 18)),
				manager.create(new float[] { 0 }), manager.create(new float[] { 0 }))).getMessage().contains("multiples of 4"));
		}
	}

	@Test
	void everySpacingHasItsOwnEmbedding() {
		try (Prior prior = Prior.create(slices(GROUPS, NoiseSchedule.ho()), "cpu", 3); NDManager manager = prior.manager()
			.newSubManager())
		{
			prior.network().stateDict().forEach((name, parameter) -> {
				if (name.contains("gain")) prior.network().set(parameter, prior.manager().create(gaussians(7, (int) parameter
					.getShape().size()), parameter.getShape()));
			});
			final NDArray x = manager.create(gaussians(2, 3 * 64), new Shape(1, 3, 1, 8, 8)), t = manager.create(new float[] {
				200 }), near = manager.create(new float[] { 0 }), far = manager.create(new float[] { 1 });
			// They start equal, at 0.
			assertArrayEquals(prior.predict(x, t, near).toFloatArray(), prior.predict(x, t, far).toFloatArray());
			final float[] before = prior.predict(x, t, near).toFloatArray();
			final var spacing = prior.network().stateDict().get("experts.0.temb.spacing.weight");
			final float[] second = new float[32];
			Arrays.fill(second, 16, 32, 1);
			prior.network().set(spacing, prior.manager().create(second, new Shape(2, 16)));
			assertArrayEquals(before, prior.predict(x, t, near).toFloatArray());
			assertFalse(Arrays.equals(before, prior.predict(x, t, far).toFloatArray()));
		}
	}

	@Test
	void weightsAnswerAlikeForTheSameNoiseOfAnotherSchedule() {
		final WaveletConfig config = new WaveletConfig(1, 8, List.of(4, 8), List.of(1, 2), 16, List.of(), 1, List.of());
		final NoiseSchedule ho = NoiseSchedule.ho(), exploding = new NoiseSchedule(NoiseSchedule.Kind.VE, 1000, ho.sigma(200),
			ho.sigma(800));
		try (Prior preserving = Prior.create(slices(config, ho), "cpu", 3); Prior other = Prior.create(slices(config,
			exploding), "cpu", 3); NDManager manager = preserving.manager().newSubManager())
		{
			final NDArray x = manager.create(gaussians(2, 64), new Shape(1, 1, 1, 8, 8));
			final NDArray a = preserving.predict(x.mul(ho.signal(800)), manager.create(new float[] { 800 }), null), b = other
				.predict(x, manager.create(new float[] { 999 }), null);
			assertTrue(a.sub(b).abs().max().getFloat() < 1e-5);
		}
	}

	@Test
	void impossibleSlicesAreRefused() {
		for (final Object[] wrong : new Object[][] { { 2, 2, List.of(), "slices 2" }, { 1, 3, List.of(), "channels in 1" }, { 1,
			1, List.of(1, 3), "spacings [1, 3]" }, { 3, 3, List.of(3, 1), "spacings [3, 1]" } })
		{
			@SuppressWarnings("unchecked")
			final List<Integer> spacings = (List<Integer>) wrong[2];
			final String message = assertThrows(InvalidInputException.class, () -> new WaveletConfig((int) wrong[0], 8, List.of(
				4), List.of(1), 8, List.of(), (int) wrong[1], spacings)).getMessage();
			assertTrue(message.contains((String) wrong[3]), message);
		}
	}

	@Test
	void recordsOfCubesAreSilentAboutSlices() {
		for (final WaveletConfig config : List.of(GROUPS, WaveletConfig.compactSlices(1, 300)))
			assertEquals(config, NetworkConfig.fromJson(config.toJson()));
		assertFalse(WaveletConfig.compact().toJson().has("slices"));
		final PriorSettings cubes = settings(TINY), groups = slices(GROUPS, NoiseSchedule.ho()), exploding = slices(
			WaveletConfig.compactSlices(1, 391), new NoiseSchedule(NoiseSchedule.Kind.VE, 1000, 0.02, 756));
		assertTrue(cubes.toJson().contains("\"version\": 1,"), cubes.toJson());
		for (final PriorSettings flat : List.of(groups, exploding)) {
			assertTrue(flat.toJson().contains("\"version\": 2,"), flat.toJson());
			assertEquals(flat, PriorSettings.fromJson(flat.toJson()));
		}
		assertTrue(exploding.toJson().contains("\"sigmaMax\": 756.0"), exploding.toJson());
		assertTrue(assertThrows(InvalidInputException.class, () -> PriorSettings.fromJson(exploding.toJson().replace(
			"\"sigmaMax\"", "\"betaEnd\""))).getMessage().contains("no \"sigmaMax\""));
		assertTrue(assertThrows(InvalidInputException.class, () -> new PriorSettings("cubes", TINY, true, true, Prediction.CLEAN,
			exploding.schedule(), 0, 2, "HU", -1000, 1000, null)).getMessage().contains("VE"));
	}

	@Test
	void methodsSayWhichKindOfPriorTheyNeed() {
		final PriorSettings groups = slices(GROUPS, NoiseSchedule.ho());
		groups.require(3, NoiseSchedule.Kind.VP, "DiffusionBlend");
		assertEquals("The prior \"flat\" is one for groups of 3 slices, but patch diffusion needs one for 3-D patches. " +
			"Choose such a prior.", assertThrows(InvalidInputException.class, () -> groups.require(0, NoiseSchedule.Kind.VP,
				"patch diffusion")).getMessage());
		assertEquals("The prior \"flat\" has the noise schedule VP, but DiffusionMBIR needs one with VE. Choose such a prior.",
			assertThrows(InvalidInputException.class, () -> groups.require(3, NoiseSchedule.Kind.VE, "DiffusionMBIR"))
				.getMessage());
	}
}
