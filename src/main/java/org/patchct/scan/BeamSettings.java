package org.patchct.scan;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * What must be known of a scanner to reconstruct a measured scan, beside the detector's size and the axis.
 *
 * @param beam how rays run
 * @param detector its shape; means nothing in parallel beam
 * @param pixel distance of neighbouring detector pixels along both directions, mm
 * @param sourceToAxis mm; means nothing in parallel beam
 * @param sourceToDetector mm; means nothing in parallel beam
 */
public record BeamSettings(Beam beam, Detector detector, double pixel, double sourceToAxis, double sourceToDetector) {

	public BeamSettings {
		if (!(pixel > 0) || Double.isInfinite(pixel)) throw new InvalidInputException("Detector pixel of " + pixel +
			" mm: it must be a positive number.");
		if (beam != Beam.PARALLEL) Checks.distances(sourceToAxis, sourceToDetector);
	}

	/** Parallel beam on square pixels. */
	public static BeamSettings parallel(final double pixel) {
		return new BeamSettings(Beam.PARALLEL, Detector.FLAT, pixel, 0, 0);
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
		return switch (beam) {
			case PARALLEL -> new ParallelBeam(bins, rows, pitch, rowPitch, offset, angles);
			case FAN -> new FanBeam(bins, rows, pitch, rowPitch * atAxis(), offset, 0, sourceToAxis,
				sourceToDetector, detector, angles);
			case CONE -> new ConeBeam(bins, rows, pitch, rowPitch, offset, 0, 0, sourceToAxis,
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
		return beam == Beam.PARALLEL ? 1 : sourceToAxis / sourceToDetector;
	}

	/** Angle of the ray that falls {@code bins} beside the one through the axis, radians; 0 in parallel beam. */
	public double fanAngle(final double bins) {
		if (beam == Beam.PARALLEL) return 0;
		final double p = bins * pixel / sourceToDetector;
		return detector == Detector.FLAT ? Math.atan(p) : p;
	}

	/** The beam within the plane of the source, where a cone is a fan, on detector pixels of another size. */
	public BeamSettings midplane(final double otherPixel) {
		return new BeamSettings(beam == Beam.CONE ? Beam.FAN : beam, detector, otherPixel, sourceToAxis, sourceToDetector);
	}
}
