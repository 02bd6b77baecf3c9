package org.patchct.scan;

import java.util.Arrays;
import java.util.Locale;

import org.patchct.volume.Grid;

/**
 * Circular cone beam: a point source in the plane z = 0 (see {@link DivergentBeam}). With p(u) = (u − (bins−1)/2 −
 * detectorOffset) · binPitch and q(v) = (v − (rows−1)/2 − rowOffset) · rowPitch, pixel (u, v) of a flat detector is at S +
 * sourceToDetector · e_d + p(u) e_s + q(v) e_z; that of an arc, a cylinder about the source, is seen at the angle γ = p(u)
 * / sourceToDetector, S + sourceToDetector (cos γ e_d + sin γ e_s) + q(v) e_z.
 *
 * @param bins detector bins in a row
 * @param rows detector rows
 * @param binPitch distance of bin centres on the detector, mm; along the arc where it is one
 * @param rowPitch distance of row centres on the detector, mm
 * @param detectorOffset where the central ray falls on the detector, in bins from its centre
 * @param rowOffset where the central ray falls on the detector, in rows from its centre
 * @param axisOffset how far the central ray passes beside the axis, mm
 * @param sourceToAxis distance of the source from the axis along the central ray, mm
 * @param sourceToDetector distance of the source from the detector along the central ray, mm
 * @param detector flat or arc
 * @param angles view angles, degrees, strictly increasing
 */
public record ConeBeam(int bins, int rows, double binPitch, double rowPitch, double detectorOffset, double rowOffset,
	double axisOffset, double sourceToAxis, double sourceToDetector, Detector detector, double[] angles) implements
	DivergentBeam
{

	public ConeBeam {
		Checks.detector(bins, rows, binPitch, rowPitch);
		Checks.offset("Detector offset in bins", detectorOffset);
		Checks.offset("Row offset in rows", rowOffset);
		Checks.offset("Axis offset in mm", axisOffset);
		Checks.distances(sourceToAxis, sourceToDetector);
		Checks.shape(detector, bins, binPitch, detectorOffset, sourceToDetector);
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

	/** Height of row {@code v} on the detector, mm. */
	public double q(final double v) {
		return (v - (rows - 1) / 2.0 - rowOffset) * rowPitch;
	}

	@Override
	public double sourceHeight(final double v) {
		return 0;
	}

	@Override
	public double slope(final double u, final double v) {
		return q(v) / reach(u);
	}

	/**
	 * A detector that sees the whole grid from every angle, its bins and rows as large as a voxel's shadow where the axis
	 * is.
	 *
	 * @throws org.patchct.task.InvalidInputException if the source would pass through the grid
	 */
	public static ConeBeam covering(final Grid grid, final double sourceToAxis, final double sourceToDetector,
		final Detector detector, final double[] angles)
	{
		final FanBeam fan = FanBeam.covering(grid, sourceToAxis, sourceToDetector, detector, angles);
		// The highest shadow is that of the nearest corner.
		final double rows = grid.nz() * sourceToAxis / (sourceToAxis - ParallelBeam.radius(grid));
		return new ConeBeam(fan.bins(), ParallelBeam.count(rows), fan.binPitch(), grid.dz() * sourceToDetector /
			sourceToAxis, 0, 0, 0, sourceToAxis, sourceToDetector, detector, angles);
	}

	@Override
	public ConeBeam withAngles(final double[] other) {
		return new ConeBeam(bins, rows, binPitch, rowPitch, detectorOffset, rowOffset, axisOffset, sourceToAxis,
			sourceToDetector, detector, other);
	}

	@Override
	public ConeBeam withBins(final int otherBins, final double offset) {
		return new ConeBeam(otherBins, rows, binPitch, rowPitch, offset, rowOffset, axisOffset, sourceToAxis,
			sourceToDetector, detector, angles);
	}

	@Override
	public ConeBeam refined(final int factor) {
		return new ConeBeam(bins * factor, rows * factor, binPitch / factor, rowPitch / factor, detectorOffset * factor,
			rowOffset * factor, axisOffset, sourceToAxis, sourceToDetector, detector, angles);
	}

	@Override
	public ConeBeam widened(final int left, final int right) {
		return withBins(bins + left + right, detectorOffset + (left - right) / 2.0);
	}

	@Override
	public boolean equals(final Object o) {
		return o instanceof ConeBeam c && c.bins == bins && c.rows == rows && c.binPitch == binPitch &&
			c.rowPitch == rowPitch && c.detectorOffset == detectorOffset && c.rowOffset == rowOffset &&
			c.axisOffset == axisOffset && c.sourceToAxis == sourceToAxis && c.sourceToDetector == sourceToDetector &&
			c.detector == detector && Arrays.equals(c.angles, angles);
	}

	@Override
	public int hashCode() {
		return 31 * (31 * bins + rows) + Arrays.hashCode(angles);
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT,
			"cone beam, %d views from %.4g to %.4g degrees, %s detector of %d bins x %d rows of %.4g x %.4g mm, source %.4g mm " +
				"from the axis and %.4g mm from the detector", angles.length, angles[0], angles[angles.length - 1], detector
					.toString().toLowerCase(Locale.ROOT), bins, rows, binPitch, rowPitch, sourceToAxis, sourceToDetector);
	}
}
