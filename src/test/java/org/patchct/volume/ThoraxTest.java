package org.patchct.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThoraxTest {

	private static final Grid GRID = Grid.cube(64, 380.0 / 64);

	@Test
	void theSameSeedGivesTheSameChestAndAnotherGivesAnother() {
		final float[][] first = planes(GRID, 7);
		assertArrayEquals(first, planes(GRID, 7));
		final float[][] other = planes(GRID, 8);
		int differing = 0;
		for (int k = 0; k < 64; k++)
			for (int i = 0; i < 64 * 64; i++)
				if (Math.abs(first[k][i] - other[k][i]) > 20) differing++;
		assertTrue(differing > 10_000, "voxels that differ: " + differing);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6 })
	void isMadeOfTheTissuesOfAChest(final long seed) {
		final Volume volume = Thorax.create(GRID, seed);
		assertEquals(Intensity.HU, volume.intensity());
		double air = 0, lung = 0, fat = 0, soft = 0, bone = 0;
		for (final float[] plane : Layouts.planes(volume.img()))
			for (final float v : plane) {
				assertTrue(v >= -1000 && v <= 800, "HU " + v);
				if (v < -950) air++;
				else if (v < -700) lung++;
				else if (v > -140 && v < -60) fat++;
				else if (v > 0 && v < 250) soft++;
				else if (v > 300) bone++;
			}
		final double litre = 1e6 / (GRID.dx() * GRID.dy() * GRID.dz());
		// Lung volume at rest to deep breath, total body volume of a trunk; loose bounds that any adult keeps.
		assertTrue(lung > 2 * litre && lung < 6.5 * litre, "lung, litres: " + lung / litre);
		assertTrue(soft > 5 * litre && soft < 20 * litre, "soft tissue, litres: " + soft / litre);
		assertTrue(fat > 1 * litre && fat < 10 * litre, "fat, litres: " + fat / litre);
		assertTrue(bone > 0.2 * litre && bone < 2 * litre, "bone, litres: " + bone / litre);
		assertTrue(air > 0.3 * GRID.voxels(), "air, share: " + air / GRID.voxels());
	}

	@Test
	void theBodyEndsWithinTheSlice() {
		for (final float[] plane : planes(GRID, 3))
			for (int i = 0; i < 64; i++) {
				assertEquals(-1000, plane[i]);
				assertEquals(-1000, plane[64 * 63 + i]);
				assertEquals(-1000, plane[64 * i]);
				assertEquals(-1000, plane[64 * i + 63]);
			}
	}

	@Test
	void lungsLieInFrontOfTheSpineWithTheHeartToTheRightOfThePicture() {
		final float[] slice = planes(GRID, 5)[28];
		final int middle = 32, row = 29;
		assertTrue(slice[middle - 12 + 64 * row] < -500, "right lung");
		assertTrue(slice[middle + 3 + 64 * row] > 0, "heart");
		float densest = -1000;
		for (int j = 36; j < 50; j++)
			densest = Math.max(densest, slice[middle + 64 * j]);
		assertTrue(densest > 150, "spine");
	}

	@Test
	void fillsGridsOfAnyShape() {
		for (final Grid grid : new Grid[] { new Grid(70, 50, 9, 5, 5, 20), new Grid(1, 1, 1, 1, 1, 1), new Grid(16, 16, 40,
			0.02, 0.02, 0.01) })
		{
			final Volume volume = Thorax.create(grid, 1);
			assertEquals(grid, volume.grid());
			Intensities.range("thorax", volume.img());
		}
	}

	@Test
	void aFinerGridShowsTheSameChest() {
		final Volume fine = Thorax.create(GRID.refined(2), 9);
		final float[][] binned = Layouts.planes(Resampling.binned(fine, 2).img()), coarse = planes(GRID, 9);
		double error = 0;
		for (int k = 0; k < 64; k++)
			for (int i = 0; i < 64 * 64; i++)
				error += Math.abs(binned[k][i] - coarse[k][i]);
		assertTrue(error / GRID.voxels() < 15, "mean difference, HU: " + error / GRID.voxels());
	}

	private static float[][] planes(final Grid grid, final long seed) {
		return Layouts.planes(Thorax.create(grid, seed).img());
	}
}
