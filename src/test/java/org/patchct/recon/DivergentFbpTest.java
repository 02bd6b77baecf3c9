package org.patchct.recon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patchct.projector.Projectors;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.EllipsoidScan;
import org.patchct.scan.FanBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Ellipsoid;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;

/** Filtered back-projection of fans, and of cones after Feldkamp, from exact line integrals. */
class DivergentFbpTest {

	private static final Grid GRID = new Grid(64, 60, 5, 0.8, 0.85, 2);

	/** A tall cylinder but for its ends: uniform over the slices to 1e-6. */
	private static final Ellipsoid CYLINDER = new Ellipsoid(1, 1.5, -1, 0, 19, 17, 1e5, 20);

	private static final List<Ellipsoid> UNIFORM = List.of(CYLINDER);

	private static final double[] FULL = ScanGeometry.evenAngles(180, 7, 360);

	/** Views of a short scan: half a turn and the angle of a fan that covers the grid from 60 mm. */
	private static final double[] SHORT = ScanGeometry.evenAngles(120, 7, 180 + 2 * Math.toDegrees(Math.asin(Math.sqrt(
		0.5) * 51.2 / 60)) + 1);

	private static Columns fbp(final List<Ellipsoid> ellipsoids, final ScanGeometry geometry) {
		final Columns y = new Projections("exact", EllipsoidScan.averaged(ellipsoids, geometry, 2), geometry, GRID,
			Intensity.ATTENUATION).toColumns();
		return new Fbp().reconstruct(Projectors.create(GRID, geometry, "cpu"), y, Progress.SILENT);
	}

	/** Mean, least and largest slice-wise deviation from it, within the cylinder but for 3 mm. */
	private static double mean(final Columns x, final int slice) {
		double sum = 0;
		int n = 0;
		for (int j = 0; j < GRID.ny(); j++)
			for (int i = 0; i < GRID.nx(); i++)
				if (inside(i, j)) {
					sum += x.column(i, j)[slice];
					n++;
				}
		return sum / n;
	}

	private static boolean inside(final int i, final int j) {
		return new Ellipsoid(1, CYLINDER.x(), CYLINDER.y(), 0, CYLINDER.a() - 3, CYLINDER.b() - 3, 1, CYLINDER.rotation())
			.contains(GRID.x(i), GRID.y(j), 0);
	}

	/** Root mean square deviation from 1 inside. */
	private static double unevenness(final Columns x, final int slice) {
		double sum = 0;
		int n = 0;
		for (int j = 0; j < GRID.ny(); j++)
			for (int i = 0; i < GRID.nx(); i++)
				if (inside(i, j)) {
					sum += Math.pow(x.column(i, j)[slice] - 1, 2);
					n++;
				}
		return Math.sqrt(sum / n);
	}

