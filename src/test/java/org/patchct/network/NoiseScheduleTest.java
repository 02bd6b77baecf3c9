package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.patchct.task.InvalidInputException;

class NoiseScheduleTest {

	private final NoiseSchedule schedule = new NoiseSchedule(1000, 1e-4, 0.02);

	@Test
	void startsNearlyCleanAndEndsAsNoise() {
		assertEquals(1, schedule.alphaBar(-1));
		assertEquals(1 - 1e-4, schedule.alphaBar(0), 1e-15);
		assertEquals((1 - 1e-4) * (1 - 1e-4 - 0.0199 / 999), schedule.alphaBar(1), 1e-15);
		// exp(−Σβ) to first order; 4.04e-5 is the figure of Ho et al.'s schedule.
		assertEquals(4.04e-5, schedule.alphaBar(999), 1e-7);
		for (int t = 0; t < 1000; t++)
			assertTrue(schedule.alphaBar(t) < schedule.alphaBar(t - 1));
	}

	@Test
	void varianceIsPreserved() {
		for (int t = -1; t < 1000; t += 37)
			assertEquals(1, Math.pow(schedule.signal(t), 2) + Math.pow(schedule.noise(t), 2), 1e-12);
	}

	@Test
	void levelOfFindsTheNearestLevel() {
		for (final int t : new int[] { 0, 1, 57, 500, 999 })
			assertEquals(t, schedule.levelOf(schedule.sigma(t)));
		assertEquals(0, schedule.levelOf(1e-9));
		assertEquals(999, schedule.levelOf(1e9));
	}

	@Test
	void stepsDescendEvenlyFromTheFirstLevel() {
		assertArrayEquals(new int[] { 999, 799, 599, 399, 199 }, schedule.descending(999, 5));
		assertArrayEquals(new int[] { 3, 2, 1, 0 }, schedule.descending(3, 4));
		assertEquals(77, schedule.descending(77, 1)[0]);
		assertThrows(InvalidInputException.class, () -> schedule.descending(3, 5));
		assertThrows(InvalidInputException.class, () -> schedule.descending(1000, 5));
		assertThrows(InvalidInputException.class, () -> schedule.descending(999, 0));
	}

	@Test
	void explodingVarianceRisesGeometricallyAndLeavesTheSignal() {
		final NoiseSchedule exploding = new NoiseSchedule(NoiseSchedule.Kind.VE, 1000, 0.02, 756);
		assertEquals(0.02, exploding.sigma(0), 1e-12);
		assertEquals(756, exploding.sigma(999), 1e-9);
		assertEquals(exploding.sigma(501) / exploding.sigma(500), exploding.sigma(2) / exploding.sigma(1), 1e-12);
		for (final int t : new int[] { -1, 0, 999 })
			assertEquals(1, exploding.signal(t));
		assertEquals(0, exploding.noise(-1));
		assertThrows(InvalidInputException.class, () -> new NoiseSchedule(NoiseSchedule.Kind.VE, 10, 0, 1));
		assertThrows(InvalidInputException.class, () -> new NoiseSchedule(NoiseSchedule.Kind.VE, 10, 2, 1));
	}

	@Test
	void networksAreToldTheSameOfTheSameNoise() {
		final NoiseSchedule exploding = new NoiseSchedule(NoiseSchedule.Kind.VE, 1000, schedule.sigma(100), schedule.sigma(
			700));
		assertEquals(300, schedule.told(300));
		assertEquals(100, exploding.told(0), 1e-3);
		assertEquals(700, exploding.told(999), 1e-3);
		for (final int t : new int[] { 1, 400, 998 }) {
			final float told = exploding.told(t);
			assertTrue(schedule.sigma((int) told) <= exploding.sigma(t) && schedule.sigma((int) told + 1) >= exploding.sigma(t));
			assertEquals(t, exploding.like(Math.round(told)), 3);
		}
		final NoiseSchedule wide = new NoiseSchedule(NoiseSchedule.Kind.VE, 2, 1e-6, 1e6);
		assertEquals(0, wide.told(0));
		assertEquals(999, wide.told(1));
	}
}
