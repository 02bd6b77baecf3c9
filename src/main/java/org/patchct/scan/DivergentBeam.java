package org.patchct.scan;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * What fans and cones share: a point source on a circle around z. At the angle θ it is at S = −sourceToAxis · e_d +
 * axisOffset · e_s (see {@link ScanGeometry} for e_s and e_d). Line integrals run along whole rays, also beyond the
 * detector, so that it may be a virtual one at the axis.
 */
public interface DivergentBeam extends ScanGeometry {

	/** Where the central ray falls on the detector, in bins from its centre. */
	double detectorOffset();

	/** How far the central ray passes beside the axis along e_s, mm. */
	double axisOffset();

	/** Distance of the source from the axis along the central ray, mm. */
	double sourceToAxis();

	/** Distance of the source from the detector along the central ray, mm. */
	double sourceToDetector();

	/** The detector's shape. */
	Detector detector();

	/** Height of the source above the middle of the volume for the rays of row {@code v}, mm. */
	double sourceHeight(double v);

	/** By how much the ray to (u, v) rises for every mm that it advances in the plane of a slice. */
	double slope(double u, double v);

	/** This scan with more bins before the first and after the last one. */
	DivergentBeam widened(int left, int right);

	/** Position of bin {@code u} on the detector from the central ray, mm; along the arc where it is one. */
	default double p(final double u) {
		return (u - (bins() - 1) / 2.0 - detectorOffset()) * binPitch();
	}

	/** Angle between the ray of bin {@code u} and the central ray in the plane of a slice, radians. */
	default double fanAngle(final double u) {
		return detector() == Detector.FLAT ? Math.atan2(p(u), sourceToDetector()) : p(u) / sourceToDetector();
	}

	/** Angle by which the axis lies beside the central ray as the source sees it, radians, against the direction of u. */
	default double axisAngle() {
		return Math.atan2(axisOffset(), sourceToAxis());
	}

	/** Half a turn and twice the larger angle between the axis and an edge of the detector: a short scan. */
	@Override
	default double sufficientRange() {
		return 180 + 2 * Math.toDegrees(Math.max(Math.abs(fanAngle(-0.5) + axisAngle()), Math.abs(fanAngle(bins() - 0.5) +
			axisAngle())));
	}

	/** Inverse of {@link #fanAngle}: the bin, a fraction, that the source sees at the angle {@code gamma}, radians. */
	default double bin(final double gamma) {
		return (detector() == Detector.FLAT ? Math.tan(gamma) : gamma) * sourceToDetector() / binPitch() + (bins() - 1) /
			2.0 + detectorOffset();
	}

	/** Distance in the plane of a slice from the source to the detector at bin {@code u}, mm. */
	default double reach(final double u) {
		return detector() == Detector.FLAT ? Math.hypot(sourceToDetector(), p(u)) : sourceToDetector();
	}

	@Override
	default View view(final int index) {
		return new DivergentView(this, Math.toRadians(angles()[index]));
	}

	/**
	 * Checks that no source lies above or below a voxel.
	 *
	 * @throws InvalidInputException if one does
	 */
	default void requireSourceOutside(final Grid grid) {
		Checks.sourceOutside(Math.hypot(grid.nx() * grid.dx(), grid.ny() * grid.dy()) / 2, sourceToAxis());
	}
}
