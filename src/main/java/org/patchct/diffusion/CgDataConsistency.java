package org.patchct.diffusion;

import org.patchct.projector.Projector;
import org.patchct.projector.Space;
import org.patchct.recon.ConjugateGradients;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Vector;

/**
 * Data consistency of Algorithm 1: some conjugate-gradient iterations on the normal equations A*A x = A*y, started at
 * x̂0. Stopping early keeps x̂0 wherever the projections say nothing, that is, in the null space of A.
 * <p>
 * For noisy measurements a proximal weight γ &gt; 0 makes the equations those of
 * </p>
 *
 * <pre>
 * min ½‖A x − y‖² / σ_y² + ½γ ‖x − x̂0‖² / r_t²,   1/r_t² = 1/σ_t² + 1/s²
 * </pre>
 *
 * with σ_y the noise of the measurements and r_t the error of x̂0: that of the best denoiser of independent voxels of
 * spread s under noise σ_t. With γ = 1 both terms weigh what they are worth, as far as errors are independent; x̂0's are
 * alike over some voxels, so less is better supported. Either way the data step stops at the noise: as σ_t falls, x̂0 is
 * kept more and more.
 * <p>
 * Window units reach the network as x = low + (high − low) · window. The measurements are taken along: the system is
 * solved in network units for y = low · A1 + (high − low) · measured, whose iterates are the same volumes.
 * </p>
 */
public final class CgDataConsistency implements DataConsistency {

	/**
	 * s as a share of the window: half the standard deviation of the voxels of limb_sts_018 (0.43) and heart_ts (0.48) at 64
	 * voxels with the window at −1 to 1.
	 */
	static final double SPREAD = 0.225;

	private final Projector projector;

	private final int iterations;

	private final Columns backProjection;

	/** γ σ_y², network units squared times mm². */
	private final double variance;

	/** s, network units. */
	private final double spread;

	/**
	 * @param projector A
	 * @param measured line integrals in window units times mm; not changed
	 * @param networkLow network value of the window's 0
	 * @param networkHigh network value of the window's 1
	 * @param iterations M; 0 leaves x̂0 alone
	 * @param proximal γ; 0 for the paper's method
	 * @param noise standard deviation of {@code measured}, in its units
	 */
	public CgDataConsistency(final Projector projector, final Columns measured, final double networkLow,
		final double networkHigh, final int iterations, final double proximal, final double noise)
	{
		this.projector = projector;
		this.iterations = iterations;
		backProjection = backProjection(projector, measured, networkLow, networkHigh);
		variance = proximal * Math.pow((networkHigh - networkLow) * noise, 2);
		spread = SPREAD * (networkHigh - networkLow);
	}

	/** A*y in network units; parameters as in the constructor. */
	static Columns backProjection(final Projector projector, final Columns measured, final double networkLow,
		final double networkHigh)
	{
		final Columns volume = projector.newVolume(), projections = projector.newProjections();
		projector.forward(volume.fill((float) networkLow), projections);
		projector.adjoint(projections.add((float) (networkHigh - networkLow), measured), volume);
		return volume;
	}

	@Override
	public void apply(final Columns clean, final double sigma, final Progress progress) {
		if (iterations == 0) return;
		final float weight = (float) weight(sigma);
		// The right-hand side and x; the projections of x.
		projector.solve(2 + ConjugateGradients.VECTORS, 1, new Space.Solver<Void>() {

			@Override
			public <V extends Vector<V>> Void solve(final Space<V> space) {
				final V x = space.share(clean), projections = space.newProjections();
				final V b = weight == 0 ? space.share(backProjection) : space.copy(backProjection).add(weight, x);
				new ConjugateGradients<>(x).solve((in, out) -> {
					space.forward(in, projections);
					space.adjoint(projections, out);
					if (weight != 0) out.add(weight, in);
					return in.dot(out);
				}, b, x, iterations, 0, progress);
				space.fetch(x, clean);
				return null;
			}
		});
	}

	/** Seconds that {@link #apply} takes on A's grid here and now, measured by a probe. */
	static double seconds(final Projector projector, final int iterations, final Progress progress) {
		if (iterations == 0) return 0;
		return projector.solve(2 + ConjugateGradients.VECTORS, 1, new Space.Solver<Double>() {

			@Override
			public <V extends Vector<V>> Double solve(final Space<V> space) {
				final V x = space.newVolume(), b = space.newVolume().fill(1), projections = space.newProjections();
				return new ConjugateGradients<>(x).seconds((in, out) -> {
					space.forward(in, projections);
					space.adjoint(projections, out);
					return in.dot(out);
				}, b, x, iterations, progress);
			}
		});
	}

	/** γ σ_y² / r_t², what is added to the eigenvalues of A*A, mm². */
	private double weight(final double sigma) {
		return variance * (1 / (sigma * sigma) + 1 / (spread * spread));
	}
}
