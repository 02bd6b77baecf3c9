package org.patchct.evaluate;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;
import org.patchct.volume.Volume;

/** Checks that values of two volumes may be set side by side voxel by voxel. */
public final class SameVoxels {

	/** Files keep voxel sizes rounded. */
	private static final double TOLERANCE = 1e-3;

	private SameVoxels() { }

	/** @throws InvalidInputException if the volumes differ in size, voxel size or unit */
	public static void require(final Volume a, final Volume b) {
		final Grid p = a.grid(), q = b.grid();
		if (p.nx() != q.nx() || p.ny() != q.ny() || p.nz() != q.nz() || !close(p.dx(), q.dx()) || !close(p.dy(), q.dy()) ||
			!close(p.dz(), q.dz())) throw new InvalidInputException("\"" + a.name() + "\" has " + p + ", but \"" + b.name() +
				"\" has " + q + ": they must have the same. Reconstruct on the other's grid, resample one with Image > Scale..., " +
				"or correct the voxel size with Image > Properties...");
		if (!a.intensity().unit().equals(b.intensity().unit())) throw new InvalidInputException("\"" + a.name() + "\" is in " +
			a.intensity().unit() + ", but \"" + b.name() + "\" in " + b.intensity().unit() +
			": they must have the same unit. Give both in Hounsfield units or both in 1/mm.");
	}

	private static boolean close(final double a, final double b) {
		return Math.abs(a - b) <= TOLERANCE * b;
	}
}
