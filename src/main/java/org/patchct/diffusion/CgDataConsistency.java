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
 */
public final class CgDataConsistency implements DataConsistency {

	private final Projector projector;

	private final int iterations;

	private final Columns backProjection, projections;

	private final float weight;

	/**
	 * @param projector A, for volumes in the prior's window units
	 * @param measured y in the same units times mm; not changed
	 * @param iterations M; 0 leaves x̂0 alone
	 * @param proximal γ; 0 for the paper's method
	 */
	public CgDataConsistency(final Projector projector, final Columns measured, final int iterations,
		final double proximal)
	{
		this.projector = projector;
		this.iterations = iterations;
		projections = projector.newProjections();
		backProjection = projector.newVolume();
		projector.adjoint(measured, backProjection);
		weight = proximal == 0 ? 0 : (float) (proximal * projector.normSquared());
	}

	@Override
	public void apply(final Columns clean, final Progress progress) {
		if (iterations == 0) return;
		// Network units run from −1 to 1 where the window runs from 0 to 1.
		clean.affine(0.5f, 0.5f);
		final Columns b = weight == 0 ? backProjection : backProjection.copy().add(weight, clean);
		ConjugateGradients.solve(this::normal, b, clean, iterations, 0, progress);
		clean.affine(2, -1);
	}

	private void normal(final Columns x, final Columns out) {
		projector.forward(x, projections);
		projector.adjoint(projections, out);
		if (weight != 0) out.add(weight, x);
	}
}
