package org.patchct.projector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

class ProjectorTest {

	/** |⟨Ax, y⟩ − ⟨x, A*y⟩| / (‖Ax‖ ‖y‖) that float rounding may cause. */
	private static final double ADJOINT_TOLERANCE = 1e-6;

	@Test
	void adjointIsTheTransposeForRandomGeometries() {
		final Random random = new Random(7);
		for (int trial = 0; trial < 40; trial++) {
			final Grid grid = new Grid(1 + random.nextInt(40), 1 + random.nextInt(40), 1 + random.nextInt(300), 0.2 + 2 * random
				.nextDouble(), 0.2 + 2 * random.nextDouble(), 0.2 + 2 * random.nextDouble());
			final double[] angles = new double[1 + random.nextInt(20)];
			angles[0] = -200 + 400 * random.nextDouble();
			for (int i = 1; i < angles.length; i++)
				angles[i] = angles[i - 1] + 0.01 + 40 * random.nextDouble();
			final ParallelBeam geometry = new ParallelBeam(1 + random.nextInt(80), grid.nz(), 0.2 + 2 * random.nextDouble(),
				grid.dz(), 10 * random.nextGaussian(), angles);
			assertAdjoint(grid, geometry, random);
		}
	}

	@Test
	void adjointIsTheTransposeAtAnglesWhereRaysRunAlongVoxelRows() {
		final Random random = new Random(8);
		for (final int n : new int[] { 8, 9 })
			for (final double spacing : new double[] { 1, 0.7 }) {
				final Grid grid = new Grid(n, n + 2, 5, spacing, spacing, 2);
				assertAdjoint(grid, ParallelBeam.covering(grid, new double[] { 0, 45, 90, 135, 180, 225, 270, 315 }), random);
			}
	}

	@Test
	void weightedProjectorIsADiagonalTimesTheProjectorAndItsAdjointTheTranspose() {
		final Random random = new Random(5);
		final Grid grid = new Grid(7, 9, 4, 1.1, 0.9, 2);
		final Projector plain = Projectors.create(grid, ParallelBeam.covering(grid, new double[] { 5, 65, 130 }), "cpu");
		final Columns weights = randomised(plain.newProjections(), random), kept = weights.copy();
		final Projector weighted = new WeightedProjector(plain, weights);
		final Columns x = randomised(plain.newVolume(), random), y = randomised(plain.newProjections(), random);
		final Columns ax = plain.newProjections(), wax = plain.newProjections(), aty = plain.newVolume();
		final Columns original = y.copy();
		plain.forward(x, ax);
		weighted.forward(x, wax);
		weighted.adjoint(y, aty);
		assertArrayEquals(ax.multiply(weights).data(), wax.data());
		assertEquals(wax.dot(y), x.dot(aty), ADJOINT_TOLERANCE * wax.norm() * y.norm());
		assertArrayEquals(original.data(), y.data());
		assertArrayEquals(kept.data(), weights.data());
	}

	static void assertAdjoint(final Grid grid, final ScanGeometry geometry, final Random random) {
		final Projector projector = Projectors.create(grid, geometry, "cpu");
		final Columns x = randomised(projector.newVolume(), random), y = randomised(projector.newProjections(), random);
		final Columns ax = randomised(projector.newProjections(), random), aty = randomised(projector.newVolume(), random);
		projector.forward(x, ax);
		projector.adjoint(y, aty);
		final double difference = Math.abs(ax.dot(y) - x.dot(aty));
		assertTrue(difference <= ADJOINT_TOLERANCE * ax.norm() * y.norm(), grid + ", " + geometry + ": " + difference +
			" of " + ax.norm() * y.norm());
	}

	@Test
	void projectionsKeepTheMassOfEverySlice() {
		final Random random = new Random(9);
		// Smooth and away from the border, so that sums stand for integrals.
		final Grid grid = new Grid(61, 50, 4, 0.8, 1.1, 3);
		final ParallelBeam geometry = ParallelBeam.covering(grid, ScanGeometry.evenAngles(17, 3, 180));
		final Projector projector = Projectors.create(grid, geometry, "cpu");
		final Columns x = projector.newVolume(), y = projector.newProjections();
		final double[] mass = new double[grid.nz()];
		for (int k = 0; k < grid.nz(); k++) {
			final double cx = 4 * random.nextGaussian(), cy = 4 * random.nextGaussian();
			for (int j = 0; j < grid.ny(); j++)
				for (int i = 0; i < grid.nx(); i++) {
					final double r2 = Math.pow(grid.x(i) - cx, 2) + Math.pow(grid.y(j) - cy, 2);
					x.column(i, j)[k] = (float) Math.exp(-r2 / 32);
					mass[k] += x.column(i, j)[k] * grid.dx() * grid.dy();
				}
		}
		projector.forward(x, y);
		for (int view = 0; view < 17; view++)
			for (int k = 0; k < grid.nz(); k++) {
				double sum = 0;
				for (int u = 0; u < geometry.bins(); u++)
					sum += y.column(u, view)[k] * geometry.binPitch();
				assertEquals(mass[k], sum, 1e-3 * mass[k], "view " + view + ", slice " + k);
			}
	}

