package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

class PatchDenoiserTest {

	private static final int P = 8;

	/** A few thousand weights, with every kind of layer that the real ones have. */
	static PriorSettings tiny(final Prediction prediction) {
		return PriorSettings.hounsfield("tiny", new UNetConfig(5, 1, P, 2, 4, List.of(1, 2), 1, List.of(2), true, 2),
			prediction);
	}

	private static Columns noise(final int nx, final int ny, final int nz) {
		return NoiseField.of(11).mixInto(new Columns(nx, ny, nz), 0, 1);
	}

	private static Columns denoise(final PatchDenoiser denoiser, final Columns x, final int t, final int... offset) {
		final Columns clean = x.zeros().fill(Float.NaN);
		denoiser.denoise(x, t, Placement.at(offset, 0), NoiseField.of(12), clean, Progress.SILENT);
		return clean;
	}

	@Test
	void turnedPredictionIsThatOfTheTurnedVolume() {
		final JsonObject record = JsonParser.parseString("{\"training\": {\"flips\": true, \"transpose\": true}}")
			.getAsJsonObject();
		final PriorSettings settings = tiny(Prediction.CLEAN).withRecord(record);
		final List<Orientation> known = Orientation.known(settings);
		assertEquals(16, Set.copyOf(known).size());
		final Columns x = noise(2 * P, P, 2 * P);
		try (Prior prior = Prior.create(settings, "cpu", 3)) {
			for (int turn = 0; turn < known.size(); turn++) {
				final Orientation o = known.get(turn);
				final Columns seen = turned(x, o.exchanged(), o), upright = seen.zeros(), actual = x.zeros();
				new PatchDenoiser(prior, seen.nx(), seen.ny(), seen.nz()).denoise(seen, 300, Placement.ORIGIN, NoiseField.of(1),
					upright, Progress.SILENT);
				new PatchDenoiser(prior, x.nx(), x.ny(), x.nz()).denoise(x, 300, new Placement(0, 0, 0, turn), NoiseField.of(1),
					actual, Progress.SILENT);
				final Columns expected = turned(turned(upright, false, o), o.exchanged(), Orientation.known(tiny(Prediction.CLEAN))
					.get(0));
				assertEquals(0, actual.add(-1, expected).norm() / expected.norm(), 1e-5, o.toString());
			}
		}
	}

	/** With x and y exchanged if so wanted, then mirrored. */
	private static Columns turned(final Columns from, final boolean exchanged, final Orientation o) {
		final Columns to = exchanged ? new Columns(from.ny(), from.nx(), from.nz()) : from.zeros();
		for (int x = 0; x < to.nx(); x++)
			for (int y = 0; y < to.ny(); y++)
				for (int z = 0; z < to.nz(); z++) {
					final int fx = o.x() ? to.nx() - 1 - x : x, fy = o.y() ? to.ny() - 1 - y : y;
					to.column(x, y)[z] = (exchanged ? from.column(fy, fx) : from.column(fx, fy))[o.z() ? to.nz() - 1 - z : z];
				}
		return to;
	}

	@Test
	void priorSeesOnlyWhatItHasLearned() {
		final JsonObject record = JsonParser.parseString("{\"training\": {\"flips\": true, \"transpose\": false}}")
			.getAsJsonObject();
		assertEquals(8, Orientation.known(tiny(Prediction.CLEAN).withRecord(record)).stream().filter(o -> !o.exchanged()).count());
		assertEquals(8, Orientation.known(tiny(Prediction.CLEAN).withRecord(record)).size());
		assertEquals(List.of(new Orientation(false, false, false, false)), Orientation.known(tiny(Prediction.CLEAN)));
	}

