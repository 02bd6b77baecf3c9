package org.patchct.recon;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.projector.Space;
import org.patchct.scan.NoiseEstimate;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Memory;
import org.patchct.task.Probe;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.ColumnsTotalVariation;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.TotalVariation;
import org.patchct.volume.Vector;
import org.patchct.volume.Volume;

import org.scijava.plugin.Plugin;

/**
 * Total-variation reconstruction by the alternating direction method of multipliers:
 * <p>
 * min ½‖A x − y‖² / ‖A*A‖ + λ ‖∇x‖₂,₁, optionally with x ≥ 0,
 * </p>
 * <p>
 * with x in window units ([0, 1]) and the isotropic 3-D gradient. Dividing by the operator's norm makes λ mean the same
 * for every size, voxel size and number of views. Each iteration solves (A*A/‖A*A‖ + ρ∇*∇) x = A*y/‖A*A‖ + ρ∇*(d − u)
 * approximately by conjugate gradients from the last x, then d ← shrink(∇x + u, λ/ρ), u ← u + ∇x − d (Boyd et al.,
 * Foundations and Trends in Machine Learning 3:1, 2010, section 6.4.1); the sign constraint is split off likewise.
 * </p>
 */
@Plugin(type = Reconstructor.class, name = AdmmTv.NAME)
public final class AdmmTv implements Reconstructor {

	public static final String NAME = "ADMM-TV";

	/**
	 * @param lambda weight of the total variation; 0 for {@link #lambda(Projector)} or, where the noise asks for
	 *          more, one that grows with it
	 * @param rho ρ, coupling of x and its gradient; changes the speed of convergence, not its goal
	 * @param iterations outer iterations, 1 to 10000
	 * @param cgIterations conjugate-gradient steps in each, 1 to 1000
	 * @param nonNegative whether values below empty space are forbidden
	 */
	public record Settings(double lambda, double rho, int iterations, int cgIterations, boolean nonNegative) {

		/**
		 * The weight goes by the number of views and the noise. ρ = 0.1 trailed 0.005 by up to 6 dB on three training volumes
		 * at 64 voxels.
		 */
		public static final Settings DEFAULT = new Settings(0, 0.01, 30, 5, true);

		public Settings {
			if (!(lambda >= 0) || Double.isInfinite(lambda)) throw new InvalidInputException("Total-variation weight " +
				lambda + ": it must be positive, or 0 for one that goes by the number of views and the noise; more smooths " +
				"more.");
			if (!(rho > 0) || Double.isInfinite(rho)) throw new InvalidInputException("ADMM coupling rho " + rho +
				": it must be positive.");
			if (iterations < 1 || iterations > 10_000) throw new InvalidInputException("ADMM-TV iterations " + iterations +
				": it must be from 1 to 10000.");
			if (cgIterations < 1 || cgIterations > 1000) throw new InvalidInputException("Conjugate-gradient iterations " +
				cgIterations + ": it must be from 1 to 1000.");
		}

		public Settings withLambda(final double newLambda) {
			return new Settings(newLambda, rho, iterations, cgIterations, nonNegative);
		}

		public Settings withIterations(final int outer, final int inner) {
			return new Settings(lambda, rho, outer, inner, nonNegative);
		}
	}

	/**
	 * The weight that suits a number of views for each voxel across the slice, times that number, and the range that it was
	 * measured in.
	 */
	private static final double LAMBDA_VIEWS = 2.6e-5, LEAST_LAMBDA = 1e-4, MOST_LAMBDA = 1e-3;

	/**
	 * Weight where noise rules, times ‖A‖ / σ_y: as in denoising, the weight follows the noise's standard deviation, here
	 * that of a voxel which all views see. On limb_sts_018 and heart_ts at 64 voxels with 8, 20 and 60 views of 1e5 and 1e4
	 * photons it comes, interpolated between seven weights from 1e-4 to 6.4e-3, within 0.25 dB of the best of them; the
	 * weight by views alone trails it by up to 1.6 dB.
	 */
	private static final double LAMBDA_NOISE = 0.055;

	/** Pairs of projections before the first iteration: those of the operator's norm, and the back-projection of the data. */
	private static final double SETUP = 8.5;

	private final Settings settings;

	public AdmmTv() {
		this(Settings.DEFAULT);
	}

	public AdmmTv(final Settings settings) {
		this.settings = settings;
	}

