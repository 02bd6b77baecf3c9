package org.patchct.diffusion;

import java.util.List;

import org.patchct.projector.Projector;
import org.patchct.projector.Space;
import org.patchct.recon.ConjugateGradients;
import org.patchct.recon.MethodSettings;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.TotalVariation;
import org.patchct.volume.Vector;

/**
 * Data consistency of DiffusionMBIR and DDS, which hold together the slices that a 2-D prior knows one by one: a sweep of
 * the alternating direction method of multipliers for min ½‖A x − y‖² + λ‖Dz x‖₁ with the differences Dz along z,
 *
 * <pre>
 * (A*A + ρ Dz*Dz) x = A*y + ρ Dz*(d − u)   by some iterations of conjugate gradients from the x that is given
 * d ← shrink(Dz x + u, λ/ρ),   u ← u + Dz x − d
 * </pre>
 *
 * with d and u kept from one call to the next, from 0 on (Chung, Ryu, McCann, Klasky and Ye, "Solving 3D Inverse Problems
 * using Pre-trained 2D Diffusion Models", 2023). An instance is for one run.
 * <p>
 * The papers' ρ and λ are for an image in window units and their operator, which measures lengths in pixels and whose
 * back-projection is the mean over the views times π/2: ‖A*A‖ ≈ π/2 · 256 ≈ 400 for 256² pixels, however many views there
 * are. The minimiser depends on λ / ‖A*A‖ only, and the iterations on ρ / ‖A*A‖, so here
 * </p>
 *
 * <pre>
 * ρ = ρ_paper ‖A*A‖ / 400,   λ = λ_paper ‖A*A‖ / 400
 * </pre>
 *
 * for an A of any units, size and number of views. The system is solved in network units as in {@link CgDataConsistency};
 * differences are then high − low times those of window units, and so is the threshold λ/ρ.
 */
public final class AxialAdmm implements DataConsistency {

	/** ‖A*A‖ of the public codes at 256² pixels. */
	static final double NORM_SQUARED = 400;

	/** λ of DDS' and DiffusionMBIR's public scripts for few views, and of DDS' for a limited angle. */
	static final double LAMBDA = 0.04, LIMITED_ANGLE_LAMBDA = 0.4;

	/**
	 * Settings, as the papers have them.
	 *
	 * @param cgIterations conjugate-gradient iterations of a sweep, 1 to 1000
	 * @param rho ρ, coupling of the volume and its differences
	 * @param lambda λ, weight of the total variation; 0 for 0.04, or 0.4 where the views leave out some angles
	 */
	public record Settings(int cgIterations, double rho, double lambda) {

		/** ρ of both papers' public scripts. */
		public static final double RHO = 10;

		public Settings {
			SamplerSettings.check("Conjugate-gradient iterations", cgIterations, 1, 1000);
			if (!(rho > 0 && rho <= 1e6)) throw new InvalidInputException("ADMM coupling rho " + rho +
				": it must be positive, at most 1e6; the papers have 10.");
			if (!(lambda >= 0 && lambda <= 1e6)) throw new InvalidInputException("Total-variation weight lambda " + lambda +
				": it must be 0 (automatic) or positive, at most 1e6; the papers have 0.04 and 0.4.");
		}

		/** With the settings cg, rho and lambda of a method, where they are given. */
		static Settings of(final MethodSettings chosen, final Settings usual) {
			return new Settings(chosen.integer("cg", usual.cgIterations), chosen.number("rho", usual.rho), chosen.number("lambda",
				usual.lambda));
		}

		/** The weight for a scan. */
		double lambda(final ScanGeometry scan) {
			return lambda > 0 ? lambda : scan.limitedAngle() == null ? LAMBDA : LIMITED_ANGLE_LAMBDA;
		}

		@Override
		public String toString() {
			return cgIterations + " CG iteration" + (cgIterations == 1 ? "" : "s") + ", rho " + rho + ", lambda " + (lambda > 0
				? lambda : LAMBDA + " (limited angle " + LIMITED_ANGLE_LAMBDA + ")");
		}
	}

	private final Projector projector;

	private final int iterations;

	private final Columns backProjection;

	/** Dz x + u of the last call, which d and u follow from. */
	private final Columns v;

	private final float rho, threshold;

	/**
	 * @param projector A
	 * @param measured line integrals in window units times mm; not changed
	 * @param networkLow network value of the window's 0
	 * @param networkHigh network value of the window's 1
	 */
	public AxialAdmm(final Projector projector, final Columns measured, final double networkLow, final double networkHigh,
		final Settings settings)
	{
		this.projector = projector;
		iterations = settings.cgIterations();
		backProjection = CgDataConsistency.backProjection(projector, measured, networkLow, networkHigh);
		v = projector.newVolume();
		rho = (float) (settings.rho() * projector.normSquared() / NORM_SQUARED);
		threshold = (float) ((networkHigh - networkLow) * settings.lambda(projector.geometry()) / settings.rho());
	}

	/** @param sigma not used: the papers take the measurements for exact */
	@Override
	public void apply(final Columns clean, final double sigma, final Progress progress) {
		// The right-hand side, x and v; the projections of x.
		projector.solve(3 + ConjugateGradients.VECTORS, 1, new Space.Solver<Void>() {

			@Override
			public <V extends Vector<V>> Void solve(final Space<V> space) {
				final V x = space.share(clean), right = space.copy(backProjection), projections = space.newProjections();
				final List<V> differences = List.of(space.share(v));
				final TotalVariation<V> tv = space.axialVariation();
				tv.addTarget(differences, threshold, rho, right);
				new ConjugateGradients<>(x).solve((in, out) -> {
					space.forward(in, projections);
					space.adjoint(projections, out);
					return tv.addLaplacian(in, rho, 0, 1, out);
				}, right, x, iterations, 0, progress);
				tv.split(x, differences, threshold);
				space.fetch(x, clean);
				space.fetch(differences.get(0), v);
				return null;
			}
		});
	}
}
