package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.ParallelBeam;
import org.patchct.task.CancelledException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

class CgDataConsistencyTest {

	private static final Grid GRID = new Grid(9, 7, 5, 1.3, 0.8, 2.1);

	private static Projector projector(final double... angles) {
		return Projectors.create(GRID, ParallelBeam.covering(GRID, angles), "cpu");
	}

	/** A volume in window units, positive and rough. */
	private static Columns object() {
		return NoiseField.of(1).mixInto(Columns.of(GRID).fill(0.5f), 1, 0.2f);
	}

	private static Columns measured(final Projector projector, final Columns object) {
		final Columns y = projector.newProjections();
		projector.forward(object, y);
		return y;
	}

	private static Columns toNetwork(final Columns window) {
		return window.copy().affine(2, -1);
	}

	private static Columns toWindow(final Columns network) {
		return network.copy().affine(0.5f, 0.5f);
	}

	private static double residual(final Projector projector, final Columns x, final Columns y) {
		return measured(projector, x).add(-1, y).norm() / y.norm();
	}

	@Test
	void enoughViewsAndIterationsRecoverTheObjectFromAnything() {
		final Projector projector = projector(ParallelBeam.evenAngles(30, 0, 180));
		final Columns object = object();
		final Columns x = NoiseField.of(2).mixInto(Columns.of(GRID), 0, 1);
		new CgDataConsistency(projector, measured(projector, object), -1, 1, 200, 0).apply(x, Progress.SILENT);
		assertTrue(toWindow(x).add(-1, object).norm() < 1e-3 * object.norm());
	}

	@Test
	void oneViewChangesOnlySumsAlongItsRays() {
		// Rays of 0° run along y: what is moved along y within a row is invisible and must stay.
		final Projector projector = projector(0);
		final Columns before = NoiseField.of(3).mixInto(Columns.of(GRID), 0, 1), after = before.copy();
		final Columns y = measured(projector, object());
		new CgDataConsistency(projector, y, -1, 1, 20, 0).apply(after, Progress.SILENT);
		assertTrue(residual(projector, toWindow(after), y) < 1e-4);
		assertTrue(after.copy().add(-1, before).norm() > 0.1);
		for (int x = 0; x < GRID.nx(); x++)
			for (int row = 1; row < GRID.ny(); row++)
				for (int z = 0; z < GRID.nz(); z++)
					assertEquals(after.column(x, 0)[z] - before.column(x, 0)[z], after.column(x, row)[z] - before.column(x,
						row)[z], 1e-5);
	}

	@Test
	void moreIterationsFitTheProjectionsBetter() {
		final Projector projector = projector(ParallelBeam.evenAngles(5, 10, 180));
		final Columns object = object(), y = measured(projector, object);
		double last = Double.POSITIVE_INFINITY;
		for (int iterations = 0; iterations < 6; iterations++) {
			final Columns x = NoiseField.of(4).mixInto(Columns.of(GRID), 0, 1);
			new CgDataConsistency(projector, y, -1, 1, iterations, 0).apply(x, Progress.SILENT);
			final double residual = residual(projector, toWindow(x), y);
			assertTrue(residual < last, iterations + " iterations: " + residual + " after " + last);
			last = residual;
		}
	}

	@Test
	void proximalWeightSolvesItsNormalEquations() {
		final Projector projector = projector(ParallelBeam.evenAngles(5, 10, 180));
		final Columns object = object(), y = measured(projector, object);
		final Columns before = NoiseField.of(5).mixInto(Columns.of(GRID), 0, 1), after = before.copy();
		final double gamma = 0.1, weight = gamma * projector.normSquared();
		new CgDataConsistency(projector, y, -1, 1, 100, gamma).apply(after, Progress.SILENT);
		// Gradient A*(A x − y) + γ‖A*A‖ (x − x̂0)
		final Columns misfit = measured(projector, toWindow(after)).add(-1, y), gradient = projector.newVolume();
		projector.adjoint(misfit, gradient);
		final double scale = gradient.norm();
		gradient.add((float) weight, toWindow(after).add(-1, toWindow(before)));
		assertTrue(scale > 0.1);
		assertTrue(gradient.norm() < 1e-3 * scale, gradient.norm() + " of " + scale);
	}

	@Test
	void consistentVolumeStays() {
		final Projector projector = projector(ParallelBeam.evenAngles(5, 0, 180));
		final Columns object = object(), x = toNetwork(object);
		new CgDataConsistency(projector, measured(projector, object), -1, 1, 5, 0).apply(x, Progress.SILENT);
		assertTrue(x.add(-1, toNetwork(object)).norm() < 1e-5 * object.norm());
	}

	@Test
	void measurementsAreNotChanged() {
		final Projector projector = projector(ParallelBeam.evenAngles(5, 0, 180));
		final Columns y = measured(projector, object()), kept = y.copy();
		new CgDataConsistency(projector, y, -1, 1, 5, 0.1).apply(Columns.of(GRID), Progress.SILENT);
		assertArrayEquals(kept.data(), y.data());
	}

	@Test
	void cancelStopsBeforeTheNextIteration() {
		final Projector projector = projector(0, 90);
		final CgDataConsistency consistency = new CgDataConsistency(projector, measured(projector, object()), -1, 1, 5, 0);
		assertThrows(CancelledException.class, () -> consistency.apply(Columns.of(GRID), TestProgress.cancelledAfter(2)));
	}
}