	@Override
	public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final Columns x = projector.newVolume(), y = projections.toColumns();
		final float perWindow = (float) (1 / projections.intensity().muHigh());
		final double noise = settings.lambda() > 0 ? 0 : perWindow * Math.sqrt(NoiseEstimate.variance(y, NoiseEstimate.photons(
			y)));
		solve(projector, y.scale(perWindow), noise, x, new InUnits(progress, 1, 0, projections.intensity()), Listener.NONE);
		return Layouts.denormalised(projections.name(), x, grid, projections.intensity());
	}

	/**
	 * The weight of the total variation that suits a scan: 2.6e-5 · side / views, within 1e-4…1e-3. With TvBench on
	 * liver_crlm_1004, a training volume, at 128 voxels, of 3e-5, 1e-4, 3e-4, 1e-3 and 3e-3 the best was 1e-3 at 4 views, 3e-4
	 * at 10 and 1e-4 at 30 with 1e5 photons (1e-3 at 4 and 10 with 1e4).
	 */
	public static double lambda(final Projector projector) {
		final double side = Math.max(projector.grid().nx(), projector.grid().ny());
		return Math.min(MOST_LAMBDA, Math.max(LEAST_LAMBDA, LAMBDA_VIEWS * side / projector.geometry().views()));
	}

	/** The weight of the settings, or the one that suits views and noise, given as in {@link #solve}, and ‖A*A‖. */
	private double weight(final Projector projector, final double noise, final double normSquared) {
		return settings.lambda() > 0 ? settings.lambda() : Math.max(lambda(projector), LAMBDA_NOISE * noise / Math.sqrt(
			normSquared));
	}

	/** Told how a solve comes along. */
	@FunctionalInterface
	public interface Listener {

		Listener NONE = (iterate, iteration) -> { };

		/**
		 * Called after each iteration; from the first again if a GPU failed and the processor starts anew.
		 *
		 * @param iterate gives x in window units, until this method returns and not to be changed. Asking for it copies a
		 *          volume where the solve runs on a GPU, and costs nothing elsewhere.
		 * @param iteration from 1
		 */
		void iterated(Supplier<Columns> iterate, int iteration);
	}

	/** As {@link #solve(Projector, Columns, double, Columns, Progress, Listener)}, of line integrals without noise. */
	public void solve(final Projector projector, final Columns y, final Columns x, final Progress progress,
		final Listener listener)
	{
		solve(projector, y, 0, x, progress, listener);
	}

	/**
	 * The method on the solvers' layout.
	 *
	 * @param y line integrals in window units; not changed
	 * @param noise their standard deviation, which an automatic weight of the total variation goes by
	 * @param x start, usually zeros; overwritten by the result
	 * @param progress offered every iterate in window units
	 */
	public void solve(final Projector projector, final Columns y, final double noise, final Columns x,
		final Progress progress, final Listener listener)
	{
		// In the shape of projections y and those of x.
		projector.solve(volumes(), 2, new Space.Solver<Void>() {

			@Override
			public <V extends Vector<V>> Void solve(final Space<V> space) {
				AdmmTv.this.solve(space, projector, y, noise, x, progress, listener);
				return null;
			}
		});
	}

	private <V extends Vector<V>> void solve(final Space<V> space, final Projector projector, final Columns measured,
		final double noise, final Columns result, final Progress progress, final Listener listener)
	{
		final V y = space.share(measured), x = space.share(result);
		final TotalVariation<V> tv = space.totalVariation();
		final V data = space.newVolume(), right = space.newVolume(), projected = space.newProjections();
		final double normSquared = space.normSquared(right, projected);
		final float perNorm = (float) (1 / normSquared), rho = (float) settings.rho();
		final float threshold = (float) (weight(projector, noise, normSquared) / settings.rho());
		space.adjoint(y, data);
		data.scale(perNorm);
		final List<V> v = List.of(space.newVolume(), space.newVolume(), space.newVolume());
		// v of the sign constraint: z = max(v, 0), dual u = v − z, so z − u = |v|.
		final V sign = settings.nonNegative() ? space.newVolume() : null;
		final ConjugateGradients<V> gradients = new ConjugateGradients<>(x);
		final ToDoubleBiFunction<V, V> operator = operator(space, tv, projected, perNorm);
		final DoubleSupplier residual = () -> {
			space.forward(sign == null ? x : right.set(x).clampBelow(0), projected);
			return projected.add(-1, y).norm() / y.norm();
		};
		for (int i = 0; i < settings.iterations(); i++) {
			progress.checkCancelled();
			progress.update("ADMM-TV iteration " + (i + 1) + " of " + settings.iterations(), (double) i / settings
				.iterations());
			right.set(data);
			tv.addTarget(v, threshold, rho, right);
			if (sign != null) right.addMagnitude(rho, sign);
			final Iterate iterate = new Iterate(i + 1, settings.iterations(), () -> Layouts.toImage(sign == null ? space.view(x)
				: space.view(x).copy().clampBelow(0)), residual);
			try {
				if (i == 0) gradients.solve(operator, right, x, settings.cgIterations(), 0, progress);
				else gradients.solveOn(operator, right, x, settings.cgIterations(), 0, progress);
				gradients.release(right);
			}
			catch (final CancelledException e) {
				// Each step of conjugate gradients leaves a better x.
				progress.iterated(iterate);
				throw e;
			}
			tv.split(x, v, threshold);
			if (sign != null) sign.addToNegativePart(x); // v ← x + u with u = min(v, 0) of the last iteration
			listener.iterated(() -> space.view(x), i + 1);
			progress.iterated(iterate);
		}
		if (sign != null) x.clampBelow(0);
		space.fetch(x, result);
		progress.update("Done", 1);
	}

	/**
	 * Writes (A*A/‖A*A‖ + ρ∇*∇) of its first argument into the second, with ρ more where there is the sign constraint, and
	 * returns their inner product.
	 */
	private <V extends Vector<V>> ToDoubleBiFunction<V, V> operator(final Space<V> space, final TotalVariation<V> tv,
		final V projected, final float perNorm)
	{
		return (in, out) -> {
			space.forward(in, projected);
			space.adjoint(projected, out);
			return tv.addLaplacian(in, (float) settings.rho(), settings.nonNegative() ? 1 : 0, perNorm, out);
		};
	}

	@Override
	public Estimate estimate(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final ScanGeometry scan = projections.geometry();
		// The solver's vectors, and the line integrals in the estimate of their noise.
		final double voxels = (volumes() + 1) * Columns.memory(grid.nx(), grid.ny(), grid.nz()) + 3 * Columns.memory(scan
			.bins(), scan.views(), scan.rows());
		Memory.requireRoom(NAME + " of " + grid, voxels);
		return new Estimate(seconds(Projectors.create(grid, scan, run.device()), progress), voxels);
	}

	/** Seconds that {@link #solve} takes here and now, measured by a probe that does part of an iteration. */
	public double seconds(final Projector projector, final Progress progress) {
		return projector.solve(volumes(), 2, new Space.Solver<Double>() {

			@Override
			public <V extends Vector<V>> Double solve(final Space<V> space) {
				final TotalVariation<V> tv = space.totalVariation();
				final V x = space.newVolume(), right = space.newVolume().fill(1), projected = space.newProjections();
				final List<V> v = List.of(space.newVolume(), space.newVolume(), space.newVolume());
				final double gradients = new ConjugateGradients<>(x).seconds(operator(space, tv, projected, 1), right, x, settings
					.cgIterations(), progress);
				final double rest = Probe.seconds(progress, () -> {
					tv.addTarget(v, 1, 1, right);
					tv.split(x, v, 1);
					v.get(0).norm(); // waits for a GPU
				});
				// A product more than steps is measured, with which only the first iteration begins.
				final double product = gradients / (settings.cgIterations() + 1);
				return settings.iterations() * (settings.cgIterations() * product + rest) + (SETUP + 1) * product;
			}
		});
	}

	/** Vectors in the shape of volumes that a solve makes at most: data, right-hand side, x, v, and the sign's v. */
	private int volumes() {
		return 6 + (settings.nonNegative() ? 1 : 0) + ConjugateGradients.VECTORS;
	}

	/** The objective at x; what the iterations decrease. */
	public double objective(final Projector projector, final Columns y, final Columns x) {
		final Columns residual = projector.newProjections();
		projector.forward(x, residual);
		residual.add(-1, y);
		final double normSquared = projector.normSquared();
		return 0.5 * residual.dot(residual) / normSquared + weight(projector, 0, normSquared) * new ColumnsTotalVariation(
			projector.grid()).value(x);
	}

	@Override
	public AdmmTv with(final Map<String, String> values) {
		final MethodSettings chosen = new MethodSettings(values);
		final AdmmTv method = new AdmmTv(new Settings(chosen.number("lambda", settings.lambda()), chosen.number("rho", settings
			.rho()), chosen.integer("iterations", settings.iterations()), chosen.integer("cgiterations", settings
				.cgIterations()), chosen.flag("nonnegative", settings.nonNegative())));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		final String lambda = settings.lambda() > 0 ? String.format(java.util.Locale.ROOT, "%.3g", settings.lambda())
			: "by views and noise";
		return String.format(java.util.Locale.ROOT, "%s, lambda %s, rho %.3g, %d x %d iterations%s", NAME, lambda, settings
			.rho(), settings.iterations(), settings.cgIterations(), settings.nonNegative() ? ", non-negative" : "");
	}
}
