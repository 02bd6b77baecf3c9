package org.patchct.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The slices of a volume that a network is shown together in one prediction. Every slice of the volume is answered for
 * exactly once.
 *
 * @param spacing distance of a group's slices
 * @param groups of equal size
 */
record SliceGroups(int spacing, List<Group> groups) {

	/** Slices of a group of DiffusionBlend++, and of a block that three groups of spacing 3 fill. */
	static final int TRIPLE = 3, BLOCK = TRIPLE * TRIPLE;

	/**
	 * Some slices of the volume.
	 *
	 * @param shown their indices; where a group sticks out of the volume, those of the slices mirrored at its end
	 * @param answered the slice that each answer is for, −1 where it is not used
	 */
	record Group(int[] shown, int[] answered) { }

	/** Makes the groups of a prediction. */
	@FunctionalInterface
	interface Plan {

		/**
		 * @param prediction number of predictions before
		 * @param random of the prediction
		 */
		SliceGroups groups(int prediction, NoiseField random);
	}

	/** Each slice by itself, in every prediction. */
	static Plan single(final int slices) {
		final Builder builder = new Builder(slices, 1, 1);
		for (int z = 0; z < slices; z++)
			builder.add(z);
		final SliceGroups groups = builder.build();
		return (prediction, random) -> groups;
	}

	/** Each slice by itself, {@code count} of them in a prediction, one prediction after the other. */
	static Plan inTurn(final int slices, final int count) {
		return (prediction, random) -> {
			final Builder builder = new Builder(slices, 1, 1);
			for (int z = prediction * count; z < Math.min(slices, (prediction + 1) * count); z++)
				builder.add(z);
			return builder.build();
		};
	}

	/**
	 * {i, i+3, i+6} for the first three slices i of each block of nine. The last block is moved back until it lies in the
	 * volume, where it only answers for what the one before has not.
	 */
	static SliceGroups apart(final int slices) {
		final Builder builder = new Builder(slices, TRIPLE, TRIPLE);
		for (int block = 0; block < slices; block += BLOCK)
			for (int i = 0; i < TRIPLE; i++)
				builder.add(Math.max(0, Math.min(block, slices - BLOCK)) + i);
		return builder.build();
	}

	/**
	 * Adjacent slices in threes from {@code start} on. What they leave at either end is answered for by the first and the
	 * last three slices of the volume.
	 *
	 * @param start 0, 1 or 2
	 */
	static SliceGroups adjacent(final int slices, final int start) {
		final Builder builder = new Builder(slices, TRIPLE, 1);
		for (int z = start; z + TRIPLE <= slices; z += TRIPLE)
			builder.add(z);
		builder.add(0);
		builder.add(Math.max(0, slices - TRIPLE));
		return builder.build();
	}

	/**
	 * Those of DiffusionBlend++, in turn: slices apart in the first and every other prediction, adjacent ones from a random
	 * start between.
	 */
	static Plan blended(final int slices) {
		return (prediction, random) -> prediction % 2 == 0 ? apart(slices) : adjacent(slices, random.random().nextInt(
			TRIPLE));
	}

	private static final class Builder {

		private final int slices, size, spacing;

		private final boolean[] done;

		private final List<Group> groups = new ArrayList<>();

		Builder(final int slices, final int size, final int spacing) {
			this.slices = slices;
			this.size = size;
			this.spacing = spacing;
			done = new boolean[slices];
		}

		/** Adds a group that answers for what no other has, if there is such a slice in it. */
		void add(final int first) {
			final int[] shown = new int[size], answered = new int[size];
			for (int i = 0; i < size; i++) {
				final int z = first + i * spacing;
				shown[i] = mirrored(z);
				answered[i] = z < slices && !done[z] ? z : -1;
				if (answered[i] >= 0) done[z] = true;
			}
			if (Arrays.stream(answered).anyMatch(z -> z >= 0)) groups.add(new Group(shown, answered));
		}

		private int mirrored(final int z) {
			final int period = Math.max(1, 2 * (slices - 1)), within = z % period;
			return within < slices ? within : period - within;
		}

		SliceGroups build() {
			return new SliceGroups(spacing, groups);
		}
	}
}
