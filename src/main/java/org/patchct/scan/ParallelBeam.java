package org.patchct.scan;

import java.util.Arrays;
import java.util.Locale;

import org.patchct.volume.Grid;

/**
 * Parallel beam on a circle around z: detector row k sees slice k alone. The ray of bin u at angle θ is
 * <p>
 * x cos θ − y sin θ = s(u), s(u) = (u − (bins−1)/2 − axisOffset) · binPitch.
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

	public ParallelBeam {
		Checks.detector(bins, rows, binPitch, rowPitch);
		Checks.offset("Axis offset in bins", axisOffset);
		angles = Checks.angles(angles);
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
	 * A detector that sees the whole grid from every angle: ⌈√2 · max(nx, ny)⌉ bins as wide as a voxel (the reference
	 * codes' choice: 256 → 363, 512 → 725), measured with the longer physical side and the finer voxel side.
	 */
	public static ParallelBeam covering(final Grid grid, final double[] angles) {
		final double pitch = Math.min(grid.dx(), grid.dy());
		return new ParallelBeam(count(2 * radius(grid) / pitch), grid.nz(), pitch, grid.dz(), 0, angles);
	}

	/** Radius of the circle that covering detectors see: around a square slice of the grid's longer side, mm. */
	static double radius(final Grid grid) {
		return Math.sqrt(0.5) * Math.max(grid.nx() * grid.dx(), grid.ny() * grid.dy());
	}

	/** Whole bins that cover a width in bins; the small term keeps widths whole but for rounding from gaining one. */
	static int count(final double width) {
		return Math.max(1, (int) Math.ceil(width - 1e-6));
	}

	@Override
	public View view(final int index) {
		final double theta = Math.toRadians(angles[index]), cos = Math.cos(theta), sin = Math.sin(theta);
		return new View() {

			@Override
			public Ray ray(final double u, final double v) {
				return new Ray(s(u) * cos, -s(u) * sin, (v - (rows - 1) / 2.0) * rowPitch, sin, cos, 0);
			}

			@Override
			public double bin(final double x, final double y) {
				return (x * cos - y * sin) / binPitch + (bins - 1) / 2.0 + axisOffset;
			}

			@Override
			public double nearness(final double x, final double y) {
				return 1;
			}
		};
	}

	@Override
	public double sufficientRange() {
		return 180;
	}

	@Override
	public ParallelBeam withAngles(final double[] other) {
		return new ParallelBeam(bins, rows, binPitch, rowPitch, axisOffset, other);
	}

	@Override
	public ParallelBeam withBins(final int otherBins, final double offset) {
		return new ParallelBeam(otherBins, rows, binPitch, rowPitch, offset, angles);
	}

	@Override
	public ParallelBeam refined(final int factor) {
		return new ParallelBeam(bins * factor, rows * factor, binPitch / factor, rowPitch / factor, axisOffset * factor,
			angles);
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
		return String.format(Locale.ROOT,
			"parallel beam, %d views from %.4g to %.4g degrees, %d bins x %d rows of %.4g x %.4g mm", angles.length, angles[0],
			angles[angles.length - 1], bins, rows, binPitch, rowPitch);
	}
}
