package org.patchct.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.patchct.task.InvalidInputException;

class ResamplingTest {

	/** From, to: finer, coarser, mixed, odd sides, fractional ratios, a single slice. */
	private static final Grid[][] PAIRS = { { new Grid(20, 17, 11, 0.7, 0.8, 2.5), new Grid(31, 33, 40, 0.451613, 0.412121,
		0.6875) }, { new Grid(40, 36, 30, 0.5, 0.5, 0.5), new Grid(13, 12, 7, 1.538461538, 1.5, 2.142857143) }, { new Grid(30,
			30, 8, 0.5, 0.5, 4), new Grid(15, 10, 32, 1, 1.5, 1) }, { new Grid(12, 12, 1, 1, 1, 3), new Grid(9, 24, 1, 4 / 3.0,
				0.5, 3) } };

	@Test
	void keepsConstants() {
		for (final Grid[] pair : PAIRS) {
			final Volume volume = volume(pair[0]);
			volume.img().forEach(voxel -> voxel.set(-317));
			Resampling.toGrid(volume, pair[1]).img().forEach(voxel -> assertEquals(-317, voxel.get(), 1e-3));
		}
	}

	@Test
	void keepsLinearRampsAwayFromTheBorder() {
		for (final Grid[] pair : PAIRS) {
			final Grid to = pair[1];
			final float[][] planes = Layouts.planes(Resampling.toGrid(ramp(pair[0]), to).img());
			// Within half an old voxel and half a new one of the border the continuation of the ends shows.
			final double[] margin = { margin(pair[0].dx(), to.dx()), margin(pair[0].dy(), to.dy()), margin(pair[0].dz(), to
				.dz()) };
			int compared = 0;
			for (int k = 0; k < to.nz(); k++)
				for (int j = 0; j < to.ny(); j++)
					for (int i = 0; i < to.nx(); i++)
						if (inside(to.x(i), pair[0].nx() * pair[0].dx(), margin[0]) && inside(to.y(j), pair[0].ny() * pair[0].dy(),
							margin[1]) && (to.nz() == 1 || inside(to.z(k), pair[0].nz() * pair[0].dz(), margin[2])))
						{
							assertEquals(rampValue(to.x(i), to.y(j), to.z(k)), planes[k][i + to.nx() * j], 2e-3);
							compared++;
						}
			assertTrue(compared > to.voxels() / 4, compared + " of " + to.voxels());
		}
	}

	@Test
	void keepsTheMeanWhereTheGridBecomesCoarser() {
		final Volume volume = noise(new Grid(40, 36, 30, 0.5, 0.6, 0.7));
		for (final int[] n : new int[][] { { 20, 18, 10 }, { 13, 11, 7 }, { 39, 35, 29 }, { 1, 1, 1 } }) {
			final Grid to = new Grid(n[0], n[1], n[2], 20.0 / n[0], 21.6 / n[1], 21.0 / n[2]);
			assertEquals(mean(volume), mean(Resampling.toGrid(volume, to)), 1e-5);
		}
	}

	@Test
	void givesBackTheVolumeOnItsOwnGrid() {
		final Volume volume = noise(new Grid(7, 6, 5, 0.5, 0.6, 0.7));
		assertSame(volume, Resampling.toGrid(volume, volume.grid()));
		assertSame(volume, Resampling.toCubic(volume, 0));
		// Spacings that differ by rounding are the same grid.
		final Volume same = Resampling.toGrid(volume, new Grid(7, 6, 5, 0.5 + 1e-8, 0.6, 0.7 - 1e-8));
		assertArrayEquals(Layouts.planes(volume.img()), Layouts.planes(same.img()));
	}

	@Test
	void averagesWholeVoxelsExactly() {
		final Volume fine = noise(new Grid(24, 12, 18, 0.5, 0.5, 1));
		final Volume binned = Resampling.binned(fine, 3);
		assertEquals(new Grid(8, 4, 6, 1.5, 1.5, 3), binned.grid());
		final float[][] source = Layouts.planes(fine.img()), target = Layouts.planes(binned.img());
		double sum = 0;
		for (int c = 3; c < 6; c++)
			for (int b = 6; b < 9; b++)
				for (int a = 12; a < 15; a++)
					sum += source[c][a + 24 * b];
		assertEquals(sum / 27, target[1][4 + 8 * 2], 1e-6);
		final float[][] general = Layouts.planes(Resampling.toGrid(fine, binned.grid()).img());
		for (int k = 0; k < 6; k++)
			assertArrayEquals(target[k], general[k], 1e-5f);
	}

