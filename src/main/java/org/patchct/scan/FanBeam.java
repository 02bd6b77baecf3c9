package org.patchct.scan;

import java.util.Arrays;
import java.util.Locale;

import org.patchct.volume.Grid;

/**
 * Fan beam: detector row k sees slice k alone, by rays from a source in the slice's plane (see {@link DivergentBeam}).
 * With p(u) = (u − (bins−1)/2 − detectorOffset) · binPitch, bin u of a flat detector is at S + sourceToDetector · e_d +
 * p(u) e_s; that of an arc is seen at the angle γ = p(u) / sourceToDetector, S + sourceToDetector (cos γ e_d + sin γ e_s).
 *
 * @param bins detector bins in a row
 * @param rows detector rows, equal to the slices of the volume
 * @param binPitch distance of bin centres on the detector, mm; along the arc where it is one
 * @param rowPitch distance of row centres, mm; equal to the slice spacing of the volume
 * @param detectorOffset where the central ray falls on the detector, in bins from its centre
 * @param axisOffset how far the central ray passes beside the axis, mm
 * @param sourceToAxis distance of the source from the axis along the central ray, mm
 * @param sourceToDetector distance of the source from the detector along the central ray, mm
 * @param detector flat or arc
 * @param angles view angles, degrees, strictly increasing
 */
public record FanBeam(int bins, int rows, double binPitch, double rowPitch, double detectorOffset, double axisOffset,
	double sourceToAxis, double sourceToDetector, Detector detector, double[] angles) implements DivergentBeam
{

	public FanBeam {
		Checks.detector(bins, rows, binPitch, rowPitch);
		Checks.offset("Detector offset in bins", detectorOffset);
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

	@Override
	public double sourceHeight(final double v) {
		return (v - (rows - 1) / 2.0) * rowPitch;
	}

	@Override
	public double slope(final double u, final double v) {
		return 0;
	}

	/**
	 * A detector that sees the whole grid from every angle, its bins as wide as a voxel's shadow where the axis is.
	 *
	 * @throws org.patchct.task.InvalidInputException if the source would pass through the grid
	 */
	public static FanBeam covering(final Grid grid, final double sourceToAxis, final double sourceToDetector,
		final Detector detector, final double[] angles)
	{
		Checks.distances(sourceToAxis, sourceToDetector);
		final double radius = ParallelBeam.radius(grid);
		Checks.sourceOutside(radius, sourceToAxis);
		final double half = Math.asin(radius / sourceToAxis);
		final double width = 2 * sourceToDetector * (detector == Detector.FLAT ? Math.tan(half) : half);
		final double pitch = Math.min(grid.dx(), grid.dy()) * sourceToDetector / sourceToAxis;
		return new FanBeam(ParallelBeam.count(width / pitch), grid.nz(), pitch, grid.dz(), 0, 0, sourceToAxis,
			sourceToDetector, detector, angles);
	}

	@Override
	public FanBeam withAngles(final double[] other) {
		return new FanBeam(bins, rows, binPitch, rowPitch, detectorOffset, axisOffset, sourceToAxis, sourceToDetector,
			detector, other);
	}

	@Override
	public FanBeam withBins(final int otherBins, final double offset) {
		return new FanBeam(otherBins, rows, binPitch, rowPitch, offset, axisOffset, sourceToAxis, sourceToDetector,
			detector, angles);
	}

	@Override
	public FanBeam refined(final int factor) {
		return new FanBeam(bins * factor, rows * factor, binPitch / factor, rowPitch / factor, detectorOffset * factor,
			axisOffset, sourceToAxis, sourceToDetector, detector, angles);
	}

	@Override
	public FanBeam widened(final int left, final int right) {
		return withBins(bins + left + right, detectorOffset + (left - right) / 2.0);
	}

	@Override
	public boolean equals(final Object o) {
		return o instanceof FanBeam f && f.bins == bins && f.rows == rows && f.binPitch == binPitch &&
			f.rowPitch == rowPitch && f.detectorOffset == detectorOffset && f.axisOffset == axisOffset &&
			f.sourceToAxis == sourceToAxis && f.sourceToDetector == sourceToDetector && f.detector == detector && Arrays
				.equals(f.angles, angles);
	}

	@Override
	public int hashCode() {
		return 31 * (31 * bins + rows) + Arrays.hashCode(angles);
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT,
			"fan beam, %d views from %.4g to %.4g degrees, %s detector of %d bins x %d rows of %.4g x %.4g mm, source %.4g mm " +
				"from the axis and %.4g mm from the detector", angles.length, angles[0], angles[angles.length - 1], detector
					.toString().toLowerCase(Locale.ROOT), bins, rows, binPitch, rowPitch, sourceToAxis, sourceToDetector);
	}
}
