package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;

import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.patchct.diffusion.PatchInputs;
import org.patchct.diffusion.PatchTiling;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.network.WaveletConfig;
import org.patchct.volume.Columns;

class BatchTest {

	private static final int P = 4, P3 = 64;

	private static final UNetConfig NETWORK = new UNetConfig(5, 1, P, 1, 4, List.of(1), 1, List.of(), false, 2);

	private static final PriorSettings V = PriorSettings.hounsfield("test", NETWORK, Prediction.V);

	private static final PriorSettings EPSILON = PriorSettings.hounsfield("test", NETWORK, Prediction.EPSILON);

	private static final NoiseSchedule SCHEDULE = NoiseSchedule.of(V);

	/** Neighbours in x, y and z, so that they share noise, one of them half in the padding. */
	private static final List<PatchTiling.Patch> PATCHES = List.of(new PatchTiling.Patch(5, 6, 7), new PatchTiling.Patch(6,
		6, 7), new PatchTiling.Patch(2, 9, 1));

	@Test
	void inputAndTargetGiveBackTheCleanPatch() {
		for (final PriorSettings settings : List.of(V, EPSILON)) {
			final Batch batch = batch(settings, false, false, false, false, 40, 300, 900);
			for (int i = 0; i < batch.clean().length; i++) {
				final int n = i / P3, t = (int) batch.levels()[n];
				final double a = SCHEDULE.signal(t), b = SCHEDULE.noise(t), x = batch.input()[n * 5 * P3 + i % P3];
				final double clean = settings == V ? a * x - b * batch.target()[i] : (x - b * batch.target()[i]) / a;
				assertEquals(batch.clean()[i], clean, 2e-5);
			}
		}
	}

	@Test
	void thumbnailIsThatOfTheSameNoisedVolume() {
		// Build x_t of the whole volume from a batch that covers it, and compare with the global channel.
		final Columns volume = volume();
		final List<PatchTiling.Patch> all = new PatchTiling(volume.nx(), volume.ny(), volume.nz(), P).patches(0, 0, 0);
		final int[] levels = new int[all.size()];
		java.util.Arrays.fill(levels, 500);
		final Batch batch = Batch.of(V, SCHEDULE, List.of(new Batch.Draw(new Batch.Source(V, new TrainingVolume("a", volume,
			1)), true, false, true, true, 99, all, levels)));
		final int nx = volume.ny(), ny = volume.nx();
		final Columns noisy = new Columns(nx + 3 * P, ny + 3 * P, volume.nz() + 3 * P);
		for (int n = 0; n < levels.length; n++)
			PatchInputs.scatter(batch.input(), n * 5 * P3, all.get(n), P, noisy);
		final float[] expected = new PatchInputs(V, nx, ny, volume.nz()).thumbnail(noisy);
		for (int n = 0; n < levels.length; n++)
			assertArrayEquals(expected, java.util.Arrays.copyOfRange(batch.input(), (n * 5 + 1) * P3, (n * 5 + 2) * P3), 1e-5f);
	}

	@Test
	void overlappingPatchesSeeTheSameNoise() {
		final Batch batch = batch(EPSILON, false, false, false, false, 40, 300, 900);
		for (int z = 0; z < P; z++)
			for (int y = 0; y < P; y++)
				for (int x = 0; x + 1 < P; x++)
					assertEquals(batch.target()[(z * P + y) * P + x + 1], batch.target()[P3 + (z * P + y) * P + x]);
	}

	@Test
	void noiseIsStandardNormal() {
		final Columns volume = new Columns(12, 12, 400);
		final List<PatchTiling.Patch> all = new PatchTiling(12, 12, 400, P).patches(1, 2, 3);
		final Batch batch = Batch.of(EPSILON, SCHEDULE, List.of(new Batch.Draw(new Batch.Source(EPSILON, new TrainingVolume(
			"a", volume, 1)), false, false, false, false, 7, all, new int[all.size()])));
		double sum = 0, squares = 0, fourth = 0;
		for (final float e : batch.target()) {
			sum += e;
			squares += e * e;
			fourth += Math.pow(e, 4);
		}
		final int n = batch.target().length;
		assertEquals(0, sum / n, 5 / Math.sqrt(n));
		assertEquals(1, squares / n, 5 * Math.sqrt(2.0 / n));
		assertEquals(3, fourth / n, 5 * Math.sqrt(96.0 / n));
	}

