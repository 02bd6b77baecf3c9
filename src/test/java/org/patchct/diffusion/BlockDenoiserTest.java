package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import com.google.gson.JsonParser;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.WaveletConfig;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

class BlockDenoiserTest {

	private static final int MARGIN = 3, MULTIPLE = 4;

	/** Two levels; trained, by its record, to do without the whole volume. */
	private static final PriorSettings TINY = withDropout(0.1);

	private static PriorSettings withDropout(final double probability) {
		return PriorSettings.hounsfield("tiny", new WaveletConfig(5, 16, List.of(4, 6), List.of(1, 1), 8, List.of()),
			Prediction.CLEAN).withRecord(JsonParser.parseString("{\"training\": {\"conditionDropout\": " + probability +
				", \"flips\": true, \"transpose\": true}}").getAsJsonObject());
	}

	private static Columns noise(final int nx, final int ny, final int nz) {
		return NoiseField.of(11).mixInto(new Columns(nx, ny, nz), 0, 1);
	}

	private static BlockDenoiser blocks(final PatchDenoiser.Network network, final NDManager manager, final Columns x) {
		return new BlockDenoiser(TINY, network, manager, x.nx(), x.ny(), x.nz(), MARGIN, new Stopwatch());
	}

	private static Columns denoise(final Denoiser denoiser, final Columns x, final int t, final Placement placement) {
		final Columns clean = x.zeros().fill(Float.NaN);
		denoiser.denoise(x, t, placement, NoiseField.of(12), clean, Progress.SILENT);
		return clean;
	}

	@ParameterizedTest
	@CsvSource({ "20, 9, 17, 0, 0, 0, 0", "20, 9, 17, 3, 2, 1, 5", "3, 1, 5, 0, 1, 3, 15", "300, 2, 7, 1, 0, 3, 8",
		"1, 129, 1, 3, 3, 3, 10" })
	void everyVoxelGetsTheOutputOfItsOwnPlaceFromWellInsideABlock(final int nx, final int ny, final int nz, final int ox,
		final int oy, final int oz, final int turn)
	{
		final Columns x = noise(nx, ny, nz);
		try (NDManager manager = NDManager.newBaseManager()) {
			// A "network" that returns what it sees, but nothing usable at the margin.
			final Columns clean = denoise(blocks((input, levels) -> {
				final Shape s = input.getShape();
				final String inner = String.format(":, :1, %1$d:-%1$d, %1$d:-%1$d, %1$d:-%1$d", MARGIN);
				final NDArray output = input.getManager().full(new Shape(1, 1, s.get(2), s.get(3), s.get(4)), Float.NaN);
				output.set(new ai.djl.ndarray.index.NDIndex(inner), input.get(inner));
				return output;
			}, manager, x), x, 300, new Placement(ox, oy, oz, turn));
			assertArrayEquals(x.data(), clean.data());
		}
	}

	@Test
	void blocksSeeTheVolumeMirroredAndThePlacesOfItsVoxelsButNotTheWhole() {
		final int n = 6;
		final Columns x = new Columns(n, n, n);
		for (int c = 0; c < n * n; c++)
			for (int z = 0; z < n; z++)
				x.data()[c][z] = 100 * (c % n) + 10 * (c / n) + z;
		try (NDManager manager = NDManager.newBaseManager()) {
			denoise(blocks((input, levels) -> {
				final Shape s = input.getShape();
				assertEquals(new Shape(1, 5, 16, 12, 12), s);
				// One voxel more in front along z than the margin asks for, so that groups begin where they shall.
				for (int k = 0; k < 16; k++)
					for (int j = 0; j < 12; j++)
						for (int i = 0; i < 12; i++) {
							final int ix = mirrored(i - MARGIN, n), iy = mirrored(j - MARGIN, n), iz = mirrored(k - MARGIN - 1, n);
							assertEquals(100 * ix + 10 * iy + iz, input.getFloat(0, 0, k, j, i));
							assertEquals(0, input.getFloat(0, 1, k, j, i));
							assertEquals(2f * ix / (n - 1) - 1, input.getFloat(0, 2, k, j, i));
							assertEquals(2f * iy / (n - 1) - 1, input.getFloat(0, 3, k, j, i));
							assertEquals(2f * iz / (n - 1) - 1, input.getFloat(0, 4, k, j, i));
						}
				return input.get(":, :1");
			}, manager, x), x, 7, new Placement(1, 1, 0, 0));
		}
	}

	@Test
	void blocksAreTurnedAsPatchesAre() {
		final Columns x = noise(9, 14, 5);
		try (NDManager manager = NDManager.newBaseManager()) {
			final List<NDArray> seen = new ArrayList<>();
			final BlockDenoiser denoiser = blocks((input, levels) -> {
				final NDArray kept = input.duplicate();
				kept.attach(manager);
				seen.add(kept);
				return input.get(":, :1");
			}, manager, x);
			final List<Orientation> orientations = Orientation.known(TINY);
			assertEquals(16, orientations.size());
			for (int turn = 0; turn < 16; turn++) {
				denoise(denoiser, x, 7, new Placement(1, 2, 3, turn));
				final NDArray expected = orientations.get(turn).turn(seen.get(0), TINY);
				assertEquals(expected.getShape(), seen.get(turn).getShape());
				assertEquals(expected, seen.get(turn), orientations.get(turn).toString());
			}
		}
	}

