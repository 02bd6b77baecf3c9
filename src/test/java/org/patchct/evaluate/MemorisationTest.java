package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Thorax;
import org.patchct.volume.Volume;

class MemorisationTest {

	private static final int N = 40;

	private static final List<Volume> TRAINING = List.of(thorax(1), thorax(2), thorax(3));

	private static Volume thorax(final long seed) {
		return Thorax.create(Grid.cube(N, 400.0 / N), seed);
	}

	@Test
	void copyIsFoundHoweverItIsTurned() {
		final Memorisation memorisation = new Memorisation(TRAINING);
		final Columns source = Layouts.toColumns(TRAINING.get(1).img());
		for (int turn = 0; turn < 16; turn++) {
			final Columns turned = source.zeros();
			for (int y = 0; y < N; y++)
				for (int x = 0; x < N; x++)
					for (int z = 0; z < N; z++) {
						final int fx = (turn & 1) != 0 ? N - 1 - x : x, fy = (turn & 2) != 0 ? N - 1 - y : y;
						turned.column(x, y)[z] = ((turn & 4) != 0 ? source.column(fy, fx) : source.column(fx, fy))[(turn & 8) != 0 ? N - 1 -
							z : z];
					}
			final Memorisation.Match match = memorisation.nearest(new Volume("copy", Layouts.toImage(turned), TRAINING.get(1)
				.grid(), Intensity.HU));
			assertEquals(1, match.index());
			assertEquals(0, match.distance(), 1e-6);
			assertTrue(memorisation.verdict(match).contains("nearer than any two of them. It may be a copy"));
		}
	}

	@Test
	void newVolumeIsAsFarAsTrainingVolumesAreApart() {
		final Memorisation memorisation = new Memorisation(TRAINING);
		final Memorisation.Match match = memorisation.nearest(thorax(9));
		assertTrue(match.distance() > 0.3 * memorisation.median() && match.distance() < 3 * memorisation.median(), match +
			" " + memorisation.median());
		assertTrue(memorisation.verdict(new Memorisation.Match(0, memorisation.median())).contains("no sign"));
	}

	@Test
	void singleTrainingVolumeIsNoYardstick() {
		final Memorisation memorisation = new Memorisation(TRAINING.subList(0, 1));
		assertTrue(memorisation.verdict(memorisation.nearest(TRAINING.get(2))).startsWith("The only training volume is 0."));
	}

	@Test
	void cubeKeepsShapesAndFillsWithEmptySpace() {
		final Columns flat = new Columns(16, 8, 8).fill(0.5f);
		final Volume cube = Memorisation.cube(Layouts.denormalised("flat", flat, new Grid(16, 8, 8, 1, 1, 2), Intensity.HU), 8);
		assertEquals(Grid.cube(8, 2), cube.grid());
		final Columns window = Layouts.normalised(cube);
		for (int y = 0; y < 8; y++)
			for (int z = 0; z < 8; z++)
				assertEquals(y >= 2 && y < 6 ? 0.5 : 0, window.column(4, y)[z], 1e-5);
	}
}
