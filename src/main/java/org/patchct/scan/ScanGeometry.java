package org.patchct.scan;

/**
 * Where source and detector were for every view. Implementations are immutable records; angles are degrees, lengths mm.
 * The axis of rotation is the world's z axis.
 */
public interface ScanGeometry {

	/** Most views a scan may have; more is a mistyped number rather than a scan. */
	int MAX_VIEWS = 100_000;

	/** Detector bins in a row (u). */
	int bins();

	/** Detector rows (v). */
	int rows();

	/** Distance of neighbouring bin centres, mm. */
	double binPitch();

	/** Distance of neighbouring row centres, mm. */
	double rowPitch();

	/** View angles in degrees, strictly increasing; a copy. */
	double[] angles();

	default int views() {
		return angles().length;
	}
}
