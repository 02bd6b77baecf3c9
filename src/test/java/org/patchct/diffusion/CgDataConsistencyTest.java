package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
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
		final Projector projector = projector(ScanGeometry.evenAngles(30, 0, 180));
		final Columns object = object();
		final Columns x = NoiseField.of(2).mixInto(Columns.of(GRID), 0, 1);
		new CgDataConsistency(projector, measured(projector, object), -1, 1, 200, 0, 0).apply(x, 1, Progress.SILENT);
		assertTrue(toWindow(x).add(-1, object).norm() < 1e-3 * object.norm());
	}

	@Test
	void oneViewChangesOnlySumsAlongItsRays() {
		// Rays of 0° run along y: what is moved along y within a row is invisible and must stay.
		final Projector projector = projector(0);
		final Columns before = NoiseField.of(3).mixInto(Columns.of(GRID), 0, 1), after = before.copy();
		final Columns y = measured(projector, object());
		new CgDataConsistency(projector, y, -1, 1, 20, 0, 0).apply(after, 1, Progress.SILENT);
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
		final Projector projector = projector(ScanGeometry.evenAngles(5, 10, 180));
		final Columns object = object(), y = measured(projector, object);
		double last = Double.POSITIVE_INFINITY;
		for (int iterations = 0; iterations < 6; iterations++) {
			final Columns x = NoiseField.of(4).mixInto(Columns.of(GRID), 0, 1);
			new CgDataConsistency(projector, y, -1, 1, iterations, 0, 0).apply(x, 1, Progress.SILENT);
			final double residual = residual(projector, toWindow(x), y);
			assertTrue(residual < last, iterations + " iterations: " + residual + " after " + last);
			last = residual;
		}
	}

	@Test
	void proximalWeightSolvesItsNormalEquations() {
		final Projector projector = projector(ScanGeometry.evenAngles(5, 10, 180));
		final Columns object = object(), y = measured(projector, object);
		final Columns before = NoiseField.of(5).mixInto(Columns.of(GRID), 0, 1), after = before.copy();
		final double gamma = 0.5, noise = 0.7, sigma = 0.4, s = 2 * CgDataConsistency.SPREAD;
		new CgDataConsistency(projector, y, -1, 1, 100, gamma, noise).apply(after, sigma, Progress.SILENT);
		// Gradient A*(A x − y) / σ_y² + γ (x − x̂0) / r²; network units are twice the window's, so r² is a quarter in those.
		final double r2 = sigma * sigma * s * s / (sigma * sigma + s * s) / 4;
		final Columns misfit = measured(projector, toWindow(after)).add(-1, y), gradient = projector.newVolume();
		projector.adjoint(misfit, gradient);
		gradient.scale((float) (1 / (noise * noise)));
		final double scale = gradient.norm();
		gradient.add((float) (gamma / r2), toWindow(after).add(-1, toWindow(before)));
		assertTrue(scale > 0.1);
		assertTrue(gradient.norm() < 1e-3 * scale, gradient.norm() + " of " + scale);
	}

	@Test
	void lessNoiseInTheStateLeavesLessToTheNoisyData() {
		final Projector projector = projector(ScanGeometry.evenAngles(5, 10, 180));
		final Columns y = measured(projector, object());
		double last = 0;
		for (final double sigma : new double[] { 0.01, 0.1, 1, 100 }) {
			final Columns before = NoiseField.of(5).mixInto(Columns.of(GRID), 0, 1), after = before.copy();
			new CgDataConsistency(projector, y, -1, 1, 20, 1, 0.5).apply(after, sigma, Progress.SILENT);
			final double moved = after.add(-1, before).norm();
			assertTrue(moved > last, "moved " + moved + " at sigma " + sigma + ", " + last + " before");
			last = moved;
		}
	}

	/** With the truth plus white errors for x̂0, and noise known, γ = 1 must be nearer to the truth than plain CG. */
	@Test
	void dataStepStopsAtTheNoise() {
		final Projector projector = projector(ScanGeometry.evenAngles(12, 0, 180));
		final Columns object = object(), y = measured(projector, object);
		final double noise = 0.2, error = 0.1;
		NoiseField.of(8).mixInto(y, 1, (float) noise);
		final Columns guess = NoiseField.of(9).mixInto(toNetwork(object), 1, (float) error);
		final double[] errors = new double[3];
		for (int i = 0; i < 3; i++) {
			final Columns x = guess.copy();
			// Of spread s and noise σ, the best denoiser's error is near σ where σ is small.
			if (i > 0) new CgDataConsistency(projector, y, -1, 1, 30, i - 1, noise).apply(x, error, Progress.SILENT);
			errors[i] = x.add(-1, toNetwork(object)).norm();
		}
		assertTrue(errors[2] < 0.9 * errors[0], errors[2] + " with the data, " + errors[0] + " without");
		assertTrue(errors[2] < 0.8 * errors[1], errors[2] + " weighted, " + errors[1] + " to the end");
	}

	@Test
	void consistentVolumeStays() {
		final Projector projector = projector(ScanGeometry.evenAngles(5, 0, 180));
		final Columns object = object(), x = toNetwork(object);
		new CgDataConsistency(projector, measured(projector, object), -1, 1, 5, 0, 0).apply(x, 1, Progress.SILENT);
		assertTrue(x.add(-1, toNetwork(object)).norm() < 1e-5 * object.norm());
	}

	@Test
	void measurementsAreNotChanged() {
		final Projector projector = projector(ScanGeometry.evenAngles(5, 0, 180));
		final Columns y = measured(projector, object()), kept = y.copy();
		new CgDataConsistency(projector, y, -1, 1, 5, 0.1, 0.3).apply(Columns.of(GRID), 1, Progress.SILENT);
		assertArrayEquals(kept.data(), y.data());
	}

	@Test
	void cancelStopsBeforeTheNextIteration() {
		final Projector projector = projector(0, 90);
		final CgDataConsistency consistency = new CgDataConsistency(projector, measured(projector, object()), -1, 1, 5, 0, 0);
		assertThrows(CancelledException.class, () -> consistency.apply(Columns.of(GRID), 1, TestProgress.cancelledAfter(2)));
	}
}
