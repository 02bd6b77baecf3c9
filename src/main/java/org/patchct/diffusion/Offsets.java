package org.patchct.diffusion;

import java.util.Arrays;
import java.util.SplittableRandom;

/** How the tiling is shifted from one prediction of the volume to the next, so that no border stays where it is. */
public enum Offsets {

	/** Each coordinate uniform, as in the paper; (n/P + 1)³ patches where the sides are multiples of P. */
	RANDOM("random"),

	/**
	 * One axis is shifted at random, each in turn; the others take one of the shifts that need the fewest patches. Sides
	 * that are multiples of P then need (n/P)² (n/P + 1): a third less at n = 4 P.
	 */
	ONE_AXIS("one axis");

	private final String label;

	Offsets(final String label) {
		this.label = label;
	}

	/**
	 * An offset for a volume.
	 *
	 * @param count number of the prediction, which decides whose turn it is
	 * @param patch P, side of the patches
	 * @param sides voxels of the volume along x, y and z
	 * @return x, y and z, each in 0 … P − 1
	 */
	int[] draw(final SplittableRandom random, final int count, final int patch, final int... sides) {
		final int[] offset = random.ints(3, 0, patch).toArray();
		if (this == ONE_AXIS) for (int axis = 0; axis < 3; axis++)
			if (axis != count % 3) offset[axis] = cheap(random, patch, sides[axis]);
		return offset;
	}

	/** One of the offsets with the fewest patches along an axis of {@code n} voxels. */
	private static int cheap(final SplittableRandom random, final int patch, final int n) {
		final PatchTiling axis = new PatchTiling(n, 1, 1, patch);
		final int[] counts = new int[patch];
		for (int offset = 0; offset < patch; offset++)
			counts[offset] = axis.patches(offset, 0, 0).size();
		final int fewest = Arrays.stream(counts).min().getAsInt();
		int choice = random.nextInt((int) Arrays.stream(counts).filter(c -> c == fewest).count());
		for (int offset = 0;; offset++)
			if (counts[offset] == fewest && choice-- == 0) return offset;
	}

	@Override
	public String toString() {
		return label;
	}
}
