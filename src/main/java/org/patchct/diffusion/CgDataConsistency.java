package org.patchct.diffusion;

import org.patchct.projector.Projector;
import org.patchct.recon.ConjugateGradients;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/**
 * Data consistency of Algorithm 1: some conjugate-gradient iterations on the normal equations A*A x = A*y, started at
 * x̂0. Stopping early keeps x̂0 wherever the projections say nothing, that is, in the null space of A.
 * <p>
 * With a proximal weight γ &gt; 0 the equations are those of min ½‖A x − y‖² + ½γ‖A*A‖ ‖x − x̂0‖², which also keeps x̂0
 * where the projections say little more than noise. γ is relative to the largest eigenvalue of A*A, so a value carries
 * over to other sizes and numbers of views.
 * </p>
 * <p>
 * Window units reach the network as x = low + (high − low) · window. The measurements are taken along: the system is
 * solved in network units for y = low · A1 + (high − low) · measured, whose iterates are the same volumes.
 * </p>
 */
public final class CgDataConsistency implements DataConsistency {

	private final Projector projector;

	private final int iterations;

	private final Columns backProjection, projections;

	private final float weight;

	/**
	 * @param projector A
	 * @param measured line integrals in window units times mm; not changed
	 * @param networkLow network value of the window's 0
	 * @param networkHigh network value of the window's 1
	 * @param iterations M; 0 leaves x̂0 alone
	 * @param proximal γ; 0 for the paper's method
	 */
	public CgDataConsistency(final Projector projector, final Columns measured, final double networkLow,
		final double networkHigh, final int iterations, final double proximal)
	{
		this.projector = projector;
		this.iterations = iterations;
		backProjection = projector.newVolume();
		projections = projector.newProjections();
		projector.forward(backProjection.fill((float) networkLow), projections);
		projector.adjoint(projections.add((float) (networkHigh - networkLow), measured), backProjection);
		weight = proximal == 0 ? 0 : (float) (proximal * projector.normSquared());
	}

	@Override
	public void apply(final Columns clean, final Progress progress) {
		if (iterations == 0) return;
		final Columns b = weight == 0 ? backProjection : backProjection.copy().add(weight, clean);
		ConjugateGradients.solve(this::normal, b, clean, iterations, 0, progress);
	}

	private void normal(final Columns x, final Columns out) {
		projector.forward(x, projections);
		projector.adjoint(projections, out);
		if (weight != 0) out.add(weight, x);
	}
}
