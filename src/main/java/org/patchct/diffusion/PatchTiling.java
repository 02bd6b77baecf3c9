package org.patchct.diffusion;

import java.util.ArrayList;
import java.util.List;

import org.patchct.task.InvalidInputException;

/**
 * Cuts a volume that is padded by one patch side P on every side into cubes, from a chosen offset (Yang et al. 2025,
 * section "tiling"; for sides that are multiples of P this gives (n/P + 1)³ patches). For every offset each voxel of the
 * unpadded volume lies in exactly one patch. All positions are in the padded volume, where the volume's voxel (x, y, z)
 * is at (x + P, y + P, z + P).
 *
 * @param nx voxels of the unpadded volume along x
 * @param ny voxels along y
 * @param nz voxels along z
 * @param patch P, side of a patch
 */
public record PatchTiling(int nx, int ny, int nz, int patch) {

	/** Position of a patch's first voxel in the padded volume. */
	public record Patch(int x, int y, int z) { }

	public PatchTiling {
		if (nx < 1 || ny < 1 || nz < 1 || patch < 1) throw new InvalidInputException("Patches of side " + patch +
			" of a volume of " + nx + " x " + ny + " x " + nz + " voxels: every side must be at least 1.");
	}

	/** Voxels of the padded volume along x. */
	public int paddedX() {
		return nx + 2 * patch;
	}

	/** Voxels of the padded volume along y. */
	public int paddedY() {
		return ny + 2 * patch;
	}

	/** Voxels of the padded volume along z. */
	public int paddedZ() {
		return nz + 2 * patch;
	}

	/**
	 * The patches that hold a voxel of the unpadded volume.
	 *
	 * @param ox offset along x, 0…P−1: patches start at ox, ox + P, …
	 * @param oy offset along y
	 * @param oz offset along z
	 */
	public List<Patch> patches(final int ox, final int oy, final int oz) {
		final int[] xs = starts(ox, nx), ys = starts(oy, ny), zs = starts(oz, nz);
		final List<Patch> patches = new ArrayList<>(xs.length * ys.length * zs.length);
		for (final int z : zs)
			for (final int y : ys)
				for (final int x : xs)
					patches.add(new Patch(x, y, z));
		return patches;
	}

	/**
	 * How many patches the offsets need on average: along each axis ⌈(n + o) / P⌉ of them, whose mean over o = 0 … P − 1 is
	 * (n + P − 1) / P (Hermite's identity).
	 */
	double meanPatches() {
		return (nx + patch - 1.0) / patch * ((ny + patch - 1.0) / patch) * ((nz + patch - 1.0) / patch);
	}

	private int[] starts(final int offset, final int n) {
		if (offset < 0 || offset >= patch) throw new IllegalArgumentException("Offset " + offset +
			" is outside 0…" + (patch - 1));
		// The patch from 0 to P − 1 holds padding only.
		final int first = offset == 0 ? patch : offset;
		final int count = (patch + n - first + patch - 1) / patch;
		final int[] starts = new int[count];
		for (int i = 0; i < count; i++)
			starts[i] = first + i * patch;
		return starts;
	}
}
