package org.patchct.scan;

/** One view of a scan: its rays, and where the points of a volume fall on its detector. */
public interface View {

	/** The ray to the point (u, v) of the detector, in bins and rows; pixel centres are whole numbers. */
	Ray ray(double u, double v);

	/** The bin, a fraction, on which the points above and below (x, y) fall. The point must lie before the source. */
	double bin(double x, double y);

	/**
	 * How much nearer to the source the points above and below (x, y) are than the axis: the source's distance from the
	 * axis over that from the point, as the detector measures distance (along the central ray for a flat one, in the plane
	 * of a slice for an arc). 1 in parallel beam. Back-projection for filtered projections weighs by its square; a cone's
	 * magnification is this times sourceToDetector / sourceToAxis.
	 */
	double nearness(double x, double y);
}
