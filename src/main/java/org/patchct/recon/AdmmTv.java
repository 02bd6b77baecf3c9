package org.patchct.recon;

import java.util.function.ObjDoubleConsumer;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
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
	 * @param lambda weight of the total variation; 0 for one that goes by the number of views, {@link #lambda(Projector)}
	 * @param rho ρ, coupling of x and its gradient; changes the speed of convergence, not its goal
	 * @param iterations outer iterations, 1 to 10000
	 * @param cgIterations conjugate-gradient steps in each, 1 to 1000
	 * @param nonNegative whether values below empty space are forbidden
	 */
	public record Settings(double lambda, double rho, int iterations, int cgIterations, boolean nonNegative) {

		/** The weight goes by the number of views. ρ = 0.1 trailed 0.005 by up to 6 dB on three training volumes at 64 voxels. */
		public static final Settings DEFAULT = new Settings(0, 0.01, 30, 5, true);

		public Settings {
			if (!(lambda >= 0) || Double.isInfinite(lambda)) throw new InvalidInputException("Total-variation weight " +
				lambda + ": it must be positive, or 0 for one that goes by the number of views; more smooths more.");
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
		final Columns x = projector.newVolume();
		solve(projector, projections.normalised(), x, progress, (iterate, objective) -> { });
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

	private double lambdaFor(final Projector projector) {
		return settings.lambda() > 0 ? settings.lambda() : lambda(projector);
	}

	/**
	 * The method on the solvers' layout.
	 *
	 * @param y line integrals in window units
	 * @param x start, usually zeros; overwritten by the result
	 * @param listener told every iterate and the number of the iteration (from 1)
	 */
	public void solve(final Projector projector, final Columns y, final Columns x, final Progress progress,
		final ObjDoubleConsumer<Columns> listener)
	{
		final TotalVariation tv = new TotalVariation(projector.grid());
		final float perNorm = (float) (1 / projector.normSquared());
		final float rho = (float) settings.rho(), threshold = (float) (lambdaFor(projector) / settings.rho());
		final Columns data = projector.newVolume();
		projector.adjoint(y, data);
		data.scale(perNorm);
		final Columns[] v = { x.zeros(), x.zeros(), x.zeros() };
		// v of the sign constraint: z = max(v, 0), dual u = v − z, so z − u = |v|.
		final Columns sign = settings.nonNegative() ? x.zeros() : null;
		final Columns projected = projector.newProjections();
		final Columns right = x.zeros();
		for (int i = 0; i < settings.iterations(); i++) {
			progress.checkCancelled();
			progress.update("ADMM-TV iteration " + (i + 1) + " of " + settings.iterations(), (double) i / settings
				.iterations());
			right.set(data);
			tv.addTarget(v, threshold, rho, right);
			if (sign != null) addMagnitude(sign, rho, right);
			ConjugateGradients.solve((in, out) -> {
				projector.forward(in, projected);
				projector.adjoint(projected, out);
				out.scale(perNorm);
				tv.addLaplacian(in, rho, out);
				if (sign != null) out.add(rho, in);
			}, right, x, settings.cgIterations(), 0, progress);
			tv.split(x, v, threshold);
			if (sign != null) splitSign(x, sign);
			listener.accept(x, i + 1);
		}
		if (sign != null) x.clampBelow(0);
		progress.update("Done", 1);
	}

	/** The objective at x; what the iterations decrease. */
	public double objective(final Projector projector, final Columns y, final Columns x) {
		final Columns residual = projector.newProjections();
		projector.forward(x, residual);
		residual.add(-1, y);
		return 0.5 * residual.dot(residual) / projector.normSquared() + lambdaFor(projector) * new TotalVariation(projector
			.grid()).value(x);
	}

	private static void addMagnitude(final Columns sign, final float weight, final Columns out) {
		out.forColumns(i -> {
			final float[] s = sign.data()[i], o = out.data()[i];
			for (int k = 0; k < o.length; k++)
				o[k] += weight * Math.abs(s[k]);
		});
	}

	/** v ← x + u with u = min(v, 0) of the last iteration */
	private static void splitSign(final Columns x, final Columns sign) {
		sign.forColumns(i -> {
			final float[] s = sign.data()[i], xi = x.data()[i];
			for (int k = 0; k < s.length; k++)
				s[k] = xi[k] + Math.min(s[k], 0);
		});
	}

	@Override
	public String description() {
		final String lambda = settings.lambda() > 0 ? String.format(java.util.Locale.ROOT, "%.3g", settings.lambda())
			: "by views";
		return String.format(java.util.Locale.ROOT, "%s, lambda %s, rho %.3g, %d x %d iterations%s", NAME, lambda, settings
			.rho(), settings.iterations(), settings.cgIterations(), settings.nonNegative() ? ", non-negative" : "");
	}
}
