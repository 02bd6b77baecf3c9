package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Thorax;
import org.patchct.volume.Volume;

class SlicedWassersteinTest {

	private static final List<Columns> THORAXES = List.of(thorax(1), thorax(2)), OTHERS = List.of(thorax(3), thorax(4),
		thorax(5));

	private static Columns thorax(final long seed) {
		return Layouts.normalised(Thorax.create(Grid.cube(32, 12.5), seed));
	}

	@Test
	void equalSetsAreZeroApart() {
		assertArrayEquals(new double[2], SlicedWasserstein.distances(THORAXES, THORAXES, 1));
		final List<Columns> flat = List.of(new Columns(9, 8, 7).fill(3));
		assertArrayEquals(new double[1], SlicedWasserstein.distances(flat, flat, 1));
	}

	@Test
	void orderOfTheSetsDoesNotMatterAndTheSeedDecides() {
		final double[] there = SlicedWasserstein.distances(THORAXES, OTHERS, 7);
		assertArrayEquals(there, SlicedWasserstein.distances(OTHERS, THORAXES, 7), 1e-12);
		assertArrayEquals(there, SlicedWasserstein.distances(THORAXES, OTHERS, 7));
		assertFalse(Arrays.equals(there, SlicedWasserstein.distances(THORAXES, OTHERS, 8)));
	}

	@Test
	void distanceGrowsWithBlur() {
		final double other = SlicedWasserstein.distances(THORAXES, OTHERS, 1)[0];
		final double half = SlicedWasserstein.distances(THORAXES, blurred(2), 1)[0];
		final double quarter = SlicedWasserstein.distances(THORAXES, blurred(4), 1)[0];
		assertTrue(other < half && half < quarter, other + ", " + half + ", " + quarter);
	}

	/** The first set on a coarser grid and back. */
	private static List<Columns> blurred(final int factor) {
		return List.of(1L, 2L).stream().map(seed -> {
			final Volume volume = Thorax.create(Grid.cube(32, 12.5), seed);
			return Layouts.normalised(Resampling.toGrid(Resampling.binned(volume, factor), volume.grid()));
		}).toList();
	}

	/** The mean of |x| over a direction, of noise of one sigma against none, is that of a unit Gaussian. */
	@Test
	void noiseIsItsOwnStandardDeviationFromNothing() {
		final Columns noise = org.patchct.diffusion.NoiseField.of(3).mixInto(new Columns(20, 20, 20), 0, 0.2f);
		final double distance = SlicedWasserstein.distances(List.of(noise), List.of(noise.zeros()), 1)[0];
		// The common deviation is that of both sets together, 1/√2 of the noise's.
		assertEquals(Math.sqrt(2 / Math.PI) * Math.sqrt(2), distance, 0.03);
	}

	@Test
	void samplesOfDifferentSizesAreCompared() {
		assertEquals(0, SlicedWasserstein.wasserstein(new float[] { 1, 2 }, new float[] { 1, 1, 2, 2 }), 1e-12);
		assertEquals(1.5, SlicedWasserstein.wasserstein(new float[] { 0 }, new float[] { 1, 2 }), 1e-12);
		// 0 0 0 | 3 3 3 against 0 0 | 3 3 | 6 6, in sixths.
		assertEquals((3 + 3 + 3) / 6.0, SlicedWasserstein.wasserstein(new float[] { 0, 3 }, new float[] { 0, 3, 6 }), 1e-12);
	}

	@Test
	void tinyVolumesAndEmptySetsAreRefused() {
		for (final List<Columns> wrong : List.of(List.of(new Columns(9, 6, 9)), List.<Columns> of()))
			assertTrue(assertThrows(InvalidInputException.class, () -> SlicedWasserstein.distances(THORAXES, wrong, 1))
				.getMessage().contains("at least 7 voxels"));
	}
}
