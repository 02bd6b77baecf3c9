package org.patchct.scan;

import java.util.Locale;

import org.patchct.task.InvalidInputException;

/**
 * Where source and detector were for every view. Implementations are immutable records; angles are degrees, lengths mm.
 * <p>
 * The axis of rotation is the world's z axis, and y points down an image's rows, so that angles turn counter-clockwise on
 * the screen. At the angle θ the detector's bins u increase along e_s = (cos θ, −sin θ, 0), its rows v along z, and the
 * central ray travels along e_d = (sin θ, cos θ, 0).
 * </p>
 */
public interface ScanGeometry {

	/** Most views a scan may have; more is a mistyped number rather than a scan. */
	int MAX_VIEWS = 100_000;

	String NO_ANGLES = "The scan has no view angles: give at least one.";

	/** Detector bins in a row (u). */
	int bins();

	/** Detector rows (v). */
	int rows();

	/** Distance of neighbouring bin centres on the detector, mm. */
	double binPitch();

	/** Distance of neighbouring row centres on the detector, mm. */
	double rowPitch();

	/** View angles in degrees, strictly increasing; a copy. */
	double[] angles();

	default int views() {
		return angles().length;
	}

	/** The rays of one view. */
	View view(int index);

	/** The range of views, degrees, in which every line through what the detector sees is measured. */
	double sufficientRange();

	/** Whether the views do not cover {@link #sufficientRange}, as a sentence for the user, or null if they do. */
	default String limitedAngle() {
		final double[] angles = angles();
		final double covered = (angles[angles.length - 1] - angles[0]) * angles.length / Math.max(1, angles.length - 1);
		return angles.length == 1 || covered > sufficientRange() - 1e-6 ? null : String.format(Locale.ROOT,
			"Limited angle: the views cover %.4g degrees and this scan needs %.4g, so edges along the directions that were " +
				"not measured will be blurred, and grey values near them wrong.", covered, Math.ceil(sufficientRange()));
	}

	/** This scan with other views. */
	ScanGeometry withAngles(double[] angles);

	/**
	 * This scan with another number of bins, each as wide as before.
	 *
	 * @param bins in a row
	 * @param offset where the axis (in fan and cone beam the central ray) falls on the detector, in bins from its centre
	 */
	ScanGeometry withBins(int bins, double offset);

	/** This scan with every bin and row split in {@code factor}, for projections that are binned afterwards. */
	ScanGeometry refined(int factor);

	/**
	 * {@code views} angles start + i · range / views, the papers' convention (a full turn or half turn does not repeat its
	 * first view).
	 *
	 * @throws InvalidInputException if views is not in 1…{@link #MAX_VIEWS} or the range not in (0, 360]
	 */
	static double[] evenAngles(final int views, final double start, final double range) {
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
}
