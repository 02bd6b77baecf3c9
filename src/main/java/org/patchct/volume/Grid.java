package org.patchct.volume;

import org.patchct.task.InvalidInputException;

/**
 * A regular voxel grid, centred on the world origin (the axis of rotation). The centre of voxel (i, j, k) lies at
 * ((i − (nx−1)/2)·dx, (j − (ny−1)/2)·dy, (k − (nz−1)/2)·dz); y points down an image's rows, z along the slices.
 *
 * @param nx voxels along x (columns of a slice)
 * @param ny voxels along y (rows of a slice)
 * @param nz voxels along z (slices)
 * @param dx voxel size along x, mm
 * @param dy voxel size along y, mm
 * @param dz voxel size along z, mm
 */
public record Grid(int nx, int ny, int nz, double dx, double dy, double dz) {

	public Grid {
		if (nx < 1 || ny < 1 || nz < 1) throw new InvalidInputException("Grid of " + nx + " x " + ny + " x " + nz +
			" voxels: each side must be at least 1.");
		if (!(dx > 0 && dy > 0 && dz > 0) || Double.isInfinite(dx + dy + dz)) throw new InvalidInputException(
			"Voxel size " + dx + " x " + dy + " x " + dz +
				" mm: each must be a positive number. Set it with Image > Properties.");
	}

	/** A cube of {@code n}³ voxels of {@code spacing} mm. */
	public static Grid cube(final int n, final double spacing) {
		return new Grid(n, n, n, spacing, spacing, spacing);
	}

	public long voxels() {
		return (long) nx * ny * nz;
	}

	/** World x of the centre of column {@code i}, mm. */
	public double x(final double i) {
		return (i - (nx - 1) / 2.0) * dx;
	}

	/** World y of the centre of row {@code j}, mm. */
	public double y(final double j) {
		return (j - (ny - 1) / 2.0) * dy;
	}

	/** World z of the centre of slice {@code k}, mm. */
	public double z(final double k) {
		return (k - (nz - 1) / 2.0) * dz;
	}

	/** The grid that covers the same space with {@code factor} times as many voxels along each side. */
	public Grid refined(final int factor) {
		return new Grid(nx * factor, ny * factor, nz * factor, dx / factor, dy / factor, dz / factor);
	}

	@Override
	public String toString() {
		return String.format(java.util.Locale.ROOT, "%d x %d x %d voxels of %.4g x %.4g x %.4g mm", nx, ny, nz, dx, dy, dz);
	}
}
