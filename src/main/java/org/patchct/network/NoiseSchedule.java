package org.patchct.network;

import java.util.Objects;

import org.patchct.task.InvalidInputException;

/**
 * How much noise each level t = 0…T−1 has: x_t = signal(t) x0 + noise(t) ε. Level −1 is the clean volume, signal 1 and
 * noise 0.
 */
public final class NoiseSchedule {

	/** What becomes of the variance as noise is added. */
	public enum Kind {

		/** Preserved: x_t = √ᾱ_t x0 + √(1−ᾱ_t) ε with linear β, ᾱ_t = Π (1 − β_s), s = 0…t (Ho et al. 2020). */
		VP,

		/** Exploding: x_t = x0 + σ_t ε with σ_t = σmin (σmax/σmin)^(t/(T−1)) (Song et al. 2021). */
		VE
	}

	private static final NoiseSchedule HO = new NoiseSchedule(1000, 1e-4, 0.02);

	private final Kind kind;

	private final double first, last;

	private final double[] alphaBar, noise;

	/**
	 * Of T levels.
	 *
	 * @param first β of level 0 (VP), or σ of it (VE), in network units
	 * @param last β or σ of level T − 1
	 */
	public NoiseSchedule(final Kind kind, final int levels, final double first, final double last) {
		final boolean preserving = kind == Kind.VP;
		if (levels < 1 || !(first > 0 && last >= first && last < (preserving ? 1 : Double.POSITIVE_INFINITY)))
			throw new InvalidInputException("Noise schedule of " + levels + " levels with " + (preserving ? "β " : "σ ") +
				first + "…" + last + ": it needs at least one level, and 0 < " + (preserving ? "β < 1" : "σ < ∞") +
				", not decreasing.");
		this.kind = kind;
		this.first = first;
		this.last = last;
		alphaBar = new double[levels];
		noise = new double[levels];
		double product = 1;
		for (int t = 0; t < levels; t++) {
			final double share = levels == 1 ? 0 : (double) t / (levels - 1);
			if (preserving) product *= 1 - (levels == 1 ? first : first + (last - first) * t / (levels - 1));
			alphaBar[t] = product;
			noise[t] = preserving ? Math.sqrt(1 - product) : first * Math.pow(last / first, share);
		}
	}

	/** Variance preserving: T levels, β from {@code betaStart} to {@code betaEnd} inclusive. */
	public NoiseSchedule(final int levels, final double betaStart, final double betaEnd) {
		this(Kind.VP, levels, betaStart, betaEnd);
	}

	/** The schedule of Ho et al. 2020: variance preserving, T = 1000, β linear from 1e-4 to 0.02. */
	public static NoiseSchedule ho() {
		return HO;
	}

	/** The schedule a prior was trained on. */
	public static NoiseSchedule of(final PriorSettings settings) {
		return settings.schedule();
	}

	public Kind kind() {
		return kind;
	}

	/** β of level 0 (VP), or its σ (VE). */
	public double first() {
		return first;
	}

	/** β of level T − 1 (VP), or its σ (VE). */
	public double last() {
		return last;
	}

	/** T. */
	public int levels() {
		return alphaBar.length;
	}

	/** ᾱ_t, the square of {@link #signal}; 1 for t = −1. */
	public double alphaBar(final int t) {
		return t == -1 ? 1 : alphaBar[t];
	}

	/** √ᾱ_t, the weight of the clean volume. */
	public double signal(final int t) {
		return Math.sqrt(alphaBar(t));
	}

	/** The weight of the noise: √(1 − ᾱ_t), or σ_t. */
	public double noise(final int t) {
		return t == -1 ? 0 : noise[t];
	}

	/** Standard deviation of the noise relative to the clean volume, noise / signal, in network units. */
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
	 * What a network is told of a level: t itself where the variance is preserved, and otherwise the level of {@link #ho},
	 * between two where need be, that has the same σ. Since networks see x_t / signal, the weights of a prior of that
	 * schedule so are those of a prior of this one.
	 */
	public float told(final int t) {
		if (kind == Kind.VP) return t;
		final double sigma = sigma(t);
		int above = 0;
		while (above < HO.levels() && HO.sigma(above) < sigma)
			above++;
		if (above == 0 || above == HO.levels()) return Math.max(0, above - 1);
		final double low = Math.log(HO.sigma(above - 1)), high = Math.log(HO.sigma(above));
		return (float) (above - 1 + (Math.log(sigma) - low) / (high - low));
	}

	/** The level that is as noisy as level {@code t} of {@link #ho}; t itself where the variance is preserved. */
	public int like(final int t) {
		return kind == Kind.VP ? t : levelOf(HO.sigma(t));
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

	@Override
	public boolean equals(final Object other) {
		return other instanceof NoiseSchedule s && kind == s.kind && levels() == s.levels() && first == s.first &&
			last == s.last;
	}

	@Override
	public int hashCode() {
		return Objects.hash(kind, levels(), first, last);
	}

	@Override
	public String toString() {
		return kind + ", " + levels() + " levels, " + (kind == Kind.VP ? "β " : "σ ") + first + "…" + last;
	}
}
