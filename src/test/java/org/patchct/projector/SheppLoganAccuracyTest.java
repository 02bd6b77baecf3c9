package org.patchct.projector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.patchct.recon.Fbp;
import org.patchct.recon.Simulation;
import org.patchct.scan.EllipsoidScan;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Ellipsoid;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.SheppLogan;
import org.patchct.volume.Volume;

/**
 * Projections and FBP of the 3-D Shepp–Logan phantom, 256³ and 60 views, against its exact line integrals averaged over
 * each bin.
 */
class SheppLoganAccuracyTest {

	/** Relative L2 error of projections that the best published CPU projectors reach. */
	private static final double SCAN_ERROR = 0.0015;

	/**
	 * The same of the bare operator on the 256³ grid, which does not reach that: sharp edges become voxels.
	 */
	private static final double OPERATOR_ERROR = 0.003;

	/** Root mean square error of the bare operator as a share of the largest line integral. */
	private static final double OPERATOR_ERROR_OF_MAXIMUM = 0.0015;

	/** FBP, phantom values 0 to 1. */
	private static final double FBP_RMSE = 0.040;

	private static final Grid GRID = Grid.cube(256, 0.8);

	private static final ParallelBeam GEOMETRY = ParallelBeam.covering(GRID, ScanGeometry.evenAngles(60, 0, 180));

	private static Volume original(final Grid grid) {
		return new Volume("Shepp-Logan", Ellipsoid.render(ellipsoids(), grid, 4), grid, Intensity.ATTENUATION);
	}

	/** The values of Shepp and Logan's own table, skull 2 and tissues near 1. */
	private static List<Ellipsoid> ellipsoids() {
		return SheppLogan.ellipsoids(GRID, SheppLogan.Contrast.ORIGINAL, 0.01);
	}

	private static Columns exact() {
		return projections(EllipsoidScan.averaged(ellipsoids(), GEOMETRY, 4));
	}

	private static Columns projections(final Img<FloatType> img) {
		return new Projections("Shepp-Logan", img, GEOMETRY, GRID, Intensity.ATTENUATION).normalised();
	}

	@Test
	void simulatedScansAreTheAnalyticOnes() {
		final Columns exact = exact();
		final Columns scan = Simulation.scan(original(GRID.refined(2)), 2, GEOMETRY, NoiseModel.NONE, 0, "cpu",
			Progress.SILENT).normalised();
		final double error = scan.add(-1, exact).norm() / exact.norm();
		assertTrue(error <= SCAN_ERROR, "relative L2 error " + error);
	}

	@Test
	void operatorIsAsExactAsTheVoxelsAllow() {
		final Columns exact = exact();
		final Projector projector = Projectors.create(GRID, GEOMETRY, "cpu");
		final Columns y = projector.newProjections();
		projector.forward(Layouts.normalised(original(GRID)), y);
		final double norm = y.add(-1, exact).norm(), error = norm / exact.norm();
		assertTrue(error <= OPERATOR_ERROR, "relative L2 error " + error);
		float largest = 0;
		for (final float[] column : exact.data())
			for (final float value : column)
				largest = Math.max(largest, value);
		final double share = norm / Math.sqrt((double) y.nx() * y.ny() * y.nz()) / largest;
		assertTrue(share <= OPERATOR_ERROR_OF_MAXIMUM, "RMSE / maximum " + share);
	}

	@Test
	void fbpRecoversThePhantom() {
		final Columns phantom = Layouts.normalised(SheppLogan.volume(GRID));
		final Projector projector = Projectors.create(GRID, GEOMETRY, "cpu");
		final Columns y = projector.newProjections();
		projector.forward(phantom, y);
		final Columns x = new Fbp().reconstruct(projector, y, Progress.SILENT);
		double sum = 0, found = 0, truth = 0;
		long n = 0;
		for (int j = 0; j < 256; j++)
			for (int i = 0; i < 256; i++)
				if (Math.hypot(GRID.x(i), GRID.y(j)) <= 128 * 0.8) for (int k = 0; k < 256; k++, n++) {
					final double d = x.column(i, j)[k] - phantom.column(i, j)[k];
					sum += d * d;
					found += x.column(i, j)[k];
					truth += phantom.column(i, j)[k];
				}
		assertTrue(Math.sqrt(sum / n) <= FBP_RMSE, "RMSE in the field of view " + Math.sqrt(sum / n));
		assertEquals(truth / n, found / n, 0.001 * truth / n, "mean");
	}
}
