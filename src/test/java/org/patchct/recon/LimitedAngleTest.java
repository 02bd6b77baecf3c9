package org.patchct.recon;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.scan.Detector;
import org.patchct.scan.EllipsoidScan;
import org.patchct.scan.FanBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Progress;
import org.patchct.volume.Ellipsoid;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

/** Scans of less than half a turn, a view every two degrees, from exact line integrals. */
class LimitedAngleTest {

	private static final Grid GRID = new Grid(32, 32, 2, 1.5, 1.5, 1.5);

	/** Longer than the grid along z; edges run in all directions. */
	private static final List<Ellipsoid> OBJECTS = List.of(cylinder(0.6, 1, -1, 18, 14, 30), cylinder(0.3, 7, -4, 4, 6,
		0), cylinder(-0.4, -6, 4, 5, 3, 60), cylinder(0.3, 2, 7, 2, 2, 0));

	private static final float[] TRUTH = Layouts.planes(Ellipsoid.render(OBJECTS, GRID, 8))[1];

	private static Ellipsoid cylinder(final double value, final double x, final double y, final double a, final double b,
		final double rotation)
	{
		return new Ellipsoid(value * Intensity.ATTENUATION.high(), x, y, 0, a, b, 1e5, rotation);
	}

	/** Root mean square error over that of an empty slice. */
	private static double error(final Reconstructor method, final ScanGeometry geometry) {
		final Projections scan = new Projections("exact", EllipsoidScan.averaged(OBJECTS, geometry, 2), geometry, GRID,
			Intensity.ATTENUATION);
		final float[] slice = Layouts.planes(method.reconstruct(scan, GRID, RunSettings.DEFAULT, Progress.SILENT).img())[1];
		double difference = 0, energy = 0;
		for (int i = 0; i < slice.length; i++) {
			difference += Math.pow(slice[i] - TRUTH[i], 2);
			energy += Math.pow(TRUTH[i], 2);
		}
		return Math.sqrt(difference / energy);
	}

	@ParameterizedTest
	@ValueSource(strings = { "parallel", "fan" })
	void admmTvRestoresSomeOfWhatFbpLoses(final String beam) {
		final Function<double[], ScanGeometry> geometry = angles -> beam.equals("fan") ? FanBeam.covering(GRID, 150, 250,
			Detector.FLAT, angles) : ParallelBeam.covering(GRID, angles);
		final int enough = (int) Math.ceil(geometry.apply(new double[] { 0 }).sufficientRange());
		final int[] ranges = { 90, 120, enough };
		final double[] fbp = new double[ranges.length], admmTv = new double[ranges.length];
		for (int i = 0; i < ranges.length; i++) {
			final ScanGeometry scan = geometry.apply(ScanGeometry.evenAngles(ranges[i] / 2, 0, ranges[i]));
			fbp[i] = error(new Fbp(), scan);
			admmTv[i] = error(new AdmmTv(), scan);
		}
		final String measured = "FBP " + Arrays.toString(fbp) + ", ADMM-TV " + Arrays.toString(admmTv);
		// Measured in parallel beam: FBP 0.680, 0.511, 0.066; ADMM-TV 0.207, 0.101, 0.034. In fan beam, whose last scan is a
		// short one of 207 degrees: 0.683, 0.519, 0.065; 0.211, 0.100, 0.055.
		assertTrue(admmTv[0] < 0.4 * fbp[0] && admmTv[1] < 0.3 * fbp[1], measured);
		assertTrue(admmTv[0] < 0.25 && admmTv[1] < 0.13 && admmTv[2] < 0.07 && fbp[2] < 0.08, measured);
		// What was not measured is missing all the same.
		assertTrue(admmTv[0] > 1.5 * admmTv[1] && admmTv[1] > 1.5 * admmTv[2], measured);
		assertTrue(fbp[0] > 1.2 * fbp[1] && fbp[1] > 5 * fbp[2], measured);
	}
}
