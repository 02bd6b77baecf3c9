package org.patchct.diffusion;

import org.patchct.network.NoiseSchedule;
import org.patchct.task.InvalidInputException;

/** How a sampler's steps are spread over the noise levels. */
public enum Spacing {

	/** Even in the timestep t, as in the paper. */
	EVEN("even"),

	/** Even in the logarithm of σ, the noise relative to the clean volume, down to level 0. */
	LOG_SIGMA("log sigma"),

	/**
	 * Even in σ^(1/7) down to level 0 (Karras et al., "Elucidating the design space of diffusion-based generative models",
	 * 2022, equation 5 with ρ = 7): between the other two.
	 */
	KARRAS("Karras");

	private static final double RHO = 7;

	private final String label;

	Spacing(final String label) {
		this.label = label;
	}

	/**
	 * Levels to run through; the one after the last is −1.
	 *
	 * @param first the first of them
	 * @param steps how many, 1 to first + 1
	 * @return strictly decreasing levels
	 * @throws InvalidInputException if there are not so many
	 */
	public int[] levels(final NoiseSchedule schedule, final int first, final int steps) {
		final int[] levels = schedule.descending(first, steps);
		if (this == EVEN) return levels;
		final double top = schedule.sigma(first), bottom = schedule.sigma(0);
		for (int i = 1; i < steps; i++) {
			final double share = (double) i / (steps - 1);
			final double sigma = this == LOG_SIGMA ? top * Math.pow(bottom / top, share) : Math.pow((1 - share) * Math.pow(top,
				1 / RHO) + share * Math.pow(bottom, 1 / RHO), RHO);
			// The lowest levels are further apart in σ than steps can be: each takes one, and leaves one to each after it.
			levels[i] = Math.max(steps - 1 - i, Math.min(levels[i - 1] - 1, schedule.levelOf(sigma)));
		}
		return levels;
	}

	@Override
	public String toString() {
		return label;
	}
}