	@ParameterizedTest
	@EnumSource(Prediction.class)
	void volumeOfOnePatchIsOneEvaluationOfTheNetwork(final Prediction prediction) {
		final PriorSettings settings = tiny(prediction);
		final NoiseSchedule schedule = NoiseSchedule.of(settings);
		final int t = 600;
		final Columns x = noise(P, P, P);
		try (Prior prior = Prior.create(settings, "cpu", 3); NDManager manager = prior.manager().newSubManager()) {
			final float[] input = new float[5 * P * P * P];
			for (int i = 0; i < P * P * P; i++) {
				final int ix = i % P, iy = i / P % P, iz = i / P / P;
				input[i] = x.column(ix, iy)[iz];
				// The volume is as large as a patch, so its thumbnail is the volume.
				input[i + P * P * P] = input[i];
				input[i + 2 * P * P * P] = 2f * ix / (P - 1) - 1;
				input[i + 3 * P * P * P] = 2f * iy / (P - 1) - 1;
				input[i + 4 * P * P * P] = 2f * iz / (P - 1) - 1;
			}
			final float[] output = prior.predict(manager.create(input, new Shape(1, 5, P, P, P)), manager.create(
				new float[] { t })).toFloatArray();
			final Columns clean = denoise(new PatchDenoiser(prior, P, P, P), x, t, 0, 0, 0);
			final double signal = Math.sqrt(schedule.alphaBar(t)), sigma = Math.sqrt(1 - schedule.alphaBar(t));
			double spread = 0;
			for (int i = 0; i < P * P * P; i++) {
				final double x0 = switch (prediction) {
					case V -> signal * input[i] - sigma * output[i];
					case EPSILON -> (input[i] - sigma * output[i]) / signal;
					case CLEAN -> output[i];
				};
				spread = Math.max(spread, Math.abs(output[i]));
				assertEquals(x0, clean.column(i % P, i / P % P)[i / P / P], 1e-5 / signal);
			}
			assertTrue(spread > 0.01, "the network must say something");
		}
	}

	@ParameterizedTest
	@CsvSource({ "20, 9, 17, 0, 0, 0", "20, 9, 17, 3, 7, 5", "3, 1, 5, 0, 1, 7", "8, 8, 16, 4, 0, 7", "1, 1, 1, 7, 7, 7" })
	void everyVoxelGetsTheOutputOfItsOwnPlaceForAnyShapeAndOffset(final int nx, final int ny, final int nz, final int ox,
		final int oy, final int oz)
	{
		// A "network" that returns ε = its noisy patch makes x̂0 = x_t (1 − √(1−ᾱ)) / √ᾱ, voxel by voxel.
		final PriorSettings settings = tiny(Prediction.EPSILON);
		final int t = 300;
		final NoiseSchedule schedule = NoiseSchedule.of(settings);
		final double factor = (1 - schedule.noise(t)) / schedule.signal(t);
		final Columns x = noise(nx, ny, nz);
		try (NDManager manager = NDManager.newBaseManager()) {
			final Columns clean = denoise(new PatchDenoiser(settings, (input, levels) -> input.get(":, 0:1"), manager, nx, ny,
				nz), x, t, ox, oy, oz);
			for (int c = 0; c < nx * ny; c++)
				for (int z = 0; z < nz; z++)
					assertEquals(factor * x.data()[c][z], clean.data()[c][z], 1e-5);
		}
	}

	@Test
	void paddingIsAirWithNoiseOfTheLevel() {
		final PriorSettings settings = tiny(Prediction.V);
		final int t = 500;
		final NoiseSchedule schedule = NoiseSchedule.of(settings);
		final double[] sums = new double[3];
		final Columns x = new Columns(16, 16, 16).fill(1e3f);
		try (NDManager manager = NDManager.newBaseManager()) {
			denoise(new PatchDenoiser(settings, (input, levels) -> {
				for (final float v : input.get(":, 0:1").toFloatArray()) {
					if (v > 500) continue;
					sums[0]++;
					sums[1] += v;
					sums[2] += v * v;
				}
				assertArrayEquals(new float[] { t }, levels.get("0:1").toFloatArray());
				return input.get(":, 0:1");
			}, manager, 16, 16, 16), x, t, 4, 4, 4);
		}
		// 27 patches of 8³ voxels cover the 16³ of the volume and this much padding:
		final int n = 24 * 24 * 24 - 16 * 16 * 16;
		assertEquals(n, sums[0]);
		final double mean = sums[1] / n, deviation = Math.sqrt(sums[2] / n - mean * mean);
		assertEquals(-schedule.signal(t), mean, 4 * schedule.noise(t) / Math.sqrt(n));
		assertEquals(schedule.noise(t), deviation, 4 * schedule.noise(t) / Math.sqrt(2 * n));
	}