	private static void assertUniform(final String what, final Columns x) {
		for (int k = 0; k < GRID.nz(); k++) {
			assertEquals(1, mean(x, k), 0.005, what + ": mean of slice " + k);
			assertTrue(unevenness(x, k) <= 0.02, what + ": unevenness " + unevenness(x, k) + " of slice " + k);
		}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void greyValuesOfAFullTurnAreRight(final Detector detector) {
		assertUniform("fan", fbp(UNIFORM, FanBeam.covering(GRID, 60, 95, detector, FULL)));
		assertUniform("cone", fbp(UNIFORM, ConeBeam.covering(GRID, 60, 95, detector, FULL)));
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void greyValuesOfAShortScanAreRight(final Detector detector) {
		assertUniform("fan", fbp(UNIFORM, FanBeam.covering(GRID, 60, 95, detector, SHORT)));
		assertUniform("cone", fbp(UNIFORM, ConeBeam.covering(GRID, 60, 95, detector, SHORT)));
		assertUniform("between short and full", fbp(UNIFORM, FanBeam.covering(GRID, 60, 95, detector, ScanGeometry
			.evenAngles(150, -50, 300))));
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void greyValuesAreRightOffCentre(final Detector detector) {
		for (final double[] angles : List.of(FULL, SHORT)) {
			final FanBeam fan = FanBeam.covering(GRID, 60, 95, detector, angles);
			assertUniform("fan", fbp(UNIFORM, new FanBeam(fan.bins() + 14, fan.rows(), fan.binPitch(), fan.rowPitch(), 2.7, 4,
				60, 95, detector, angles)));
			final ConeBeam cone = ConeBeam.covering(GRID, 60, 95, detector, angles);
			assertUniform("cone", fbp(UNIFORM, new ConeBeam(cone.bins() + 14, cone.rows() + 6, cone.binPitch(), cone
				.rowPitch(), 2.7, -1.6, 4, 60, 95, detector, angles)));
		}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void detectorsThatSeeMoreOfOneSideMeasureEveryLineInAFullTurn(final Detector detector) {
		final FanBeam whole = FanBeam.covering(GRID, 60, 95, detector, FULL);
		// From 15 % of the way on the one side to the edge on the other.
		final int bins = (int) (whole.bins() * 0.575);
		final double offset = (bins - whole.bins()) / 2.0;
		assertUniform("displaced", fbp(UNIFORM, new FanBeam(bins, whole.rows(), whole.binPitch(), whole.rowPitch(), offset, 0,
			60, 95, detector, FULL)));
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void shapesAreThoseOfParallelBeam(final Detector detector) {
		final List<Ellipsoid> objects = List.of(CYLINDER, new Ellipsoid(0.5, 8, -6, 0, 4, 6, 1e5, 30), new Ellipsoid(-0.6,
			-7, 5, 0, 5, 3, 1e5, 70));
		final Columns parallel = fbp(objects, ParallelBeam.covering(GRID, ScanGeometry.evenAngles(240, 0, 180)));
		for (final double[] angles : List.of(FULL, SHORT))
			for (final ScanGeometry geometry : List.of(FanBeam.covering(GRID, 60, 95, detector, angles), ConeBeam.covering(
				GRID, 60, 95, detector, angles)))
			{
				final Columns difference = fbp(objects, geometry).add(-1, parallel);
				final double rms = difference.norm() / Math.sqrt(GRID.voxels());
				assertTrue(rms <= 0.04, geometry + ": RMS difference " + rms);
			}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void limitedAngleKeepsTheWeightsOfItsStep(final Detector detector) {
		// Lines along directions that were measured once count once: edges parallel to them stay sharp.
		for (final double range : new double[] { 90, 120 }) {
			final double[] angles = ScanGeometry.evenAngles((int) range, -range / 2, range);
			final Columns parallel = fbp(UNIFORM, ParallelBeam.covering(GRID, angles));
			final Columns fan = fbp(UNIFORM, FanBeam.covering(GRID, 400, 500, detector, angles));
			final double rms = fan.add(-1, parallel).norm() / Math.sqrt(GRID.voxels());
			assertTrue(rms <= 0.08 * parallel.norm() / Math.sqrt(GRID.voxels()), range + " degrees: RMS difference " + rms +
				" of " + parallel.norm() / Math.sqrt(GRID.voxels()));
		}
	}

	@Test
	void everyLineCountsOnce() {
		// The back-projection of unfiltered, equally weighted lines at the axis is the range that was measured, however
		// often: half a turn for a full turn and a short scan alike.
		for (final double[] angles : List.of(FULL, SHORT, ScanGeometry.evenAngles(150, 0, 300))) {
			final FanBeam fan = FanBeam.covering(GRID, 60, 95, Detector.ARC, angles);
			final Columns ones = new Columns(fan.bins(), fan.views(), fan.rows()).fill(1);
			DivergentWeights.apply(fan, ones);
			double sum = 0;
			for (int view = 0; view < fan.views(); view++)
				sum += ones.column(fan.bins() / 2, view)[0] * 60 / Math.cos(fan.fanAngle(fan.bins() / 2));
			assertEquals(Math.PI, sum, 0.01, angles.length + " views");
		}
	}
}
