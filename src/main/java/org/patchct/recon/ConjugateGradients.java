package org.patchct.recon;

import java.util.function.ToDoubleBiFunction;

import org.patchct.task.Probe;
import org.patchct.task.Progress;
import org.patchct.volume.Vector;

/**
 * Conjugate gradients (Hestenes and Stiefel, 1952) for M x = b with M symmetric and positive semi-definite, such as the
 * normal equations of a projector plus a regulariser.
 */
public final class ConjugateGradients<V extends Vector<V>> {

	/** How many vectors an instance makes. */
	public static final int VECTORS = 3;

	private final V p, q, r;

	/**
	 * @param x any vector of the shape and memory of the unknowns; not used otherwise
	 */
	public ConjugateGradients(final V x) {
		p = x.zeros();
		q = x.zeros();
		r = x.zeros();
	}

	/**
	 * Improves x by at most {@code iterations} steps, fewer once the residual is below {@code tolerance} of b.
	 *
	 * @param operator writes M · first argument into the second and returns their inner product
	 * @param b right-hand side; not changed
	 * @param x start, overwritten by the result
	 * @param tolerance stop when ‖b − M x‖ ≤ tolerance · ‖b‖; 0 to use all iterations
	 * @return ‖b − M x‖ / ‖b‖ as the recursion sees it
	 */
	public double solve(final ToDoubleBiFunction<V, V> operator, final V b, final V x, final int iterations,
		final double tolerance, final Progress progress)
	{
		operator.applyAsDouble(x, q);
		r.set(q).scale(-1);
		return solveOn(operator, b, x, iterations, tolerance, progress);
	}

	/** To be called before b changes after a solve, so that {@link #solveOn} can be called after it. */
	public void release(final V b) {
		r.add(-1, b);
	}

	/**
	 * Like {@link #solve}, without the product M x that it begins with: the last solve was with the same M and left this x,
	 * and {@link #release} was called with its right-hand side.
	 */
	public double solveOn(final ToDoubleBiFunction<V, V> operator, final V b, final V x, final int iterations,
		final double tolerance, final Progress progress)
	{
		final double target = b.norm();
		if (target == 0) {
			x.fill(0);
			r.fill(0);
			return 0;
		}
		r.add(1, b);
		double rr = r.dot(r);
		double previous = 0;
		for (int i = 0; i < iterations && Math.sqrt(rr) > tolerance * target; i++) {
			progress.checkCancelled();
			if (i == 0) p.set(r);
			else p.combine((float) (rr / previous), 1, r);
			final double curvature = operator.applyAsDouble(p, q);
			// Rounding, or a start that already solves the equations: no descent is left along p.
			if (!(curvature > 0)) break;
			final float step = (float) (rr / curvature);
			previous = rr;
			rr = r.descend(step, p, q, x);
		}
		return Math.sqrt(rr) / target;
	}

	/**
	 * Seconds that {@link #solve} takes here and now, measured with a single iteration.
	 *
	 * @param b anything but zeros
	 * @param x overwritten
	 */
	public double seconds(final ToDoubleBiFunction<V, V> operator, final V b, final V x, final int iterations,
		final Progress progress)
	{
		// Reading the norm waits for a GPU.
		final double once = Probe.seconds(progress, () -> {
			operator.applyAsDouble(b, q);
			q.norm();
		});
		final double twice = Probe.seconds(progress, () -> solve(operator, b, x, 1, 0, Progress.SILENT));
		return iterations * twice - (iterations - 1) * once;
	}
}
