package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.patchct.network.NoiseSchedule;

class SpacingTest {

	private final NoiseSchedule schedule = new NoiseSchedule(1000, 1e-4, 0.02);

	@Test
	void stepsCanBeSpreadOverSigmaDownToTheLowestLevel() {
		for (final Spacing spacing : new Spacing[] { Spacing.LOG_SIGMA, Spacing.KARRAS }) {
			final int[] levels = spacing.levels(schedule, 600, 8);
			assertEquals(600, levels[0]);
			assertEquals(0, levels[7]);
			final double power = spacing == Spacing.KARRAS ? 1 / 7. : 0;
			for (int i = 1; i < 7; i++) {
				final double before = scaled(schedule.sigma(levels[i - 1]), power), here = scaled(schedule.sigma(levels[i]),
					power), after = scaled(schedule.sigma(levels[i + 1]), power);
				// Levels are whole numbers: the lowest are coarse.
				if (levels[i + 1] > 10) assertEquals(1, (before - here) / (here - after), 0.15, spacing + " step " + i);
			}
		}
	}

	private static double scaled(final double sigma, final double power) {
		return power == 0 ? Math.log(sigma) : Math.pow(sigma, power);
	}

	@Test
	void levelsOfAnySpacingFallStrictlyHoweverManyAreAskedFor() {
		for (final Spacing spacing : Spacing.values())
			for (final int first : new int[] { 0, 1, 5, 50, 999 })
				for (int steps = 1; steps <= first + 1; steps += Math.max(1, first / 7)) {
					final int[] levels = spacing.levels(schedule, first, steps);
					assertEquals(steps, levels.length);
					assertEquals(first, levels[0]);
					for (int i = 1; i < steps; i++)
						assertTrue(levels[i] < levels[i - 1]);
					assertTrue(levels[steps - 1] >= 0);
				}
	}
}
