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
	ONE_AXIS("one axis"),

	/**
	 * Pairs that are half a patch apart along every axis, so that what one prediction has at its patches' faces the next
	 * has in their middles; the pairs follow a low-discrepancy sequence from a random start. As many patches as
	 * {@link #RANDOM}.
	 */
	PAIRED("paired");

	/**
	 * Steps of the three-dimensional R sequence: powers of the inverse of the root of x⁴ = x + 1 (M. Roberts, "The
	 * unreasonable effectiveness of quasirandom sequences", 2018).
	 */
	private static final double[] R3 = { 0.8191725133961645, 0.6710436067037893, 0.5497004779019701 };

	private final String label;

	Offsets(final String label) {
		this.label = label;
	}

	/**
	 * The offset of a prediction.
	 *
	 * @param seed of the sample
	 * @param step number of the step, from 0
	 * @param pass number of the prediction in the step, from 0
	 * @param passes predictions in each step
	 * @param patch P, side of the patches
	 * @param sides voxels of the volume along x, y and z
	 * @return x, y and z, each in 0 … P − 1
	 */
	public int[] draw(final long seed, final int step, final int pass, final int passes, final int patch,
		final int... sides)
	{
		final int count = step * passes + pass;
		if (this == PAIRED) return paired(NoiseField.of(seed, DdimSampler.OFFSET).random(), count, patch);
		final SplittableRandom random = NoiseField.of(seed, DdimSampler.OFFSET, step, pass).random();
		final int[] offset = random.ints(3, 0, patch).toArray();
		if (this == ONE_AXIS) for (int axis = 0; axis < 3; axis++)
			if (axis != count % 3) offset[axis] = cheap(random, patch, sides[axis]);
		return offset;
	}

	/**
	 * Offsets of tilings that overlap by half a patch, the first of them given. Two differ along all axes; eight are all
	 * combinations, and cover each face of any of them by the middle of others.
	 *
	 * @param tilings 1, 2, 4 or 8
	 */
	static int[][] overlapping(final int[] first, final int tilings, final int patch) {
		// Bits say which axes are shifted; each code is followed by its complement.
		final int[] codes = { 0b000, 0b111, 0b011, 0b100, 0b101, 0b010, 0b110, 0b001 };
		final int[][] offsets = new int[tilings][3];
		for (int i = 0; i < tilings; i++)
			for (int axis = 0; axis < 3; axis++)
				offsets[i][axis] = (first[axis] + (codes[i] >> axis & 1) * (patch / 2)) % patch;
		return offsets;
	}

	private static int[] paired(final SplittableRandom start, final int count, final int patch) {
		final int[] offset = new int[3];
		for (int axis = 0; axis < 3; axis++) {
			final double point = (start.nextDouble() + count / 2 * R3[axis]) % 1;
			offset[axis] = ((int) (patch * point) + (count % 2 == 0 ? 0 : patch / 2)) % patch;
		}
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
