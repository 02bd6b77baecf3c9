package org.patchct.scan;

import java.util.Arrays;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * Parallel beam on a circle around z: detector row k sees slice k alone. The ray of bin u at angle θ is
 * <p>
 * x cos θ − y sin θ = s(u), s(u) = (u − (bins−1)/2 − axisOffset) · binPitch,
 * </p>
 * <p>
 * with y pointing down the image's rows, so that θ turns counter-clockwise on the screen.
 * </p>
 *
 * @param bins detector bins in a row
 * @param rows detector rows, equal to the slices of the volume
 * @param binPitch distance of bin centres, mm
 * @param rowPitch distance of row centres, mm; equal to the slice spacing of the volume
 * @param axisOffset where the axis of rotation falls on the detector, in bins from its centre
 * @param angles view angles, degrees, strictly increasing
 */
public record ParallelBeam(int bins, int rows, double binPitch, double rowPitch, double axisOffset, double[] angles)
	implements ScanGeometry
{

	public static final String NO_ANGLES = "The scan has no view angles: give at least one.";

	public ParallelBeam {
		if (bins < 1 || rows < 1) throw new InvalidInputException("Detector of " + bins + " bins x " + rows +
			" rows: both must be at least 1.");
		if (!(binPitch > 0 && rowPitch > 0) || Double.isInfinite(binPitch + rowPitch)) throw new InvalidInputException(
			"Detector pitch " + binPitch + " x " + rowPitch + " mm: both must be positive numbers.");
		if (!Double.isFinite(axisOffset)) throw new InvalidInputException("Axis offset " + axisOffset +
			" bins: it must be a finite number.");
		angles = checkAngles(angles).clone();
	}

	@Override
	public double[] angles() {
		return angles.clone();
	}

	@Override
	public int views() {
		return angles.length;
	}

	/** Signed distance from the axis of the ray of bin {@code u}, mm. */
	public double s(final double u) {
		return (u - (bins - 1) / 2.0 - axisOffset) * binPitch;
	}

	/**
	 * {@code views} angles start + i · range / views, the papers' convention (a full turn or half turn does not repeat its
	 * first view).
	 *
	 * @throws InvalidInputException if views is not in 1…{@link #MAX_VIEWS} or the range not in (0, 360]
	 */
	public static double[] evenAngles(final int views, final double start, final double range) {
		if (views < 1 || views > MAX_VIEWS) throw new InvalidInputException("Number of views " + views +
			": it must be from 1 to " + MAX_VIEWS + ".");
		if (!(range > 0 && range <= 360)) throw new InvalidInputException("Angular range " + range +
			" degrees: it must be greater than 0 and at most 360.");
		if (!Double.isFinite(start)) throw new InvalidInputException("First angle " + start +
			" degrees: it must be a finite number.");
		final double[] angles = new double[views];
		for (int i = 0; i < views; i++)
			angles[i] = start + i * range / views;
		return angles;
	}

	/**
	 * A detector that sees the whole grid from every angle: ⌈√2 · max(nx, ny)⌉ bins as wide as a voxel (the reference
	 * codes' choice: 256 → 363, 512 → 725), measured with the longer physical side and the finer voxel side.
	 */
	public static ParallelBeam covering(final Grid grid, final double[] angles) {
		final double pitch = Math.min(grid.dx(), grid.dy());
		final double side = Math.max(grid.nx() * grid.dx(), grid.ny() * grid.dy());
		// The small term keeps ratios that are whole but for rounding from gaining a bin.
		final int bins = (int) Math.ceil(Math.sqrt(2) * side / pitch - 1e-6);
		return new ParallelBeam(bins, grid.nz(), pitch, grid.dz(), 0, angles);
	}

	/** This detector with every bin and row split in {@code factor}, for projections that are binned afterwards. */
	public ParallelBeam refined(final int factor) {
		return new ParallelBeam(bins * factor, rows * factor, binPitch / factor, rowPitch / factor, axisOffset * factor,
			angles);
	}

	static double[] checkAngles(final double[] angles) {
		if (angles == null || angles.length == 0) throw new InvalidInputException(NO_ANGLES);
		if (angles.length > MAX_VIEWS) throw new InvalidInputException("Number of views " + angles.length +
			": it must be from 1 to " + MAX_VIEWS + ".");
		for (int i = 0; i < angles.length; i++) {
			if (!Double.isFinite(angles[i])) throw new InvalidInputException("View angle " + angles[i] + " of view " + i +
				": angles must be finite numbers, in degrees.");
			if (i > 0 && !(angles[i] > angles[i - 1])) throw new InvalidInputException("View angles must increase: view " +
				(i - 1) + " is at " + angles[i - 1] + " degrees and view " + i + " at " + angles[i] +
				". Sort the views, and remove repeated ones.");
		}
		return angles;
	}

	@Override
	public boolean equals(final Object o) {
		return o instanceof ParallelBeam p && p.bins == bins && p.rows == rows && p.binPitch == binPitch &&
			p.rowPitch == rowPitch && p.axisOffset == axisOffset && Arrays.equals(p.angles, angles);
	}

	@Override
	public int hashCode() {
		return 31 * (31 * bins + rows) + Arrays.hashCode(angles);
	}

	@Override
	public String toString() {
		return String.format(java.util.Locale.ROOT,
			"parallel beam, %d views from %.4g to %.4g degrees, %d bins x %d rows of %.4g x %.4g mm", angles.length, angles[0],
			angles[angles.length - 1], bins, rows, binPitch, rowPitch);
	}
}
