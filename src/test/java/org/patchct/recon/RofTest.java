package org.patchct.recon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.patchct.task.CancelledException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.ColumnsTotalVariation;
import org.patchct.volume.Grid;

class RofTest {

	private static final Grid GRID = new Grid(9, 8, 7, 1, 1, 1.5);

	@Test
	void resultIsTheMinimum() {
		final Columns noisy = noise(1, 1);
		final double weight = 0.4;
		final Columns u = Rof.denoise(noisy, GRID, weight, Progress.SILENT);
		final double least = objective(u, noisy, weight);
		assertTrue(least < 0.8 * objective(noisy, noisy, weight), () -> least + "");
		for (int seed = 2; seed < 12; seed++)
			for (final double size : new double[] { 0.01, 0.1 })
				assertTrue(objective(u.copy().add((float) size, noise(seed, 1)), noisy, weight) > least);
		assertTrue(objective(u.copy().combine(0.9f, 0.1f, noisy), noisy, weight) > least);
	}

	@Test
	void meanIsKeptAndAHeavyWeightLeavesLittleElse() {
		final Columns noisy = noise(3, 1).affine(1, 5);
		final Columns u = Rof.denoise(noisy, GRID, 100, Progress.SILENT), one = noisy.zeros().fill(1);
		final double mean = noisy.dot(one) / GRID.voxels();
		assertEquals(mean, u.dot(one) / GRID.voxels(), 1e-4);
		assertTrue(u.affine(1, (float) -mean).norm() < 0.3 * noisy.affine(1, (float) -mean).norm());
	}

	@Test
	void inputIsLeftAloneAndCancellingStops() {
		final Columns noisy = noise(4, 1), before = noisy.copy();
		Rof.denoise(noisy, GRID, 1, Progress.SILENT);
		assertEquals(0, noisy.copy().add(-1, before).norm());
		assertThrows(CancelledException.class, () -> Rof.denoise(noisy, GRID, 1, new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public boolean cancelled() {
				return true;
			}
		}));
	}

	private static double objective(final Columns u, final Columns noisy, final double weight) {
		final Columns miss = u.copy().add(-1, noisy);
		return 0.5 * miss.dot(miss) + weight * new ColumnsTotalVariation(GRID).value(u);
	}

	private static Columns noise(final long seed, final double sigma) {
		final Random random = new Random(seed);
		final Columns columns = Columns.of(GRID);
		for (final float[] column : columns.data())
			for (int z = 0; z < column.length; z++)
				column[z] = (float) (sigma * random.nextGaussian());
		return columns;
	}
}
