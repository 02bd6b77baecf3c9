package org.patchct.scan;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * What must be known of a scanner to reconstruct a measured scan, beside the detector's size and the axis.
 *
 * @param shape how rays run
 * @param pixel distance of neighbouring detector pixels, mm
 * @param sourceToAxis mm; not used in parallel beam
 * @param sourceToDetector mm; not used in parallel beam
 */
public record BeamSettings(Shape shape, double pixel, double sourceToAxis, double sourceToDetector) {

	/** How rays run from source to detector. */
	public enum Shape {
			PARALLEL("Parallel");

		private final String label;

		Shape(final String label) {
			this.label = label;
		}

		@Override
		public String toString() {
			return label;
		}
	}

	public BeamSettings {
		if (!(pixel > 0) || Double.isInfinite(pixel)) throw new InvalidInputException("Detector pixel of " + pixel +
			" mm: it must be a positive number.");
	}

	/** Parallel beam on square pixels. */
	public static BeamSettings parallel(final double pixel) {
		return new BeamSettings(Shape.PARALLEL, pixel, 0, 0);
	}

	/**
	 * The geometry of a scan.
	 *
	 * @param binning detector after joining pixels
	 * @param centre where the axis of rotation falls on the detector, in joined bins from the first
	 * @param angles degrees, increasing
	 */
	public ScanGeometry geometry(final Binning binning, final double centre, final double[] angles) {
		final double offset = centre - (binning.bins() - 1) / 2.0;
		return new ParallelBeam(binning.bins(), binning.rows(), pixel * binning.factor(), pixel * binning.rowFactor(),
			offset, angles);
	}

	/** The grid whose voxels are as large as joined pixels are at the axis, and which is as wide as the detector. */
	public Grid grid(final Binning binning) {
		final double pitch = pixel * binning.factor() * atAxis();
		return new Grid(binning.bins(), binning.bins(), binning.rows(), pitch, pitch, pixel * binning.rowFactor());
	}

	/** Size at the axis of what has size 1 on the detector. */
	public double atAxis() {
		return 1;
	}
}
