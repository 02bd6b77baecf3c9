package org.patchct.scan;

import org.patchct.volume.Grid;

/** The kinds of beam, to choose from. */
public enum Beam {

		PARALLEL("Parallel"), FAN("Fan"), CONE("Cone");

	/**
	 * Source to axis in sides of a slice and source to detector in source to axis where none is given: a fan of 27 degrees,
	 * and cone artefacts small in a cube.
	 */
	private static final double DISTANCE = 3, MAGNIFICATION = 1.5;

	private final String label;

	Beam(final String label) {
		this.label = label;
	}

	/**
	 * A scan whose detector sees the whole grid from every angle. Distances and shape mean nothing in parallel beam.
	 *
	 * @param sourceToAxis mm, or 0 for three times the longer side of a slice
	 * @param sourceToDetector mm, or 0 for one and a half times the distance from source to axis
	 * @throws org.patchct.task.InvalidInputException if the source would pass through the grid
	 */
	public ScanGeometry covering(final Grid grid, final double sourceToAxis, final double sourceToDetector,
		final Detector detector, final double[] angles)
	{
		final double axis = sourceToAxis != 0 ? sourceToAxis : DISTANCE * Math.max(grid.nx() * grid.dx(), grid.ny() * grid
			.dy());
		final double distance = sourceToDetector != 0 ? sourceToDetector : MAGNIFICATION * axis;
		return switch (this) {
			case PARALLEL -> ParallelBeam.covering(grid, angles);
			case FAN -> FanBeam.covering(grid, axis, distance, detector, angles);
			case CONE -> ConeBeam.covering(grid, axis, distance, detector, angles);
		};
	}

	/** Degrees that a scan usually covers: half a turn in parallel beam, which sees everything, else a turn. */
	public double usualRange() {
		return this == PARALLEL ? 180 : 360;
	}

	@Override
	public String toString() {
		return label;
	}
}
