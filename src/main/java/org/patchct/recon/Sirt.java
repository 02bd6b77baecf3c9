package org.patchct.recon;

import java.util.Map;
import java.util.function.DoubleSupplier;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.projector.Space;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Memory;
import org.patchct.task.Probe;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Vector;
import org.patchct.volume.Volume;

import org.scijava.plugin.Plugin;

/**
 * Simultaneous iterative reconstruction: x ← x + C A* R (y − A x), R and C the inverse row and column sums of A (Gregor
 * and Benson, IEEE TMI 27:918, 2008).
 */
@Plugin(type = Reconstructor.class, name = Sirt.NAME)
public final class Sirt implements Reconstructor {

	public static final String NAME = "SIRT";

	/** Enough to be past blur at 60 views and before noise is fitted at 1e5 photons (the usual range is 50 to 200). */
	public static final int DEFAULT_ITERATIONS = 100;

	private final int iterations;

	private final boolean nonNegative;

	public Sirt() {
		this(DEFAULT_ITERATIONS, true);
	}

	/**
	 * @param iterations 1 to 10000
	 * @param nonNegative whether values below empty space are set to empty space after each iteration
	 */
	public Sirt(final int iterations, final boolean nonNegative) {
		if (iterations < 1 || iterations > 10_000) throw new InvalidInputException("SIRT iterations " + iterations +
			": it must be from 1 to 10000.");
		this.iterations = iterations;
		this.nonNegative = nonNegative;
	}

	@Override
	public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final Columns y = projections.normalised();
		final Columns rowWeights = projector.newProjections();
		final Columns x = projector.newVolume().fill(1);
		projector.forward(x, rowWeights);
		invert(rowWeights);
		progress.checkCancelled();
		final Columns columnWeights = projector.newVolume();
		projector.adjoint(projector.newProjections().fill(1), columnWeights);
		invert(columnWeights);
		x.fill(0);
		// x, its update and the column weights; y, the residual and the row weights.
		projector.solve(3, 3, new Space.Solver<Void>() {

			@Override
			public <V extends Vector<V>> Void solve(final Space<V> space) {
				final V volume = space.share(x);
				iterate(space, space.share(y), space.share(rowWeights), space.share(columnWeights), volume, new InUnits(progress, 1,
					0, projections.intensity()));
				space.fetch(volume, x);
				return null;
			}
		});
		progress.update("Done", 1);
		return Layouts.denormalised(projections.name(), x, grid, projections.intensity());
	}

	@Override
	public Estimate estimate(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final ScanGeometry scan = projections.geometry();
		// x, its update, its weights and what they are made of or shown as; y, the residual and likewise the row weights.
		final double voxels = 4 * Columns.memory(grid.nx(), grid.ny(), grid.nz()) + 4 * Columns.memory(scan.bins(), scan
			.views(), scan.rows());
		Memory.requireRoom(NAME + " of " + grid, voxels);
		final Projector projector = Projectors.create(grid, scan, run.device());
		final Sirt once = new Sirt(1, nonNegative);
		final double each = projector.solve(3, 3, new Space.Solver<Double>() {

			@Override
			public <V extends Vector<V>> Double solve(final Space<V> space) {
				final V x = space.newVolume(), weights = space.newVolume();
				final V y = space.newProjections().fill(1), rowWeights = space.newProjections();
				return Probe.seconds(progress, () -> {
					once.iterate(space, y, rowWeights, weights, x, Progress.SILENT);
					x.norm(); // waits for a GPU
				});
			}
		});
		// The weights take a pair of projections like an iteration.
		return new Estimate((iterations + 1) * each, voxels);
	}

	private <V extends Vector<V>> void iterate(final Space<V> space, final V y, final V rowWeights, final V columnWeights,
		final V x, final Progress progress)
	{
		final V residual = space.newProjections(), update = space.newVolume();
		final double norm = y.norm();
		for (int i = 0; i < iterations; i++) {
			progress.update("SIRT iteration " + (i + 1) + " of " + iterations, (double) i / iterations);
			residual(space, x, y, residual);
			if (i > 0) progress.iterated(iterate(space, x, i, () -> residual.norm() / norm));
			progress.checkCancelled();
			space.adjoint(residual.multiply(rowWeights), update);
			x.add(1, update.multiply(columnWeights));
			if (nonNegative) x.clampBelow(0);
		}
		progress.iterated(iterate(space, x, iterations, () -> residual(space, x, y, residual).norm() / norm));
	}

	/** residual ← y − A x */
	private static <V extends Vector<V>> V residual(final Space<V> space, final V x, final V y, final V residual) {
		space.forward(x, residual);
		return residual.combine(-1, 1, y);
	}

	private <V extends Vector<V>> Iterate iterate(final Space<V> space, final V x, final int number,
		final DoubleSupplier residual)
	{
		return new Iterate(number, iterations, () -> Layouts.toImage(space.view(x)), residual);
	}

	/** 1/t where t is positive; rays that miss the volume and voxels that no ray meets get 0. */
	private static void invert(final Columns sums) {
		sums.forColumns(i -> {
			final float[] t = sums.data()[i];
			for (int k = 0; k < t.length; k++)
				t[k] = t[k] > 1e-6f ? 1 / t[k] : 0;
		});
	}

	@Override
	public Sirt with(final Map<String, String> settings) {
		final MethodSettings chosen = new MethodSettings(settings);
		final Sirt method = new Sirt(chosen.integer("iterations", iterations), chosen.flag("nonnegative", nonNegative));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		return NAME + ", " + iterations + " iterations" + (nonNegative ? ", non-negative" : "");
	}
}
