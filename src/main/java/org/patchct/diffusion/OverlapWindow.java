package org.patchct.diffusion;

import org.patchct.volume.Columns;

/**
 * Weights that blend several tilings of one volume: each falls linearly from the middle of its patches to their faces,
 * and at every voxel the weights sum to 1. No face is seen where the tilings are half a patch apart, since the weight of
 * the one that has it is least there.
 */
final class OverlapWindow {

	/** Weight along each axis, [tiling][axis][voxel]. */
	private final float[][][] weights;

	/**
	 * @param offsets of the tilings
	 * @param patch P
	 * @param sides voxels of the volume along x, y and z
	 */
	OverlapWindow(final int[][] offsets, final int patch, final int... sides) {
		weights = new float[offsets.length][3][];
		for (int tiling = 0; tiling < offsets.length; tiling++)
			for (int axis = 0; axis < 3; axis++) {
				final float[] w = weights[tiling][axis] = new float[sides[axis]];
				for (int i = 0; i < w.length; i++)
					w[i] = 1 - Math.abs(2 * (Math.floorMod(i - offsets[tiling][axis], patch) + 0.5f) / patch - 1);
			}
	}

	/** sum ← sum + weight · x, with the weight of a tiling. */
	void add(final int tiling, final Columns x, final Columns sum) {
		sum.forColumns(i -> {
			final int ix = i % sum.nx(), iy = i / sum.nx();
			final float[] total = new float[sum.nz()];
			for (final float[][] w : weights)
				multiplyAdd(w[0][ix] * w[1][iy], w[2], total);
			final float across = weights[tiling][0][ix] * weights[tiling][1][iy];
			final float[] along = weights[tiling][2], from = x.data()[i], to = sum.data()[i];
			for (int z = 0; z < to.length; z++)
				to[z] += across * along[z] / total[z] * from[z];
		});
	}

	private static void multiplyAdd(final float a, final float[] x, final float[] sum) {
		for (int z = 0; z < sum.length; z++)
			sum[z] += a * x[z];
	}
}