	@Test
	void inputIsNotChangedAndTheAnswerRepeatsItself() {
		final Columns x = noise(12, 10, 9), kept = x.copy();
		try (Prior prior = Prior.create(tiny(Prediction.EPSILON), "cpu", 3)) {
			final PatchDenoiser denoiser = new PatchDenoiser(prior, 12, 10, 9);
			final Columns first = denoise(denoiser, x, 100, 1, 2, 3);
			denoise(denoiser, x, 900, 7, 0, 4);
			assertArrayEquals(first.data(), denoise(denoiser, x, 100, 1, 2, 3).data());
		}
		assertArrayEquals(kept.data(), x.data());
	}

	@Test
	void whenMemoryRunsOutTheBatchIsHalvedAndNothingElseChanges() {
		final Columns x = noise(20, 20, 20);
		try (Prior prior = Prior.create(tiny(Prediction.EPSILON), "cpu", 3)) {
			final Columns expected = denoise(new PatchDenoiser(prior, 20, 20, 20), x, 100, 1, 2, 3);
			final List<Long> sizes = new ArrayList<>();
			final PatchDenoiser small = new PatchDenoiser(prior.settings(), (input, levels) -> {
				final long n = input.getShape().get(0);
				sizes.add(n);
				if (n > 5) throw new EngineException("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to " +
					"allocate 1 bytes.");
				return prior.predict(input, levels);
			}, prior.manager(), 20, 20, 20);
			final Columns actual = denoise(small, x, 100, 1, 2, 3);
			// 27 or more patches: halved until it fits, and kept small.
			assertTrue(sizes.get(0) > 5);
			assertEquals(sizes.get(0) / 2, sizes.get(1));
			assertTrue(small.batch() <= 5);
			for (int c = 0; c < 400; c++)
				assertArrayEquals(expected.data()[c], actual.data()[c], 1e-5f);
		}
	}

	@Test
	void whenNotEvenOnePatchFitsTheUserIsToldWhatToDo() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final PatchDenoiser denoiser = new PatchDenoiser(tiny(Prediction.EPSILON), (input, levels) -> {
				throw new EngineException("CUDA out of memory. Tried to allocate 20.00 MiB");
			}, manager, 20, 20, 20);
			final String message = assertThrows(InvalidInputException.class, () -> denoise(denoiser, noise(20, 20, 20), 1, 0,
				0, 0)).getMessage();
			assertTrue(message.matches("Memory ran out on cpu.* even for a single patch of 8³ voxels of the prior " +
				"\"tiny\"\\. Close other programs that use it, choose a smaller prior, or another device\\."), message);
		}
	}

	@Test
	void otherFailuresOfTheNetworkAreNotTakenForFullMemory() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final int[] calls = { 0 };
			final PatchDenoiser denoiser = new PatchDenoiser(tiny(Prediction.EPSILON), (input, levels) -> {
				calls[0]++;
				throw new EngineException("expected 5 channels");
			}, manager, 20, 20, 20);
			assertThrows(EngineException.class, () -> denoise(denoiser, noise(20, 20, 20), 1, 0, 0, 0));
			assertEquals(1, calls[0]);
		}
	}

	@Test
	void cancelStopsBeforeTheNextBatch() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final int[] calls = { 0 };
			// 13³ patches, several batches.
			final PatchDenoiser denoiser = new PatchDenoiser(tiny(Prediction.EPSILON), (input, levels) -> {
				calls[0]++;
				final NDArray output = input.get(":, 0:1");
				return output;
			}, manager, 96, 96, 96);
			final Columns x = new Columns(96, 96, 96);
			assertThrows(CancelledException.class, () -> denoiser.denoise(x, 1, new Placement(1, 1, 1, 0), NoiseField.of(1), x
				.zeros(), TestProgress.cancelledAfter(1)));
			assertEquals(1, calls[0]);
			assertTrue(denoiser.batch() < 13 * 13 * 13);
		}
	}
}
