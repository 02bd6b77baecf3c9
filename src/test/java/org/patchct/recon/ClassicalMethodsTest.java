package org.patchct.recon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleBiFunction;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.ColumnsTotalVariation;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class ClassicalMethodsTest {

	/** Two cylinders of different density, one inside the other, and a smooth bump, on anisotropic voxels. */
	private static final Grid GRID = new Grid(60, 50, 5, 0.8, 1.0, 2.5);

	private static final Columns TRUTH = phantom(GRID);

	private static Columns phantom(final Grid grid) {
		final Columns x = Columns.of(grid);
		for (int j = 0; j < grid.ny(); j++)
			for (int i = 0; i < grid.nx(); i++) {
				final double px = grid.x(i), py = grid.y(j), r = Math.hypot(px, py);
				final double value = (r < 20 ? 0.5 : 0) + (Math.hypot(px - 6, py + 4) < 6 ? 0.3 : 0);
				final double bump = 0.2 * Math.exp(-(Math.pow(px + 8, 2) + Math.pow(py - 5, 2)) / 18);
				for (int k = 0; k < grid.nz(); k++)
					x.column(i, j)[k] = (float) (value + (r < 20 ? bump * k / grid.nz() : 0));
			}
		return x;
	}

	private static Projector projector(final double[] angles) {
		return Projectors.create(GRID, ParallelBeam.covering(GRID, angles), "cpu");
	}

	private static Projections scan(final double[] angles) {
		return Simulation.scan(Layouts.denormalised("phantom", TRUTH.copy(), GRID, Intensity.HU), 1, ParallelBeam.covering(
			GRID, angles), NoiseModel.NONE, 0, "cpu", Progress.SILENT);
	}

	private static double rmse(final Columns a, final Columns b) {
		final Columns d = a.copy().add(-1, b);
		return d.norm() / Math.sqrt((double) d.nx() * d.ny() * d.nz());
	}

	@Test
	void conjugateGradientsSolveAWellPosedSystem() {
		final Columns b = new Columns(4, 3, 2), x = b.zeros();
		final Random random = new Random(2);
		for (final float[] column : b.data())
			for (int k = 0; k < 2; k++)
				column[k] = random.nextFloat() - 0.5f;
		// M = diag(1…24) + ones·onesᵀ: 24 distinct directions, positive definite.
		final double residual = new ConjugateGradients<>(x).solve((in, out) -> {
			final double sum = in.dot(in.copy().fill(1));
			for (int i = 0; i < 12; i++)
				for (int k = 0; k < 2; k++)
					out.data()[i][k] = (float) ((2 * i + k + 1) * in.data()[i][k] + sum);
			return in.dot(out);
		}, b, x, 60, 1e-6, Progress.SILENT);
		assertTrue(residual <= 1e-6, "residual " + residual);
		final double sum = x.dot(x.copy().fill(1));
		for (int i = 0; i < 12; i++)
			for (int k = 0; k < 2; k++)
				assertEquals(b.data()[i][k], (2 * i + k + 1) * x.data()[i][k] + sum, 1e-5);
	}

	@Test
	void conjugateGradientsGoOnWithAnotherRightHandSide() {
		final Columns b = new Columns(3, 2, 2).fill(1), x = b.zeros();
		final ToDoubleBiFunction<Columns, Columns> operator = (in, out) -> {
			for (int i = 0; i < 6; i++)
				for (int k = 0; k < 2; k++)
					out.data()[i][k] = (2 * i + k + 1) * in.data()[i][k];
			return in.dot(out);
		};
		final ConjugateGradients<Columns> gradients = new ConjugateGradients<>(x);
		gradients.solve(operator, b, x, 3, 0, Progress.SILENT);
		final Columns anew = x.copy();
		gradients.release(b);
		b.data()[4][1] = -3;
		gradients.solveOn(operator, b, x, 3, 0, Progress.SILENT);
		new ConjugateGradients<>(x).solve(operator, b, anew, 3, 0, Progress.SILENT);
		for (int i = 0; i < 6; i++)
			assertArrayEquals(anew.data()[i], x.data()[i], 1e-5f);
	}

	@Test
	void conjugateGradientsStayAtAnExactStart() {
		final Columns b = new Columns(3, 3, 3).fill(2), x = b.copy();
		new ConjugateGradients<>(x).solve((in, out) -> out.set(in).dot(in), b, x, 10, 0, Progress.SILENT);
		assertArrayEquals(b.data()[4], x.data()[4]);
	}

	@ParameterizedTest
	@EnumSource(RampFilter.Window.class)
	void fbpRecoversMeanAndShapeWithEveryWindow(final RampFilter.Window window) {
		final Projector projector = projector(ScanGeometry.evenAngles(180, 0, 180));
		final Columns y = projector.newProjections();
		projector.forward(TRUTH, y);
		final Columns x = new Fbp(window).reconstruct(projector, y, Progress.SILENT);
		double truth = 0, found = 0;
		int n = 0;
		for (int j = 0; j < GRID.ny(); j++)
			for (int i = 0; i < GRID.nx(); i++)
				if (Math.hypot(GRID.x(i), GRID.y(j)) < 16) for (int k = 0; k < GRID.nz(); k++) {
					truth += TRUTH.column(i, j)[k];
					found += x.column(i, j)[k];
					n++;
				}
		assertEquals(truth / n, found / n, 0.003 * truth / n, "mean inside");
		assertTrue(rmse(x, TRUTH) < 0.06, "RMSE " + rmse(x, TRUTH));
	}

	@Test
	void fbpOfAFullTurnEqualsThatOfTheHalfTurn() {
		final Projector half = projector(ScanGeometry.evenAngles(90, 0, 180)), full = projector(ScanGeometry.evenAngles(180,
			0, 360));
		final Columns yHalf = half.newProjections(), yFull = full.newProjections();
		half.forward(TRUTH, yHalf);
		full.forward(TRUTH, yFull);
		final Columns a = new Fbp().reconstruct(half, yHalf, Progress.SILENT), b = new Fbp().reconstruct(full, yFull,
			Progress.SILENT);
		assertTrue(rmse(a, b) < 1e-3, "difference " + rmse(a, b));
	}

	@Test
	void viewWeightsAddUpToTheMeasuredRange() {
		final double[] limited = Fbp.viewWeights(ScanGeometry.evenAngles(90, 0, 90), 180);
		for (final double w : limited)
			assertEquals(Math.toRadians(1), w, 1e-9);
		double sum = 0;
		for (final double w : Fbp.viewWeights(new double[] { 0, 10, 30, 55, 60, 100, 120, 150, 179 }, 180))
			sum += w;
		assertEquals(Math.PI, sum, 1e-9);
	}

	@Test
	void resultsAreInTheUnitsOfTheScan() {
		final Projections scan = scan(ScanGeometry.evenAngles(60, 0, 180));
		for (final Reconstructor method : new Reconstructor[] { new Fbp(), new Sirt(40, true), new AdmmTv() }) {
			final Volume result = method.reconstruct(scan, GRID, RunSettings.DEFAULT, Progress.SILENT);
			assertEquals(Intensity.HU, result.intensity());
			final float centre = Layouts.planes(result.img())[2][30 + 60 * 25];
			assertEquals(0, centre, 80, method.description() + ": 0.5 of the window is 0 HU");
		}
	}

	@Test
	void sirtBringsTheDataMisfitDown() {
		final Projections scan = scan(ScanGeometry.evenAngles(20, 0, 180));
		final Projector projector = Projectors.create(GRID, scan.geometry(), "cpu");
		double last = scan.normalised().norm();
		for (final int iterations : new int[] { 1, 5, 20 }) {
			final Volume result = new Sirt(iterations, true).reconstruct(scan, GRID, RunSettings.DEFAULT, Progress.SILENT);
			final Columns y = projector.newProjections();
			projector.forward(Layouts.toColumns(result.img()).affine(1f / 2000, 0.5f), y);
			final double misfit = y.add(-1, scan.normalised()).norm();
			assertTrue(misfit < last, iterations + " iterations: " + misfit + " after " + last);
			last = misfit;
		}
	}

	@Test
	void admmTvObjectiveDecreasesMonotonically() {
		final Projector projector = projector(ScanGeometry.evenAngles(15, 0, 180));
		final Columns y = projector.newProjections();
		projector.forward(TRUTH, y);
		final AdmmTv method = new AdmmTv(AdmmTv.Settings.DEFAULT.withIterations(25, 20));
		final List<Double> objective = new ArrayList<>();
		final Columns x = projector.newVolume();
		objective.add(method.objective(projector, y, x));
		method.solve(projector, y, x, Progress.SILENT, (iterate, i) -> objective.add(method.objective(projector, y,
			iterate.get())));
		for (int i = 1; i < objective.size(); i++)
			assertTrue(objective.get(i) <= objective.get(i - 1) * (1 + 1e-4), "iteration " + i + ": " + objective);
		assertTrue(objective.get(25) < 0.01 * objective.get(0), objective.toString());
	}

	@Test
	void admmTvBeatsFbpWhenViewsAreFew() {
		final Projector projector = projector(ScanGeometry.evenAngles(12, 0, 180));
		final Columns y = projector.newProjections(), x = projector.newVolume();
		projector.forward(TRUTH, y);
		new AdmmTv().solve(projector, y, x, Progress.SILENT, AdmmTv.Listener.NONE);
		final Columns fbp = new Fbp().reconstruct(projector, y, Progress.SILENT);
		assertTrue(rmse(x, TRUTH) < 0.5 * rmse(fbp, TRUTH), rmse(x, TRUTH) + " and " + rmse(fbp, TRUTH));
	}

	@Test
	void gradientAndItsAdjointMatch() {
		// ⟨∇x, ∇x⟩ = ⟨x, ∇*∇x⟩, and addTarget applies ∇* to d − u = −v where nothing passes the threshold.
		final Grid grid = new Grid(7, 6, 5, 1, 2, 3);
		final ColumnsTotalVariation tv = new ColumnsTotalVariation(grid);
		final Columns x = Columns.of(grid);
		final Random random = new Random(4);
		for (final float[] column : x.data())
			for (int k = 0; k < column.length; k++)
				column[k] = random.nextFloat();
		final List<Columns> v = List.of(x.zeros(), x.zeros(), x.zeros());
		tv.split(x, v, 1e9f); // v = ∇x
		final double squared = v.stream().mapToDouble(component -> component.dot(component)).sum();
		final Columns laplacian = x.zeros(), target = x.zeros();
		assertEquals(squared, tv.addLaplacian(x, 1, 0, 1, laplacian), 1e-5 * squared);
		assertEquals(squared, x.dot(laplacian), 1e-5 * squared);
		tv.addTarget(v, 1e9f, -1, target);
		for (int i = 0; i < x.data().length; i++)
			assertArrayEquals(laplacian.data()[i], target.data()[i], 1e-5f);
		// −(∇*∇ x) + ½ (∇*∇ x + 3 x) + ½ ∇*∇ x = 1.5 x
		tv.addLaplacian(x, 0.5f, 3, -1, laplacian);
		laplacian.add(0.5f, target);
		for (int i = 0; i < x.data().length; i++)
			for (int k = 0; k < 5; k++)
				assertEquals(1.5f * x.data()[i][k], laplacian.data()[i][k], 1e-5f);
	}

	@Test
	void cancellingStopsWithinOneIteration() {
		final Projections scan = scan(ScanGeometry.evenAngles(8, 0, 180));
		for (final Reconstructor method : new Reconstructor[] { new Sirt(), new AdmmTv() }) {
			final AtomicInteger reports = new AtomicInteger();
			final Progress progress = new Progress() {

				@Override
				public void update(final String stage, final double done) {
					reports.incrementAndGet();
				}

				@Override
				public boolean cancelled() {
					return reports.get() >= 3;
				}
			};
			assertThrows(CancelledException.class, () -> method.reconstruct(scan, GRID, RunSettings.DEFAULT, progress));
			assertEquals(3, reports.get(), method.description());
		}
	}

	@Test
	void iteratesLeadToTheResultAndTellTheirResiduals() {
		final Projections scan = scan(ScanGeometry.evenAngles(8, 0, 180));
		for (final Reconstructor method : new Reconstructor[] { new Sirt(6, true), new AdmmTv(AdmmTv.Settings.DEFAULT
			.withIterations(6, 2)) })
		{
			final List<Img<FloatType>> volumes = new ArrayList<>();
			final List<Double> residuals = new ArrayList<>();
			final Volume result = method.reconstruct(scan, GRID, RunSettings.DEFAULT, new Progress() {

				@Override
				public void update(final String stage, final double done) { }

				@Override
				public void iterated(final Iterate iterate) {
					volumes.add(iterate.volume().get());
					residuals.add(iterate.residual().getAsDouble());
					assertEquals(volumes.size() + " of 6", iterate.number() + " of " + iterate.total());
				}
			});
			assertArrayEquals(Layouts.planes(result.img()), Layouts.planes(volumes.get(5)), method.description());
			final Projector projector = projector(scan.geometry().angles());
			final Columns y = projector.newProjections(), measured = scan.normalised();
			projector.forward(Layouts.normalised(result), y);
			assertEquals(y.add(-1, measured).norm() / measured.norm(), residuals.get(5), 1e-5, method.description());
			assertTrue(residuals.get(5) < 0.5 * residuals.get(0), residuals.toString());
		}
	}

	@Test
	void cancelledMethodsOfferTheirLastIterate() {
		final Projections scan = scan(ScanGeometry.evenAngles(8, 0, 180));
		for (final Reconstructor method : new Reconstructor[] { new Sirt(), new AdmmTv() }) {
			final List<Integer> kept = new ArrayList<>();
			final AtomicInteger reports = new AtomicInteger();
			assertThrows(CancelledException.class, () -> method.reconstruct(scan, GRID, RunSettings.DEFAULT, new Progress() {

				@Override
				public void update(final String stage, final double done) {
					reports.incrementAndGet();
				}

				@Override
				public boolean cancelled() {
					return reports.get() >= 3;
				}

				@Override
				public void iterated(final Iterate iterate) {
					if (cancelled()) kept.add(iterate.number());
				}
			}));
			// SIRT has finished the second iteration, and ADMM-TV has begun the third.
			assertEquals(List.of(method instanceof Sirt ? 2 : 3), kept, method.description());
		}
	}

	@Test
	void impossibleSettingsAreRefused() {
		assertThrows(InvalidInputException.class, () -> new Sirt(0, true));
		assertThrows(InvalidInputException.class, () -> AdmmTv.Settings.DEFAULT.withLambda(-1e-4));
		assertThrows(InvalidInputException.class, () -> AdmmTv.Settings.DEFAULT.withLambda(Double.NaN));
		assertThrows(InvalidInputException.class, () -> AdmmTv.Settings.DEFAULT.withIterations(0, 5));
	}

	@Test
	void oversampledScansAverageWhatTheFineDetectorSees() {
		// A volume that is constant within coarse voxels away from edges: coarse and fine scans agree up to discretisation.
		final Grid fine = GRID.refined(2);
		final Columns x = Columns.of(fine);
		for (int j = 0; j < fine.ny(); j++)
			for (int i = 0; i < fine.nx(); i++)
				for (int k = 0; k < fine.nz(); k++)
					x.column(i, j)[k] = (float) Math.exp(-(Math.pow(fine.x(i), 2) + Math.pow(fine.y(j), 2)) / 98);
		final ParallelBeam geometry = ParallelBeam.covering(GRID, ScanGeometry.evenAngles(6, 0, 180));
		final Projections scan = Simulation.scan(Layouts.denormalised("bump", x, fine, Intensity.HU), 2, geometry,
			NoiseModel.NONE, 0, "cpu", Progress.SILENT);
		assertEquals(GRID, scan.grid());
		// ∫ exp(−r²/98) along a line at distance s is √(98π) exp(−s²/98)
		for (int view = 0; view < 6; view++)
			for (int u = 0; u < geometry.bins(); u++) {
				final double expected = Intensity.HU.muHigh() * Math.sqrt(98 * Math.PI) * Math.exp(-Math.pow(geometry.s(u), 2) /
					98);
				assertEquals(expected, scan.toColumns().column(u, view)[2], 0.004 * Intensity.HU.muHigh() * Math.sqrt(98 *
					Math.PI));
			}
	}
}
