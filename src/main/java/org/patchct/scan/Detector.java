package org.patchct.scan;

/** Shapes of the detectors of divergent beams. */
public enum Detector {

		/** Plane, perpendicular to the central ray; bins lie at equal distances. */
		FLAT("Flat"),

		/** Cylinder about the source with its axis along z; bins lie at equal angles. */
		ARC("Arc");

	private final String label;

	Detector(final String label) {
		this.label = label;
	}

	@Override
	public String toString() {
		return label;
	}
}
