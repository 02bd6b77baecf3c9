package org.patchct.scan;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * What must be known of a scanner to reconstruct a measured scan, beside the detector's size and the axis.
 *
 * @param shape how rays run
 * @param pixel distance of neighbouring detector pixels along both directions, mm
 * @param sourceToAxis mm; not used in parallel beam
 * @param sourceToDetector mm; not used in parallel beam
 */
public record BeamSettings(Shape shape, double pixel, double sourceToAxis, double sourceToDetector) {

	/** How rays run from source to detector. */
	public enum Shape {
			PARALLEL("Parallel"), FAN_FLAT("Fan, flat detector"), FAN_ARC("Fan, arc detector"), CONE_FLAT(
				"Cone, flat detector"), CONE_ARC("Cone, arc detector");

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
		if (shape != Shape.PARALLEL) Checks.distances(sourceToAxis, sourceToDetector);
	}

	/** Parallel beam on square pixels. */
	public static BeamSettings parallel(final double pixel) {
		return new BeamSettings(Shape.PARALLEL, pixel, 0, 0);
	}

	/**
	 * The geometry of a scan. In fan beam, detector pixels are as high as their shadow of a slice.
	 *
	 * @param binning detector after joining pixels
	 * @param centre where the axis of rotation falls on the detector, in joined bins from the first
	 * @param angles degrees, increasing
	 */
	public ScanGeometry geometry(final Binning binning, final double centre, final double[] angles) {
		final int bins = binning.bins(), rows = binning.rows();
		final double offset = centre - (bins - 1) / 2.0, pitch = pixel * binning.factor(), rowPitch = pixel * binning
			.rowFactor();
		final Detector detector = shape == Shape.FAN_ARC || shape == Shape.CONE_ARC ? Detector.ARC : Detector.FLAT;
		return switch (shape) {
			case PARALLEL -> new ParallelBeam(bins, rows, pitch, rowPitch, offset, angles);
			case FAN_FLAT, FAN_ARC -> new FanBeam(bins, rows, pitch, rowPitch * atAxis(), offset, 0, sourceToAxis,
				sourceToDetector, detector, angles);
			case CONE_FLAT, CONE_ARC -> new ConeBeam(bins, rows, pitch, rowPitch, offset, 0, 0, sourceToAxis,
				sourceToDetector, detector, angles);
		};
	}

	/** The grid whose voxels are as large as joined pixels are at the axis, and which is as wide as the detector. */
	public Grid grid(final Binning binning) {
		final double voxel = pixel * binning.factor() * atAxis();
		return new Grid(binning.bins(), binning.bins(), binning.rows(), voxel, voxel, pixel * binning.rowFactor() *
			atAxis());
	}

	/** Size at the axis of what has size 1 on the detector. */
	public double atAxis() {
		return shape == Shape.PARALLEL ? 1 : sourceToAxis / sourceToDetector;
	}

	/** Whether every detector row sees one slice alone. */
	public boolean slicewise() {
		return shape != Shape.CONE_FLAT && shape != Shape.CONE_ARC;
	}

	/** The beam within the plane of the source, where a cone is a fan, on detector pixels of another size. */
	public BeamSettings midplane(final double otherPixel) {
		final Shape flat = shape == Shape.CONE_FLAT ? Shape.FAN_FLAT : shape == Shape.CONE_ARC ? Shape.FAN_ARC : shape;
		return new BeamSettings(flat, otherPixel, sourceToAxis, sourceToDetector);
	}
}
