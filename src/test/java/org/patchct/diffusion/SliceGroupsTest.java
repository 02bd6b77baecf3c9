package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class SliceGroupsTest {

	/** Shown slices of the groups that answer for something. */
	private static List<List<Integer>> shown(final SliceGroups groups) {
		return groups.groups().stream().map(group -> Arrays.stream(group.shown()).boxed().toList()).toList();
	}

	private static void requireEverySliceOnce(final SliceGroups groups, final int slices) {
		final int[] answered = groups.groups().stream().flatMapToInt(group -> Arrays.stream(group.answered())).filter(
			z -> z >= 0).sorted().toArray();
		assertEquals(IntStream.range(0, slices).boxed().toList(), Arrays.stream(answered).boxed().toList());
		for (final SliceGroups.Group group : groups.groups())
			for (int i = 0; i < group.shown().length; i++) {
				assertTrue(group.shown()[i] >= 0 && group.shown()[i] < slices);
				if (group.answered()[i] >= 0) assertEquals(group.shown()[i], group.answered()[i], "an answer is for what is shown");
			}
	}

	@Test
	void everySliceIsAnsweredForOnceWhateverTheirNumber() {
		for (int slices = 1; slices <= 20; slices++) {
			requireEverySliceOnce(SliceGroups.single(slices).groups(0, NoiseField.of(1)), slices);
			requireEverySliceOnce(SliceGroups.apart(slices), slices);
			for (int start = 0; start < 3; start++)
				requireEverySliceOnce(SliceGroups.adjacent(slices, start), slices);
		}
	}

	@Test
	void groupsAreThoseOfThePaperWhereTheyFit() {
		assertEquals(List.of(List.of(0, 3, 6), List.of(1, 4, 7), List.of(2, 5, 8), List.of(9, 12, 15), List.of(10, 13, 16),
			List.of(11, 14, 17)), shown(SliceGroups.apart(18)));
		assertEquals(List.of(List.of(0, 1, 2), List.of(3, 4, 5), List.of(6, 7, 8)), shown(SliceGroups.adjacent(9, 0)));
		assertEquals(3, SliceGroups.apart(18).spacing());
		assertEquals(1, SliceGroups.adjacent(9, 0).spacing());
	}

	@Test
	void groupsThatStickOutAreMovedBack() {
		assertEquals(List.of(List.of(1, 2, 3), List.of(4, 5, 6), List.of(0, 1, 2), List.of(5, 6, 7)), shown(SliceGroups
			.adjacent(8, 1)));
		// Slices 9 and 10 are left by the first block; the second is 2 to 10.
		assertEquals(List.of(List.of(0, 3, 6), List.of(1, 4, 7), List.of(2, 5, 8), List.of(3, 6, 9), List.of(4, 7, 10)),
			shown(SliceGroups.apart(11)));
	}

	@Test
	void groupsLargerThanTheVolumeMirrorIt() {
		assertEquals(List.of(List.of(0, 3, 0), List.of(1, 2, 1), List.of(2, 1, 2)), shown(SliceGroups.apart(4)));
		assertEquals(List.of(List.of(0, 1, 0)), shown(SliceGroups.adjacent(2, 2)));
		assertEquals(List.of(List.of(0, 0, 0)), shown(SliceGroups.apart(1)));
	}

	@Test
	void predictionsTakeTurnsAndTheAdjacentOnesStartAtRandom() {
		final SliceGroups.Plan plan = SliceGroups.blended(12);
		final Set<Integer> starts = new HashSet<>();
		for (int prediction = 0; prediction < 40; prediction++) {
			final SliceGroups groups = plan.groups(prediction, NoiseField.of(3, prediction));
			assertEquals(prediction % 2 == 0 ? 3 : 1, groups.spacing());
			if (groups.spacing() == 1) starts.add(groups.groups().get(0).shown()[0]);
		}
		assertEquals(Set.of(0, 1, 2), starts);
	}
}
