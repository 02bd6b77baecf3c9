package org.patchct.scan;

/** The view of a point source at one angle. */
final class DivergentView implements View {

	private final DivergentBeam beam;

	private final double cos, sin, sourceX, sourceY, centre, binPitch;

	private final boolean flat;

	/** @param theta radians */
	DivergentView(final DivergentBeam beam, final double theta) {
		this.beam = beam;
		cos = Math.cos(theta);
		sin = Math.sin(theta);
		sourceX = beam.axisOffset() * cos - beam.sourceToAxis() * sin;
		sourceY = -beam.axisOffset() * sin - beam.sourceToAxis() * cos;
		centre = (beam.bins() - 1) / 2.0 + beam.detectorOffset();
		binPitch = beam.binPitch() / beam.sourceToDetector();
		flat = beam.detector() == Detector.FLAT;
	}

	@Override
	public Ray ray(final double u, final double v) {
		final double gamma = beam.fanAngle(u), slope = beam.slope(u, v), flatness = 1 / Math.sqrt(1 + slope * slope);
		final double along = Math.cos(gamma) * flatness, across = Math.sin(gamma) * flatness;
		return new Ray(sourceX, sourceY, beam.sourceHeight(v), along * sin + across * cos, along * cos - across * sin, slope *
			flatness);
	}

	@Override
	public double bin(final double x, final double y) {
		final double across = (x - sourceX) * cos - (y - sourceY) * sin, depth = depth(x, y);
		return (flat ? across / depth : Math.atan2(across, depth)) / binPitch + centre;
	}

	@Override
	public double nearness(final double x, final double y) {
		return beam.sourceToAxis() / (flat ? depth(x, y) : Math.hypot(x - sourceX, y - sourceY));
	}

	private double depth(final double x, final double y) {
		return (x - sourceX) * sin + (y - sourceY) * cos;
	}
}