	@Test
	void turnsAreThoseOfTheVolume() {
		final Columns volume = volume();
		final Batch batch = batch(V, true, true, true, true, 1, 2, 3);
		final int nx = volume.ny(), ny = volume.nx(), nz = volume.nz();
		int insideCount = 0;
		for (int n = 0; n < PATCHES.size(); n++) {
			final PatchTiling.Patch patch = PATCHES.get(n);
			for (int z = 0; z < P; z++)
				for (int y = 0; y < P; y++)
					for (int x = 0; x < P; x++) {
						final int i = n * P3 + (z * P + y) * P + x;
						final int vx = patch.x() + x - P, vy = patch.y() + y - P, vz = patch.z() + z - P;
						final boolean in = vx >= 0 && vx < nx && vy >= 0 && vy < ny && vz >= 0 && vz < nz;
						assertEquals(in, batch.inside()[i]);
						assertEquals(in ? volume.column(ny - 1 - vy, nx - 1 - vx)[nz - 1 - vz] : -1, batch.clean()[i]);
						if (in) insideCount++;
					}
		}
		assertTrue(insideCount > P3 && insideCount < 3 * P3);
	}

	@Test
	void groupsAreSlicesAtTheirSpacingWithNoiseOfTheirOwn() {
		final PriorSettings groups = new PriorSettings("groups", new WaveletConfig(3, P, List.of(4), List.of(1), 4, List.of(), 3,
			List.of(1, 3)), false, false, Prediction.CLEAN, SCHEDULE, -1, 1, "HU", -1000, 1000, null);
		final Columns volume = volume();
		final int nz = volume.nz(), cells = 3 * P * P;
		final Batch batch = Batch.of(groups, SCHEDULE, List.of(new Batch.Draw(new Batch.Source(groups, new TrainingVolume("a",
			volume, 1)), false, true, true, true, 5, PATCHES, new int[] { 40, 300, 900 }, new int[] { 0, 1, 0 })));
		assertEquals(new Shape(3, 3, 1, P, P), Batch.shape(groups, 3, batch.input().length));
		assertArrayEquals(new float[] { 0, 1, 0 }, batch.spacings());
		assertArrayEquals(batch.clean(), batch.target());
		double squares = 0;
		for (int i = 0; i < batch.clean().length; i++) {
			final int n = i / cells, spacing = n == 1 ? 3 : 1, t = (int) batch.levels()[n];
			final PatchTiling.Patch patch = PATCHES.get(n);
			final int vx = patch.x() + i % P - P, vy = patch.y() + i / P % P - P, vz = patch.z() - P + (i / (P * P) % 3 - 1) *
				spacing;
			final boolean in = vx >= 0 && vx < volume.ny() && vy >= 0 && vy < volume.nx() && vz >= 0 && vz < nz;
			assertEquals(in, batch.inside()[i]);
			assertEquals(in ? volume.column(volume.nx() - 1 - vy, vx)[nz - 1 - vz] : -1, batch.clean()[i]);
			squares += Math.pow((batch.input()[i] - SCHEDULE.signal(t) * batch.clean()[i]) / SCHEDULE.noise(t), 2);
		}
		final int count = batch.clean().length;
		assertEquals(1, squares / count, 5 * Math.sqrt(2.0 / count));
	}

	@Test
	void sameSeedGivesTheSameBatch() {
		final Batch a = batch(V, true, false, true, false, 40, 300, 900), b = batch(V, true, false, true, false, 40, 300,
			900);
		assertArrayEquals(a.input(), b.input());
		assertArrayEquals(a.target(), b.target());
	}

	private static Batch batch(final PriorSettings settings, final boolean flipX, final boolean flipY, final boolean flipZ,
		final boolean transpose, final int... levels)
	{
		return Batch.of(settings, SCHEDULE, List.of(new Batch.Draw(new Batch.Source(settings, new TrainingVolume("a",
			volume(), 1)), flipX, flipY, flipZ, transpose, 5, PATCHES, levels)));
	}

	private static Columns volume() {
		final Columns volume = new Columns(11, 9, 10);
		final SplittableRandom random = new SplittableRandom(2);
		for (final float[] column : volume.data())
			for (int z = 0; z < column.length; z++)
				column[z] = (float) (2 * random.nextDouble() - 1);
		return volume;
	}
}
