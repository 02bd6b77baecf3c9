package org.patchct.bench;

import org.patchct.volume.Columns;

/** Whether the patches that a volume was made of can still be seen in it. */
public final class PatchBorders {

	private PatchBorders() { }

	/**
	 * Mean absolute step between neighbouring voxels on two sides of a patch's face, divided by that between all other
	 * neighbours: 1 where no border shows.
	 *
	 * @param offset of the tiling, (x, y, z), as in {@link org.patchct.diffusion.PatchTiling#patches}
	 * @param patch P
	 */
	public static double jump(final Columns volume, final int[] offset, final int patch) {
		final double[] sums = new double[2];
		final long[] counts = new long[2];
		for (int y = 0; y < volume.ny(); y++)
			for (int x = 0; x < volume.nx(); x++) {
				final float[] here = volume.column(x, y);
				for (int z = 0; z < volume.nz(); z++) {
					if (x > 0) add(here[z] - volume.column(x - 1, y)[z], isFace(x, offset[0], patch), sums, counts);
					if (y > 0) add(here[z] - volume.column(x, y - 1)[z], isFace(y, offset[1], patch), sums, counts);
					if (z > 0) add(here[z] - here[z - 1], isFace(z, offset[2], patch), sums, counts);
				}
			}
		return sums[1] / counts[1] / (sums[0] / counts[0]);
	}

	/** Whether voxel {@code i} of the unpadded volume is the first of a patch. */
	private static boolean isFace(final int i, final int offset, final int patch) {
		return Math.floorMod(i - offset, patch) == 0;
	}

	private static void add(final double step, final boolean face, final double[] sums, final long[] counts) {
		final int k = face ? 1 : 0;
		sums[k] += Math.abs(step);
		counts[k]++;
	}

	/**
	 * Mean PSNR of the outermost slices minus that of the middle half, dB, in a data range of 1 without clipping: about 0
	 * where the ends are as good as the rest, as far as the object is alike there.
	 *
	 * @param slices how many slices at either end count as outermost
	 */
	public static double ends(final Columns volume, final Columns reference, final int slices) {
		double ends = 0, middle = 0;
		int inMiddle = 0;
		for (int z = 0; z < volume.nz(); z++) {
			if (z < slices || z >= volume.nz() - slices) ends += psnr(volume, reference, z) / (2 * slices);
			if (z < volume.nz() / 4 || z >= volume.nz() - volume.nz() / 4) continue;
			middle += psnr(volume, reference, z);
			inMiddle++;
		}
		return ends - middle / inMiddle;
	}

	private static double psnr(final Columns volume, final Columns reference, final int z) {
		double sum = 0;
		for (int i = 0; i < volume.data().length; i++)
			sum += Math.pow(volume.data()[i][z] - reference.data()[i][z], 2);
		return -10 * Math.log10(sum / volume.data().length);
	}
}
