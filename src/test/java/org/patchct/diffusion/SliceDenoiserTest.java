package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

class SliceDenoiserTest {

	private static Columns noise(final int nx, final int ny, final int nz) {
		return NoiseField.of(11).mixInto(new Columns(nx, ny, nz), 0, 1);
	}

	private static Columns denoise(final SliceDenoiser denoiser, final Columns x, final int t) {
		final Columns clean = x.zeros().fill(Float.NaN);
		denoiser.denoise(x, t, Placement.ORIGIN, NoiseField.of(12), clean, Progress.SILENT);
		return clean;
	}

	private static SliceDenoiser denoiser(final PriorSettings settings, final SliceDenoiser.Network network,
		final NDManager manager, final Columns x)
	{
		return new SliceDenoiser(settings, network, manager, settings.slices() == 1 ? SliceGroups.single(x.nz()) : SliceGroups
			.blended(x.nz()), x.nx(), x.ny(), new Stopwatch());
	}

	@ParameterizedTest
	@CsvSource({ "20, 9, 17", "3, 1, 5", "8, 8, 1", "1, 37, 2", "16, 4, 40" })
	void everyVoxelGetsTheOutputOfItsOwnPlaceForAnyShape(final int nx, final int ny, final int nz) {
		final Columns x = noise(nx, ny, nz), doubled = x.copy().scale(2);
		try (NDManager manager = NDManager.newBaseManager()) {
			for (final PriorSettings settings : List.of(SlicePriors.slices(), SlicePriors.groups())) {
				final SliceDenoiser denoiser = denoiser(settings, (input, levels, spacing) -> input.mul(2), manager, x);
				for (int prediction = 0; prediction < 4; prediction++)
					assertArrayEquals(doubled.data(), denoise(denoiser, x, 300).data());
			}
		}
	}

	@Test
	void networkIsGivenWholeGroupsTheirLevelAndSpacing() {
		final Columns x = new Columns(5, 3, 11);
		for (int i = 0; i < 15; i++)
			for (int z = 0; z < 11; z++)
				x.data()[i][z] = 100 * z + i;
		final List<List<Integer>> shown = new ArrayList<>();
		final List<Float> spacings = new ArrayList<>();
		try (NDManager manager = NDManager.newBaseManager()) {
			final SliceDenoiser denoiser = denoiser(SlicePriors.groups(), (input, levels, spacing) -> {
				final int n = (int) input.getShape().get(0);
				assertEquals(new Shape(n, 3, 1, 4, 8), input.getShape());
				final float[] values = input.toFloatArray();
				for (int i = 0; i < n; i++) {
					final List<Integer> slices = new ArrayList<>();
					for (int slice = 0; slice < 3; slice++) {
						final int at = (3 * i + slice) * 32, z = (int) values[at] / 100;
						slices.add(z);
						for (int y = 0; y < 3; y++)
							for (int column = 0; column < 5; column++)
								assertEquals(100 * z + 5 * y + column, values[at + 8 * y + column]);
					}
					shown.add(slices);
					assertEquals(77, levels.toFloatArray()[i]);
					spacings.add(spacing.toFloatArray()[i]);
				}
				return input.mul(1);
			}, manager, x);
			denoise(denoiser, x, 77);
			assertEquals(List.of(List.of(0, 3, 6), List.of(1, 4, 7), List.of(2, 5, 8), List.of(3, 6, 9), List.of(4, 7, 10)),
				shown);
			// Places in the prior's list of 1 and 3.
			assertEquals(List.of(1f, 1f, 1f, 1f, 1f), spacings);
			spacings.clear();
			denoise(denoiser, x, 77);
			assertTrue(spacings.stream().allMatch(place -> place == 0), spacings.toString());
		}
	}

