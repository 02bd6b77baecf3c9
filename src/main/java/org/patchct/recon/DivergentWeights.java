package org.patchct.recon;

import java.util.Arrays;

import org.patchct.scan.Detector;
import org.patchct.scan.DivergentBeam;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * What filtered back-projection of a divergent beam multiplies its projections by before they are filtered.
 * <p>
 * Changing variables in the parallel beam's inversion from the distance s and direction φ of a line to the fan angle γ and
 * view angle β, s = R sin γ + a cos γ and φ = β + γ (R source to axis, a axis offset), gives the Jacobian J = R cos γ − a
 * sin γ. On a flat detector at D, sin(γ' − γ) = cos γ' cos γ (p' − p) / D turns the ramp over angles into one over p with
 * the factor J / D; on an arc, the ramp itself changes ({@link RampFilter#equiangular}). The squares of distances that
 * remain are those of {@link org.patchct.scan.View#nearness}. Rays that leave the plane of the source are shortened to it
 * (Feldkamp, Davis and Kress, 1984).
 * </p>
 * <p>
 * Lines measured more than once share their weight. Where a short scan sees lines twice, Parker's condition (D. L.
 * Parker, Med. Phys. 9:254, 1982) asks for weights that add up to one and are smooth; here they are c / Σ c over the
 * measurements of the line, after Noo et al. (Phys. Med. Biol. 47:2525, 2002, equation 41), with c = sin² over the range of
 * views times sin² over the detector, which serves every range, from limited angle through a short scan to a full turn, and
 * detectors that see more on one side of the axis than on the other.
 * </p>
 */
final class DivergentWeights {

	/** Bins that may be missing on one side of a detector before it counts as displaced. */
	private static final double MARGIN = 1;

	private final DivergentBeam beam;

	/** View angles from the start of the measured range, and what each stands for, radians. */
	private final double[] turns, views;

	/** See {@link DivergentBeam#axisAngle}. */
	private final double axis;

	/** Angles of the detector's edges as seen from the axis, radians. */
	private final double left, right;

	/** Length of the measured range of views, radians. */
	private final double range;

	private final boolean fullTurn;

	private DivergentWeights(final DivergentBeam beam) {
		this.beam = beam;
		final double[] degrees = beam.angles();
		views = Fbp.viewWeights(degrees, 360);
		axis = beam.axisAngle();
		left = beam.fanAngle(-0.5) + axis;
		right = beam.fanAngle(beam.bins() - 0.5) + axis;
		final double sum = Arrays.stream(views).sum();
		fullTurn = sum > 2 * Math.PI - 1e-6;
		final double step = sum / views.length, last = degrees[degrees.length - 1];
		range = Math.toRadians(last - degrees[0]) + step;
		turns = Arrays.stream(degrees).map(angle -> Math.toRadians(angle - degrees[0]) + step / 2).toArray();
	}

	/** Weighs projections in place. */
	static void apply(final DivergentBeam beam, final Columns projections) {
		final DivergentWeights weights = new DivergentWeights(beam);
		projections.forColumns(index -> weights.apply(projections.data()[index], index % beam.bins(), index / beam.bins()));
	}

	/**
	 * The beam with room for what filtering leaves beside a detector that sees more on one side of the axis: bins on the
	 * other side, as far as the grid reaches. The beam itself where it needs none.
	 */
	static DivergentBeam widened(final DivergentBeam beam, final Grid grid) {
		final DivergentWeights weights = new DivergentWeights(beam);
		final double radius = Math.hypot(grid.nx() * grid.dx(), grid.ny() * grid.dy()) / 2;
		final double reach = Math.min(Math.asin(radius / Math.hypot(beam.sourceToAxis(), beam.axisOffset())), Math.max(
			-weights.left, weights.right));
		final int left = (int) Math.ceil(-0.5 - beam.bin(-reach - weights.axis) - MARGIN);
		final int right = (int) Math.ceil(beam.bin(reach - weights.axis) - (beam.bins() - 0.5) - MARGIN);
		return left <= 0 && right <= 0 ? beam : beam.widened(Math.max(0, left), Math.max(0, right));
	}

	private void apply(final float[] column, final int u, final int view) {
		final double gamma = beam.fanAngle(u), distance = beam.sourceToAxis();
		final double jacobian = distance * Math.cos(gamma) - beam.axisOffset() * Math.sin(gamma);
		final double scale = (beam.detector() == Detector.FLAT ? beam.sourceToDetector() : 1) / (distance * distance);
		final double weight = views[view] * share(turns[view], gamma + axis) * jacobian *
			scale;
		for (int v = 0; v < column.length; v++) {
			final double slope = beam.slope(u, v);
			column[v] *= weight / Math.sqrt(1 + slope * slope);
		}
	}

	/**
	 * The share of one ray in its line: the opposite ray, at the fan angle −γ, is measured after half a turn and 2 γ.
	 *
	 * @param turn view angle from the start of the range, radians
	 * @param gamma fan angle from the axis, radians
	 */
	private double share(final double turn, final double gamma) {
		final double fullCircle = 2 * Math.PI, other = turn + Math.PI + 2 * gamma;
		final double own = taper(turn, gamma), opposite = taper(other - fullCircle * Math.floor(other / fullCircle), -gamma);
		return own / (own + opposite);
	}

	private double taper(final double turn, final double gamma) {
		if (gamma <= left || gamma >= right || !fullTurn && turn >= range) return 0;
		final double width = Math.sin(Math.PI * (gamma - left) / (right - left));
		final double length = fullTurn ? 1 : Math.sin(Math.PI * turn / range);
		return width * width * length * length;
	}
}
