package org.patchct.scan;

/** The minimum of a sampled function. */
public final class Minimum {

	private Minimum() { }

	/**
	 * Where a parabola through the least sample and its neighbours is least, in samples from the first; the least sample
	 * itself at either end.
	 */
	public static double refined(final double[] samples) {
		int least = 0;
		for (int i = 1; i < samples.length; i++)
			if (samples[i] < samples[least]) least = i;
		if (least == 0 || least == samples.length - 1) return least;
		final double before = samples[least - 1], after = samples[least + 1];
		final double curvature = before - 2 * samples[least] + after;
		return curvature > 0 ? least + 0.5 * (before - after) / curvature : least;
	}
}