	@Test
	void singleSlicesHaveNoSpacing() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final Columns x = noise(4, 4, 3);
			denoise(denoiser(SlicePriors.slices(), (input, levels, spacing) -> {
				assertEquals(null, spacing);
				return input.mul(1);
			}, manager, x), x, 1);
		}
	}

	@Test
	void paddingIsAirWithNoiseOfTheLevel() {
		for (final PriorSettings settings : List.of(SlicePriors.slices(), SlicePriors.exploding())) {
			final int t = 500, nx = 61, ny = 58, nz = 30, n = (64 * 60 - nx * ny) * nz;
			final Columns x = new Columns(nx, ny, nz).fill(1e6f);
			final double[] sums = new double[3];
			try (NDManager manager = NDManager.newBaseManager()) {
				denoise(denoiser(settings, (input, levels, spacing) -> {
					for (final float v : input.toFloatArray()) {
						if (v == 1e6f) continue;
						sums[0]++;
						sums[1] += v;
						sums[2] += v * v;
					}
					return input.mul(1);
				}, manager, x), x, t);
			}
			assertEquals(n, sums[0]);
			final double sigma = settings.schedule().noise(t), mean = sums[1] / n;
			assertEquals(0, mean, 4 * sigma / Math.sqrt(n)); // empty space is the network's 0
			assertEquals(sigma, Math.sqrt(sums[2] / n - mean * mean), 4 * sigma / Math.sqrt(2 * n));
		}
	}

	@Test
	void sliceIsOneEvaluationOfTheNetwork() {
		for (final PriorSettings settings : List.of(SlicePriors.slices(), SlicePriors.exploding(), SlicePriors.groups()))
			try (Prior prior = Prior.create(settings, "cpu", 3); NDManager manager = prior.manager().newSubManager()) {
				final int slices = settings.slices();
				final Columns x = noise(8, 12, slices);
				final float[] input = new float[96 * slices];
				for (int i = 0; i < input.length; i++)
					input[i] = x.data()[i % 96][i / 96];
				// The first prediction of groups is of slices apart, which a volume of three slices mirrors.
				final SliceDenoiser denoiser = new SliceDenoiser(prior, slices == 1 ? SliceGroups.single(1)
					: (prediction, random) -> SliceGroups.adjacent(3, 0), 8, 12, new Stopwatch());
				final NDArray expected = prior.predict(manager.create(input, new Shape(1, slices, 1, 12, 8)), manager.create(
					new float[] { 600 }), slices == 1 ? null : manager.create(new float[] { 0 }));
				final Columns clean = denoise(denoiser, x, 600);
				for (int i = 0; i < input.length; i++)
					assertEquals(expected.toFloatArray()[i], clean.data()[i % 96][i / 96]);
			}
	}

	@Test
	void inputIsNotChangedAndTheAnswerRepeatsItself() {
		final Columns x = noise(12, 10, 9), kept = x.copy();
		try (Prior prior = Prior.create(SlicePriors.groups(), "cpu", 3)) {
			final SliceDenoiser denoiser = denoiser(prior.settings(), prior::predict, prior.manager(), x);
			final Columns apart = denoise(denoiser, x, 100), adjacent = denoise(denoiser, x, 100);
			assertArrayEquals(apart.data(), denoise(denoiser, x, 100).data());
			assertArrayEquals(adjacent.data(), denoise(denoiser, x, 100).data());
			assertTrue(adjacent.add(-1, apart).norm() > 1e-3 * apart.norm(), "other groups");
		}
		assertArrayEquals(kept.data(), x.data());
	}

	@Test
	void whenMemoryRunsOutTheBatchIsHalved() {
		final Columns x = noise(4, 4, 40);
		final List<Long> sizes = new ArrayList<>();
		try (NDManager manager = NDManager.newBaseManager()) {
			final Columns clean = denoise(denoiser(SlicePriors.slices(), (input, levels, spacing) -> {
				sizes.add(input.getShape().get(0));
				if (input.getShape().get(0) > 12) throw new EngineException("CUDA out of memory");
				return input.mul(1);
			}, manager, x), x, 1);
			assertArrayEquals(x.data(), clean.data());
			assertEquals(List.of(40L, 20L, 10L, 10L, 10L, 10L), sizes);
			final String message = assertThrows(InvalidInputException.class, () -> denoise(denoiser(SlicePriors.slices(), (input,
				levels, spacing) -> {
				throw new EngineException("CUDA out of memory");
			}, manager, x), x, 1)).getMessage();
			assertTrue(message.matches("Memory ran out on cpu.* even for a single input of the prior \"slices\", of 1 x 4 x 4 " +
				"voxels\\. Close other programs that use it, choose a smaller prior, or another device\\."), message);
		}
	}

	@Test
	void cancelStopsBeforeTheNextBatch() {
		final int[] calls = { 0 };
		try (NDManager manager = NDManager.newBaseManager()) {
			final Columns x = noise(4, 4, 200);
			final SliceDenoiser denoiser = denoiser(SlicePriors.slices(), (input, levels, spacing) -> {
				calls[0]++;
				return input.mul(1);
			}, manager, x);
			assertThrows(CancelledException.class, () -> denoiser.denoise(x, 1, Placement.ORIGIN, NoiseField.of(1), x.zeros(),
				TestProgress.cancelledAfter(2)));
			assertEquals(2, calls[0]);
		}
	}
}