	@Test
	void binningUndoesRepetition() {
		final Volume coarse = noise(new Grid(5, 4, 3, 1, 2, 3));
		final Grid grid = coarse.grid().refined(2);
		final float[][] source = Layouts.planes(coarse.img()), repeated = new float[6][80];
		for (int k = 0; k < 6; k++)
			for (int i = 0; i < 80; i++)
				repeated[k][i] = source[k / 2][i % 10 / 2 + 5 * (i / 10 / 2)];
		final Volume fine = new Volume("fine", Layouts.wrap(repeated, 10, 8), grid, Intensity.HU);
		final Volume back = Resampling.binned(fine, 2);
		assertEquals(coarse.grid(), back.grid());
		assertArrayEquals(source, Layouts.planes(back.img()));
	}

	@Test
	void binningARefinedRampGivesTheRamp() {
		final Volume ramp = ramp(new Grid(12, 10, 8, 1, 2, 0.5));
		final Volume back = Resampling.binned(Resampling.toGrid(ramp, ramp.grid().refined(2)), 2);
		final float[][] expected = Layouts.planes(ramp.img()), actual = Layouts.planes(back.img());
		for (int k = 1; k < 7; k++)
			for (int j = 1; j < 9; j++)
				for (int i = 1; i < 11; i++)
					assertEquals(expected[k][i + 12 * j], actual[k][i + 12 * j], 1e-4);
	}

	@Test
	void makesVoxelsCubic() {
		final Volume volume = volume(new Grid(256, 250, 51, 1.6, 1.6, 5));
		final Grid grid = Resampling.toCubic(volume, 128).grid();
		assertEquals(new Grid(128, 125, 80, 3.2, 3.2, 3.2), grid);
	}

	@Test
	void fillsSpaceOutsideTheOldGridWithAir() {
		final Volume volume = volume(Grid.cube(4, 1));
		volume.img().forEach(voxel -> voxel.set(40));
		final float[][] planes = Layouts.planes(Resampling.toGrid(volume, Grid.cube(8, 1)).img());
		assertEquals(-1000, planes[0][0]);
		assertEquals(-1000, planes[4][1 + 8 * 4]);
		assertEquals(-1000, planes[4][4 + 8 * 1]);
		assertEquals(40, planes[4][4 + 8 * 4]);
	}

	@Test
	void refusesSizesThatMakeNoSense() {
		final Volume volume = volume(Grid.cube(4, 1));
		assertThrows(InvalidInputException.class, () -> Resampling.toCubic(volume, -1));
		final String said = assertThrows(InvalidInputException.class, () -> Resampling.toCubic(volume, 20000)).getMessage();
		assertTrue(said.contains("GB of memory"), said);
		assertThrows(InvalidInputException.class, () -> Resampling.binned(volume, 3));
		assertThrows(InvalidInputException.class, () -> Resampling.binned(volume, 0));
	}

	private static double margin(final double from, final double to) {
		return from / 2 + to / 2 + 1e-9;
	}

	private static boolean inside(final double x, final double length, final double margin) {
		return Math.abs(x) <= length / 2 - margin;
	}

	private static double rampValue(final double x, final double y, final double z) {
		return 100 + 3 * x - 2 * y + 5 * z;
	}

	private static Volume ramp(final Grid grid) {
		final Volume volume = volume(grid);
		final float[][] planes = Layouts.planes(volume.img());
		for (int k = 0; k < grid.nz(); k++)
			for (int j = 0; j < grid.ny(); j++)
				for (int i = 0; i < grid.nx(); i++)
					planes[k][i + grid.nx() * j] = (float) rampValue(grid.x(i), grid.y(j), grid.z(k));
		return volume;
	}

	private static Volume noise(final Grid grid) {
		final Volume volume = volume(grid);
		final Random random = new Random(3);
		volume.img().forEach(voxel -> voxel.set(random.nextFloat()));
		return volume;
	}

	private static double mean(final Volume volume) {
		double sum = 0;
		for (final float[] plane : Layouts.planes(volume.img()))
			for (final float v : plane)
				sum += v;
		return sum / volume.grid().voxels();
	}

	private static Volume volume(final Grid grid) {
		return new Volume("v", Layouts.newImage(grid.nx(), grid.ny(), grid.nz()), grid, Intensity.HU);
	}
}
