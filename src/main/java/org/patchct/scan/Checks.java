package org.patchct.scan;

import org.patchct.task.InvalidInputException;

/** What the geometry records refuse. */
final class Checks {

	private Checks() { }

	static void detector(final int bins, final int rows, final double binPitch, final double rowPitch) {
		if (bins < 1 || rows < 1) throw new InvalidInputException("Detector of " + bins + " bins x " + rows +
			" rows: both must be at least 1.");
		if (!(binPitch > 0 && rowPitch > 0) || Double.isInfinite(binPitch + rowPitch)) throw new InvalidInputException(
			"Detector pitch " + binPitch + " x " + rowPitch + " mm: both must be positive numbers.");
	}

	/** @param what the offset with its unit, for the message: "Axis offset in mm" */
	static void offset(final String what, final double offset) {
		if (!Double.isFinite(offset)) throw new InvalidInputException(what + ", " + offset +
			": it must be a finite number.");
	}

	static void distances(final double sourceToAxis, final double sourceToDetector) {
		if (!(sourceToAxis > 0 && sourceToDetector > 0) || Double.isInfinite(sourceToAxis + sourceToDetector))
			throw new InvalidInputException("Source " + sourceToAxis + " mm from the axis and " + sourceToDetector +
				" mm from the detector: both must be positive numbers.");
	}

	static void shape(final Detector detector, final int bins, final double binPitch, final double detectorOffset,
		final double sourceToDetector)
	{
		if (detector == null) throw new InvalidInputException("The detector's shape is missing: it must be FLAT or ARC.");
		final double half = (bins / 2.0 + Math.abs(detectorOffset)) * binPitch / sourceToDetector;
		if (detector == Detector.ARC && !(half < Math.PI / 2)) throw new InvalidInputException("An arc of " + bins +
			" bins of " + binPitch + " mm at " + sourceToDetector + " mm from the source reaches " + Math.toDegrees(half) +
			" degrees from the central ray: it must stay below 90.");
	}

	/** @param radius of the volume's corners, mm from the axis */
	static void sourceOutside(final double radius, final double sourceToAxis) {
		if (!(sourceToAxis > radius)) throw new InvalidInputException("Source " + sourceToAxis +
			" mm from the axis: it would pass through the volume, whose corners reach " + Math.ceil(radius) +
			" mm. Give a greater distance, or crop the volume.");
	}

	/** The angles, a copy. */
	static double[] angles(final double[] angles) {
		if (angles == null || angles.length == 0) throw new InvalidInputException(ScanGeometry.NO_ANGLES);
		if (angles.length > ScanGeometry.MAX_VIEWS) throw new InvalidInputException("Number of views " + angles.length +
			": it must be from 1 to " + ScanGeometry.MAX_VIEWS + ".");
		for (int i = 0; i < angles.length; i++) {
			if (!Double.isFinite(angles[i])) throw new InvalidInputException("View angle " + angles[i] + " of view " + i +
				": angles must be finite numbers, in degrees.");
			if (i > 0 && !(angles[i] > angles[i - 1])) throw new InvalidInputException("View angles must increase: view " +
				(i - 1) + " is at " + angles[i - 1] + " degrees and view " + i + " at " + angles[i] +
				". Sort the views, and remove repeated ones.");
		}
		return angles.clone();
	}
}
