package org.patchct.projector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.patchct.projector.ProjectorTest.assertAdjoint;
import static org.patchct.projector.ProjectorTest.randomised;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.EllipsoidScan;
import org.patchct.scan.FanBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Ellipsoid;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

/** Fan and cone beam, flat and arc detectors. */
class DivergentProjectorTest {

	/** |⟨Ax, y⟩ − ⟨x, A*y⟩| / (‖Ax‖ ‖y‖) that float rounding may cause. */
	/** Anisotropic; the corners reach 32 mm from the axis. */
	private static final Grid GRID = new Grid(50, 36, 24, 1, 1.1, 1.3);

	@ParameterizedTest
	@EnumSource(Detector.class)
	void adjointIsTheTransposeForRandomGeometries(final Detector detector) {
		final Random random = new Random(11);
		for (int trial = 0; trial < 60; trial++) {
			final Grid grid = new Grid(1 + random.nextInt(30), 1 + random.nextInt(30), 1 + random.nextInt(60), 0.3 + 2 * random
				.nextDouble(), 0.3 + 2 * random.nextDouble(), 0.3 + 2 * random.nextDouble());
			final double[] angles = new double[1 + random.nextInt(8)];
			angles[0] = -200 + 400 * random.nextDouble();
			for (int i = 1; i < angles.length; i++)
				angles[i] = angles[i - 1] + 0.01 + 70 * random.nextDouble();
			final double radius = Math.hypot(grid.nx() * grid.dx(), grid.ny() * grid.dy()) / 2;
			final double source = radius * (1.02 + 4 * random.nextDouble()), distance = source * (0.3 + 2 * random
				.nextDouble());
			final int bins = 1 + random.nextInt(60);
			// From bins and rows much finer than the voxels to much coarser ones, within 60 degrees of the central ray.
			final double pitch = Math.min(0.1 + 3 * random.nextDouble(), 1.6 * distance / bins);
			final double offset = 0.1 * bins * random.nextGaussian();
			final double binOffset = Math.abs(offset) < 0.15 * bins ? offset : 0, axis = 5 * random.nextGaussian();
			final ScanGeometry geometry = trial % 2 == 0 ? new FanBeam(bins, grid.nz(), pitch, grid.dz(), binOffset, axis,
				source, distance, detector, angles) : new ConeBeam(bins, 1 + random.nextInt(60), pitch, 0.1 + 3 * random
					.nextDouble(), binOffset, 3 * random.nextGaussian(), axis, source, distance, detector, angles);
			assertAdjoint(grid, geometry, random);
		}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void adjointIsTheTransposeAtAnglesWhereRaysRunAlongVoxelRows(final Detector detector) {
		final Random random = new Random(12);
		final double[] angles = { 0, 45, 90, 135, 180, 225, 270, 315 };
		for (final int n : new int[] { 8, 9 }) {
			final Grid grid = new Grid(n, n, 5, 0.7, 0.7, 0.7);
			assertAdjoint(grid, FanBeam.covering(grid, 7, 7, detector, angles), random);
			assertAdjoint(grid, ConeBeam.covering(grid, 7, 7, detector, angles), random);
		}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void projectionsAreTheLineIntegralsOfSmoothObjects(final Detector detector) {
		final double[] angles = ScanGeometry.evenAngles(7, 3, 360);
		final FanBeam fan = FanBeam.covering(GRID, 60, 100, detector, angles);
		final ConeBeam cone = ConeBeam.covering(GRID, 60, 100, detector, angles);
		for (final ScanGeometry geometry : List.of(fan, cone, new FanBeam(fan.bins(), fan.rows(), fan.binPitch(), fan
			.rowPitch(), 4.3, 2.5, 60, 100, detector, angles), new ConeBeam(cone.bins(), cone.rows(), cone.binPitch(), cone
				.rowPitch(), 4.3, -3.6, 2.5, 60, 100, detector, angles)))
		{
			// Joseph's rule is the trapezoidal rule on linearly interpolated samples. For a Gaussian of standard deviation
			// σ = 4 mm sampled at h ≤ 1.3 mm, interpolation errs by at most h² / (8 σ²) = 1.3 % of the maximum in each of two
			// directions and at its top.
			final double sigma = 4, cx = 5, cy = -3, cz = 2;
			final Projector projector = Projectors.create(GRID, geometry, "cpu");
			final Columns x = projector.newVolume(), y = projector.newProjections();
			for (int j = 0; j < GRID.ny(); j++)
				for (int i = 0; i < GRID.nx(); i++)
					for (int k = 0; k < GRID.nz(); k++)
						x.column(i, j)[k] = (float) Math.exp(-(square(GRID.x(i) - cx) + square(GRID.y(j) - cy) + square(GRID.z(k) -
							cz)) / (2 * sigma * sigma));
			projector.forward(x, y);
			final double highest = sigma * Math.sqrt(2 * Math.PI);
			double worst = 0;
			for (int view = 0; view < geometry.views(); view++)
				for (int u = 0; u < geometry.bins(); u++)
					for (int v = 0; v < geometry.rows(); v++) {
						final var ray = geometry.view(view).ray(u, v);
						final double px = cx - ray.x(), py = cy - ray.y(), pz = cz - ray.z();
						final double along = px * ray.dx() + py * ray.dy() + pz * ray.dz();
						final double far2 = px * px + py * py + pz * pz - along * along;
						worst = Math.max(worst, Math.abs(highest * Math.exp(-far2 / (2 * sigma * sigma)) - y.column(u, view)[v]));
					}
			assertTrue(worst <= 0.02 * highest, geometry + ": " + worst + " of " + highest);
		}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void projectionsOfEllipsoidsAreTheAnalyticOnes(final Detector detector) {
		final double[] angles = ScanGeometry.evenAngles(9, 10, 360);
		// Edges become voxels. SheppLoganAccuracyTest allows 0.003 with 256 voxels a side in parallel beam, so a quarter of
		// them may err by 0.012; a cone's rays cross edges in three directions instead of two.
		final double fan = relativeError(FanBeam.covering(COARSE, 70, 110, detector, angles));
		assertTrue(fan <= 0.012, "fan " + fan);
		final double cone = relativeError(ConeBeam.covering(COARSE, 70, 110, detector, angles));
		assertTrue(cone <= Math.sqrt(1.5) * 0.012, "cone " + cone);
	}

	private static final Grid COARSE = new Grid(64, 60, 48, 0.8, 0.8, 0.7);

	private static final List<Ellipsoid> ELLIPSOIDS = List.of(new Ellipsoid(1, 2, -1, 0.5, 18, 14, 11, 30), new Ellipsoid(
		-0.4, 5, 2, -3, 6, 4, 5, -20));

	/** Relative L2 error of projections of voxels. */
	private static double relativeError(final ScanGeometry geometry) {
		final Projector projector = Projectors.create(COARSE, geometry, "cpu");
		final Columns y = projector.newProjections();
		projector.forward(Layouts.toColumns(Ellipsoid.render(ELLIPSOIDS, COARSE, 4)), y);
		final Columns exact = new Projections("exact", EllipsoidScan.averaged(ELLIPSOIDS, geometry, 3), geometry, COARSE,
			Intensity.ATTENUATION).toColumns();
		return y.add(-1, exact).norm() / exact.norm();
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void farSourcesGiveParallelBeam(final Detector detector) {
		final double[] angles = ScanGeometry.evenAngles(6, 5, 360);
		final double far = 1e7;
		final ParallelBeam parallel = new ParallelBeam(60, GRID.nz(), 1.1, GRID.dz(), 1.5, angles);
		final Projector expected = Projectors.create(GRID, parallel, "cpu"), found = Projectors.create(GRID, new FanBeam(60,
			GRID.nz(), 1.1, GRID.dz(), 1.5, 0, far, far, detector, angles), "cpu");
		final Columns x = randomised(expected.newVolume(), new Random(3));
		final Columns a = expected.newProjections(), b = found.newProjections();
		expected.forward(x, a);
		found.forward(x, b);
		assertTrue(b.add(-1, a).norm() <= 1e-4 * a.norm(), "fan");
		final Projector cone = Projectors.create(GRID, new ConeBeam(60, GRID.nz(), 1.1, GRID.dz(), 1.5, 0, 0, far, far,
			detector, angles), "cpu");
		cone.forward(x, b);
		assertTrue(b.add(-1, a).norm() <= 1e-4 * a.norm(), "cone");
		final Columns back = expected.newVolume(), coneBack = cone.newVolume();
		expected.backproject(a, back);
		cone.backproject(a, coneBack);
		assertTrue(coneBack.add(-1, back).norm() <= 1e-4 * back.norm(), "back-projection");
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void conesSeeTheirMidPlaneAsAFanDoes(final Detector detector) {
		final Grid grid = new Grid(30, 34, 5, 1, 0.9, 1.2);
		final double[] angles = ScanGeometry.evenAngles(11, 5, 360);
		final FanBeam fan = new FanBeam(70, 5, 0.8, 1.2, 2.2, 1.7, 40, 55, detector, angles);
		final ConeBeam cone = new ConeBeam(70, 7, 0.8, 1.5, 2.2, 0, 1.7, 40, 55, detector, angles);
		final Projector fans = Projectors.create(grid, fan, "cpu"), cones = Projectors.create(grid, cone, "cpu");
		final Columns x = randomised(fans.newVolume(), new Random(4));
		final Columns a = fans.newProjections(), b = cones.newProjections();
		fans.forward(x, a);
		cones.forward(x, b);
		for (int i = 0; i < a.data().length; i++)
			assertEquals(a.data()[i][2], b.data()[i][3], 1e-4);
		final Columns backA = fans.newVolume(), backB = cones.newVolume();
		fans.backproject(a, backA);
		cones.backproject(b, backB);
		for (int i = 0; i < backA.data().length; i++)
			assertEquals(backA.data()[i][2], backB.data()[i][2], 1e-3);
	}

	@Test
	void resultDoesNotDependOnOutputContents() {
		final ConeBeam geometry = ConeBeam.covering(GRID, 60, 100, Detector.FLAT, ScanGeometry.evenAngles(3, 0, 360));
		final Projector projector = Projectors.create(GRID, geometry, "cpu");
		final Columns x = randomised(projector.newVolume(), new Random(10));
		final Columns clean = projector.newProjections(), dirty = projector.newProjections().fill(Float.NaN);
		projector.forward(x, clean);
		projector.forward(x, dirty);
		assertArrayEquals(clean.data(), dirty.data());
		final Columns back = projector.newVolume(), dirtyBack = projector.newVolume().fill(Float.NaN);
		projector.adjoint(clean, back);
		projector.adjoint(clean, dirtyBack);
		assertArrayEquals(back.data(), dirtyBack.data());
		projector.backproject(clean, back);
		projector.backproject(clean, dirtyBack.fill(Float.NaN));
		assertArrayEquals(back.data(), dirtyBack.data());
	}

	@Test
	void sourcesInsideTheVolumeAreRefused() {
		final ConeBeam geometry = new ConeBeam(5, 5, 1, 1, 0, 0, 0, 30, 100, Detector.FLAT, new double[] { 0 });
		final String message = assertThrows(InvalidInputException.class, () -> Projectors.create(GRID, geometry, "cpu"))
			.getMessage();
		assertTrue(message.startsWith("Source 30.0 mm from the axis"), message);
	}

	private static double square(final double a) {
		return a * a;
	}
}
