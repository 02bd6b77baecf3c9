package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

class OffsetsTest {

	private static final int P = 8, DRAWS = 3000;

	private static List<int[]> draw(final Offsets offsets, final int... sides) {
		final List<int[]> drawn = new ArrayList<>();
		for (int i = 0; i < DRAWS; i++)
			drawn.add(offsets.draw(5, i, 0, 1, P, sides));
		return drawn;
	}

	@Test
	void randomOffsetsAreUniformAndIndependent() {
		final int[][] counts = new int[3][P];
		final int[] pairs = new int[P * P];
		for (final int[] offset : draw(Offsets.RANDOM, 32, 20, 7)) {
			for (int axis = 0; axis < 3; axis++)
				counts[axis][offset[axis]]++;
			pairs[offset[0] * P + offset[2]]++;
		}
		for (final int[] axis : counts)
			assertTrue(chiSquared(axis) < 24.3, "probability below 0.001 at 7 degrees of freedom");
		assertTrue(chiSquared(pairs) < 103.5, "probability below 0.001 at 63 degrees of freedom");
	}

	private static double chiSquared(final int[] counts) {
		final double expected = (double) DRAWS / counts.length;
		double sum = 0;
		for (final int count : counts)
			sum += (count - expected) * (count - expected) / expected;
		return sum;
	}

	@Test
	void oneAxisShiftsEachAxisInTurnAndNeedsTheFewestPatchesOnTheOthers() {
		// 32 needs 4 patches at offset 0 only; 20 needs 3 at 0 and 4 … 7; 7 needs 1 at 0 and at 7.
		final List<Set<Integer>> still = List.of(Set.of(0), Set.of(0, 4, 5, 6, 7), Set.of(0, 7));
		final List<Set<Integer>> seen = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
		final List<Set<Integer>> shifted = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
		final List<int[]> drawn = draw(Offsets.ONE_AXIS, 32, 20, 7);
		final PatchTiling tiling = new PatchTiling(32, 20, 7, P);
		for (int i = 0; i < DRAWS; i++)
			for (int axis = 0; axis < 3; axis++)
				(axis == i % 3 ? shifted : seen).get(axis).add(drawn.get(i)[axis]);
		assertEquals(still, seen);
		for (final Set<Integer> all : shifted)
			assertEquals(P, all.size());
		for (int i = 0; i < DRAWS; i++) {
			final int[] o = drawn.get(i);
			assertTrue(tiling.patches(o[0], o[1], o[2]).size() <= (i % 3 == 0 ? 5 * 3 : i % 3 == 1 ? 4 * 4 : 4 * 3 * 2));
		}
	}

	@Test
	void pairedOffsetsAreHalfAPatchApartAndFillThePatchEvenly() {
		final List<int[]> drawn = draw(Offsets.PAIRED, 32, 20, 7);
		final int[][] counts = new int[3][P];
		for (int i = 0; i < DRAWS; i++)
			for (int axis = 0; axis < 3; axis++) {
				counts[axis][drawn.get(i)[axis]]++;
				if (i % 2 == 1) assertEquals(P / 2, Math.floorMod(drawn.get(i)[axis] - drawn.get(i - 1)[axis], P));
			}
		// Far more even than chance, whose chi-squared is 7 on average.
		for (final int[] axis : counts)
			assertTrue(chiSquared(axis) < 0.1, "chi-squared " + chiSquared(axis));
	}

	@Test
	void everySeedHasItsOwnOffsets() {
		for (final Offsets offsets : Offsets.values()) {
			final Set<String> seen = new TreeSet<>();
			for (int seed = 0; seed < 20; seed++)
				seen.add(java.util.Arrays.toString(offsets.draw(seed, 1, 1, 2, P, 32, 32, 32)));
			assertTrue(seen.size() > 5, offsets + ": " + seen);
		}
	}
}