	@Test
	void anglesTurnCounterClockwiseOnTheScreen() {
		final Grid grid = Grid.cube(33, 1);
		final Projector projector = Projectors.create(grid, new ParallelBeam(33, 33, 1, 1, 0, new double[] { 0, 90 }), "cpu");
		final Columns x = projector.newVolume(), y = projector.newProjections();
		x.column(16 + 10, 16 + 5)[20] = 1; // 10 right of the centre, 5 below it
		projector.forward(x, y);
		assertEquals(1, y.column(16 + 10, 0)[20], 1e-6, "s = x at 0 degrees");
		assertEquals(1, y.column(16 - 5, 1)[20], 1e-6, "s = -y at 90 degrees, y pointing down");
		assertEquals(2, y.dot(y.copy().fill(1)), 1e-5, "nothing else");
	}

	@Test
	void axisOffsetMovesTheProjection() {
		final Grid grid = Grid.cube(21, 1);
		final Columns x = Columns.of(grid);
		x.column(10, 10)[10] = 1;
		final Projector projector = Projectors.create(grid, new ParallelBeam(21, 21, 1, 1, 3, new double[] { 0 }), "cpu");
		final Columns y = projector.newProjections();
		projector.forward(x, y);
		assertEquals(1, y.column(13, 0)[10], 1e-6);
	}

	@Test
	void resultDoesNotDependOnOutputContents() {
		final Random random = new Random(10);
		final Grid grid = new Grid(12, 15, 7, 1, 1, 1);
		final Projector projector = Projectors.create(grid, ParallelBeam.covering(grid, ScanGeometry.evenAngles(5, 0, 180)),
			"cpu");
		final Columns x = randomised(projector.newVolume(), random);
		final Columns clean = projector.newProjections(), dirty = projector.newProjections().fill(Float.NaN);
		projector.forward(x, clean);
		projector.forward(x, dirty);
		for (int i = 0; i < clean.data().length; i++)
			assertArrayEquals(clean.data()[i], dirty.data()[i]);
		final Columns back = projector.newVolume(), dirtyBack = projector.newVolume().fill(Float.NaN);
		projector.adjoint(clean, back);
		projector.adjoint(clean, dirtyBack);
		for (int i = 0; i < back.data().length; i++)
			assertArrayEquals(back.data()[i], dirtyBack.data()[i]);
	}

	@Test
	void normEstimateIsTheLargestEigenvalue() {
		final Grid grid = new Grid(20, 16, 3, 1, 1, 1);
		final Projector projector = Projectors.create(grid, ParallelBeam.covering(grid, ScanGeometry.evenAngles(12, 0, 180)),
			"cpu");
		final Columns x = randomised(projector.newVolume(), new Random(1)), y = projector.newProjections();
		double eigenvalue = 0;
		for (int i = 0; i < 300; i++) {
			x.scale((float) (1 / x.norm()));
			projector.forward(x, y);
			projector.adjoint(y, x);
			eigenvalue = x.norm();
		}
		assertEquals(eigenvalue, projector.normSquared(), 0.01 * eigenvalue);
	}

	@Test
	void detectorRowsMustBeSlices() {
		final Grid grid = Grid.cube(8, 1);
		final ParallelBeam geometry = new ParallelBeam(12, 9, 1, 1, 0, new double[] { 0 });
		final String message = assertThrows(InvalidInputException.class, () -> Projectors.create(grid, geometry, "cpu"))
			.getMessage();
		assertTrue(message.contains("9 rows") && message.contains("8 slices"), message);
	}

	static Columns randomised(final Columns columns, final Random random) {
		for (final float[] column : columns.data())
			for (int k = 0; k < column.length; k++)
				column[k] = random.nextFloat() - 0.3f;
		return columns;
	}
}