	private static int mirrored(final int i, final int n) {
		return i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i;
	}

	/** Beyond what the network sees of its surroundings, the cut does not matter. */
	@Test
	void blocksWithWideMarginsAgreeWithTheWhole() {
		final Columns x = noise(40, 24, 36);
		try (Prior prior = Prior.create(TINY, "cpu", 5)) {
			final int margin = 32;
			final Columns whole = denoise(new BlockDenoiser(prior, 40, 24, 36, margin, new Stopwatch()), x, 200,
				Placement.ORIGIN);
			final long[] largest = { 0 };
			final BlockDenoiser small = new BlockDenoiser(prior.settings(), (input, levels) -> {
				final Shape s = input.getShape();
				// Too large a volume runs out of memory.
				if (s.get(2) * s.get(3) * s.get(4) > 100 * 88 * 90) throw new EngineException("not enough memory");
				largest[0] = Math.max(largest[0], s.get(4));
				return prior.predict(input, levels);
			}, prior.manager(), 40, 24, 36, margin, new Stopwatch());
			final Columns parts = denoise(small, x, 200, Placement.ORIGIN);
			assertEquals(32, small.longest());
			assertEquals(20 + 2 * margin, largest[0]);
			assertEquals(0, parts.add(-1, whole).norm() / whole.norm(), 1e-5);
		}
	}

	@Test
	void whenNotEvenTheSmallestBlockFitsTheUserIsToldWhatToDo() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final List<Shape> tried = new ArrayList<>();
			final Columns x = noise(70, 20, 20);
			final BlockDenoiser denoiser = blocks((input, levels) -> {
				tried.add(input.getShape());
				throw new EngineException("CUDA out of memory. Tried to allocate 20.00 MiB");
			}, manager, x);
			final String message = assertThrows(InvalidInputException.class, () -> denoise(denoiser, x, 1,
				Placement.ORIGIN)).getMessage();
			assertTrue(message.matches("Memory ran out on cpu.* even for a single patch of 22³ voxels of the prior " +
				"\"tiny\"\\. Close other programs that use it, choose a smaller prior, or another device\\."), message);
			assertEquals(4, tried.size());
		}
	}

	@Test
	void otherFailuresOfTheNetworkAreNotTakenForFullMemory() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final Columns x = noise(8, 8, 8);
			assertThrows(EngineException.class, () -> denoise(blocks((input, levels) -> {
				throw new EngineException("expected 5 channels");
			}, manager, x), x, 1, Placement.ORIGIN));
		}
	}

	@Test
	void cancelStopsBeforeTheNextBlock() {
		try (NDManager manager = NDManager.newBaseManager()) {
			final int[] calls = { 0 };
			final Columns x = new Columns(4, 4, 2 * BlockDenoiser.LONGEST);
			assertThrows(CancelledException.class, () -> blocks((input, levels) -> {
				calls[0]++;
				return input.get(":, :1");
			}, manager, x).denoise(x, 1, Placement.ORIGIN, NoiseField.of(1), x.zeros(), TestProgress.cancelledAfter(1)));
			assertEquals(1, calls[0]);
		}
	}

	@Test
	void priorIsUsedByBlocksWhereItKnowsNoOtherWholeThanThem() {
		assertTrue(BlockDenoiser.suits(TINY));
		assertFalse(BlockDenoiser.suits(withDropout(0)));
		assertFalse(BlockDenoiser.suits(PatchDenoiserTest.tiny(Prediction.CLEAN)));
		try (Prior wavelet = Prior.create(TINY, "cpu", 1); Prior unet = Prior.create(PatchDenoiserTest.tiny(
			Prediction.CLEAN), "cpu", 1))
		{
			assertTrue(VolumeDenoiser.of(wavelet, 8, 8, 8, 1) instanceof BlockDenoiser);
			assertTrue(VolumeDenoiser.of(wavelet, 8, 8, 8, 0) instanceof PatchDenoiser);
			assertTrue(VolumeDenoiser.of(unet, 8, 8, 8, 1) instanceof PatchDenoiser);
		}
	}

	@Test
	void meanSizeIsThatOfAllPlacements() {
		final BlockTiling tiling = new BlockTiling(300, 20, 129, MARGIN, MULTIPLE);
		double sum = 0;
		for (int z = 0; z < MULTIPLE; z++)
			for (int y = 0; y < MULTIPLE; y++)
				for (int x = 0; x < MULTIPLE; x++)
					sum += tiling.blocks(128, new Placement(x, y, z, 0)).stream().mapToLong(BlockTiling.Block::voxels).sum();
		assertEquals(sum / Math.pow(MULTIPLE, 3), tiling.meanVoxels(128), 1e-6 * sum);
	}

	@Test
	void inputIsNotChanged() {
		// A "network" that answers with nothing.
		final Columns x = noise(9, 9, 9), kept = x.copy();
		try (NDManager manager = NDManager.newBaseManager()) {
			final Columns clean = denoise(blocks((input, levels) -> input.get(":, :1").mul(0), manager, x), x, NoiseSchedule.of(
				TINY).levels() - 1, Placement.ORIGIN);
			assertEquals(0, clean.norm());
		}
		assertArrayEquals(kept.data(), x.data());
	}
}
