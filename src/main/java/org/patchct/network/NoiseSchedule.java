package org.patchct.network;

import org.patchct.task.InvalidInputException;

/**
 * The variance-preserving noise schedule x_t = √ᾱ_t x0 + √(1−ᾱ_t) ε with linear β (Ho et al. 2020): ᾱ_t = Π (1 − β_s),
 * s = 0…t, for the levels t = 0…T−1. Level −1 is the clean volume, ᾱ = 1.
 */
public final class NoiseSchedule {

	private final double[] alphaBar;

	/** T levels, β from {@code betaStart} to {@code betaEnd} inclusive. */
	public NoiseSchedule(final int levels, final double betaStart, final double betaEnd) {
		if (levels < 1 || !(betaStart > 0 && betaEnd >= betaStart && betaEnd < 1)) throw new InvalidInputException(
			"Noise schedule of " + levels + " levels with β " + betaStart + "…" + betaEnd +
				": it needs at least one level, and 0 < β < 1, not decreasing.");
		alphaBar = new double[levels];
		double product = 1;
		for (int t = 0; t < levels; t++) {
			product *= 1 - (levels == 1 ? betaStart : betaStart + (betaEnd - betaStart) * t / (levels - 1));
			alphaBar[t] = product;
		}
	}

	/** The schedule a prior was trained on. */
	public static NoiseSchedule of(final PriorSettings settings) {
		return new NoiseSchedule(settings.timesteps(), settings.betaStart(), settings.betaEnd());
	}

	/** T. */
	public int levels() {
		return alphaBar.length;
	}

	/** ᾱ_t; 1 for t = −1. */
	public double alphaBar(final int t) {
		return t == -1 ? 1 : alphaBar[t];
	}

	/** √ᾱ_t, the weight of the clean volume. */
	public double signal(final int t) {
		return Math.sqrt(alphaBar(t));
	}

	/** √(1 − ᾱ_t), the weight of the noise. */
	public double noise(final int t) {
		return Math.sqrt(1 - alphaBar(t));
	}

	/** √((1 − ᾱ_t)/ᾱ_t), standard deviation of the noise relative to the clean volume, in network units. */
	public double sigma(final int t) {
		return noise(t) / signal(t);
	}

	/** The level whose {@link #sigma} is nearest to {@code sigma}. */
	public int levelOf(final double sigma) {
		int best = 0;
		for (int t = 1; t < levels(); t++)
			if (Math.abs(Math.log(sigma(t) / sigma)) < Math.abs(Math.log(sigma(best) / sigma))) best = t;
		return best;
	}

	/**
	 * {@code steps} levels evenly spread from {@code first} down towards 0, each at the upper end of its share, as DDIM
	 * runs through them: the level after the last of them is −1.
	 */
	public int[] descending(final int first, final int steps) {
		if (first < 0 || first >= levels()) throw new InvalidInputException("Noise level " + first +
			": it must lie in 0…" + (levels() - 1) + ".");
		if (steps < 1 || steps > first + 1) throw new InvalidInputException(steps + " steps from noise level " + first +
			": there must be between 1 and " + (first + 1) + ".");
		final int[] result = new int[steps];
		for (int i = 0; i < steps; i++)
			result[i] = (int) ((long) (steps - i) * (first + 1) / steps) - 1;
		return result;
	}
}
