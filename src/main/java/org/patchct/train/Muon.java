package org.patchct.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.nio.FloatBuffer;

/**
 * A step of Muon (Jordan et al. 2024) for one matrix of weights: the gradient's momentum is replaced by the nearest
 * matrix with orthonormal rows, so that every direction is learned at the same pace, and scaled to the size of AdamW's
 * steps (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2) so that learning rates carry over.
 */
final class Muon {

	/** Decay of the momentum (Jordan et al. 2024). */
	private static final float DECAY = 0.95f;

	/** Newton–Schulz iterations, and the coefficients of their polynomial (Jordan et al. 2024). */
	private static final int ITERATIONS = 5;

	private static final float A = 3.4445f, B = -4.7750f, C = 2.0315f;

	/** Root mean square of AdamW's steps, over the learning rate (Liu et al. 2025). */
	private static final double ADAMW_STEP = 0.2;

	private Muon() { }

	/**
	 * Changes {@code weights} and {@code momentum} by one step.
	 *
	 * @param rows of the matrix, the convolution's output channels
	 * @param scale of the gradient, to clip its norm
	 */
	static void step(final NDManager manager, final double rate, final double weightDecay, final int rows,
		final float[] weights, final float[] momentum, final float[] gradient, final float scale)
	{
		final int n = weights.length, columns = n / rows;
		final float[] look = new float[n];
		double square = 0;
		for (int i = 0; i < n; i++) {
			final float g = (1 - DECAY) * scale * gradient[i];
			momentum[i] = DECAY * momentum[i] + g;
			look[i] = g + DECAY * momentum[i];
			square += (double) look[i] * look[i];
		}
		final float norm = (float) (1 / (Math.sqrt(square) + 1e-12)); // against 0/0
		for (int i = 0; i < n; i++)
			look[i] *= norm;
		final float[] step = orthogonal(manager, look, rows, columns);
		final float keep = (float) (1 - rate * weightDecay), pace = (float) (rate * ADAMW_STEP * Math.sqrt(Math.max(rows,
			columns)));
		for (int i = 0; i < n; i++)
			weights[i] = keep * weights[i] - pace * step[i];
	}

	/** About the nearest matrix with orthonormal rows or columns, for a matrix of Frobenius norm 1. */
	static float[] orthogonal(final NDManager manager, final float[] matrix, final int rows, final int columns) {
		try (NDManager scope = manager.newSubManager()) {
			NDArray x = scope.create(FloatBuffer.wrap(matrix), new Shape(rows, columns));
			if (rows > columns) x = x.transpose();
			for (int i = 0; i < ITERATIONS; i++)
				try (NDArray old = x; NDArray turned = old.transpose(); NDArray q = old.matMul(turned); NDArray q2 = q.matMul(q);
						NDArray linear = q.mul(B); NDArray quadratic = q2.mul(C); NDArray polynomial = linear.add(quadratic);
						NDArray product = polynomial.matMul(old); NDArray kept = old.mul(A))
				{
					x = kept.add(product);
				}
			return (rows > columns ? x.transpose() : x).toFloatArray();
		}
	}
}
