package org.patchct.train;

import org.patchct.task.Parallel;

/**
 * AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019, algorithm 2) over a set of parameter arrays, with the gradient
 * scaled down to a largest norm first. The moments are plain arrays, so that a checkpoint can hold them.
 */
final class AdamW {

	private static final double EPSILON = 1e-8; // Kingma and Ba 2015, section 2

	private final double beta1, beta2, weightDecay, clipNorm;

	private final float[][] first, second;

	AdamW(final TrainingSettings settings, final float[][] weights) {
		beta1 = settings.beta1();
		beta2 = settings.beta2();
		weightDecay = settings.weightDecay();
		clipNorm = settings.clipNorm();
		first = zeros(weights);
		second = zeros(weights);
	}

	private static float[][] zeros(final float[][] like) {
		final float[][] arrays = new float[like.length][];
		for (int i = 0; i < like.length; i++)
			arrays[i] = new float[like[i].length];
		return arrays;
	}

	/** Running mean of the gradient. */
	float[][] first() {
		return first;
	}

	/** Running mean of the squared gradient. */
	float[][] second() {
		return second;
	}

	/** What a gradient is scaled by to be no longer than the longest allowed; parts that are null have no gradient. */
	float clip(final float[][] gradients) {
		final double[] squares = new double[gradients.length];
		Parallel.loop(gradients.length, i -> {
			if (gradients[i] == null) return;
			double sum = 0;
			for (final float g : gradients[i])
				sum += (double) g * g;
			squares[i] = sum;
		});
		double norm = 0;
		for (final double square : squares)
			norm += square;
		return (float) Math.min(1, clipNorm / Math.sqrt(norm));
	}

	/**
	 * Changes {@code weights} by one step, number {@code step} from 0; those without a gradient (null) stay.
	 *
	 * @param scale what the gradient is scaled by, from {@link #clip}
	 */
	void step(final int step, final double learningRate, final float[][] weights, final float[][] gradients,
		final float scale)
	{
		final float b1 = (float) beta1, b2 = (float) beta2;
		final float rate = (float) (learningRate / (1 - Math.pow(beta1, step + 1)));
		final float correction = (float) (1 / Math.sqrt(1 - Math.pow(beta2, step + 1)));
		final float keep = (float) (1 - learningRate * weightDecay);
		Parallel.loop(weights.length, i -> {
			if (gradients[i] == null) return;
			final float[] w = weights[i], g = gradients[i], m = first[i], v = second[i];
			for (int j = 0; j < w.length; j++) {
				final float gradient = scale * g[j];
				m[j] = b1 * m[j] + (1 - b1) * gradient;
				v[j] = b2 * v[j] + (1 - b2) * gradient * gradient;
				w[j] = keep * w[j] - rate * m[j] / ((float) Math.sqrt(v[j]) * correction + (float) EPSILON);
			}
		});
	}
}
