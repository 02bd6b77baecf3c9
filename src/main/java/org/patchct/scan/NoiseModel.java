package org.patchct.scan;

import java.util.SplittableRandom;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;

/**
 * Photon counting and electronic noise of a detector: a line integral p is measured as −ln(n / I0) with n = Poisson(I0
 * e^−p) + N(0, σ²), n at least {@value #MIN_COUNT}.
 *
 * @param photons I0, photons that an unobstructed bin counts; 0 for no noise. 10⁶ is usual in the clinic, 10⁴ low dose.
 * @param electronicSigma σ, standard deviation of the electronic noise in photons; 0 for none
 */
public record NoiseModel(double photons, double electronicSigma) {

	public static final NoiseModel NONE = new NoiseModel(0, 0);

	/** Counts below this are taken as this, so that the logarithm of a photon-starved bin stays finite. */
	public static final double MIN_COUNT = 0.5;

	public NoiseModel {
		if (!(photons == 0 || photons >= 1) || Double.isInfinite(photons)) throw new InvalidInputException(
			"Photons per bin " + photons + ": it must be 0 (no noise) or at least 1; 1e6 is usual, 1e4 low dose.");
		if (!(electronicSigma >= 0) || Double.isInfinite(electronicSigma)) throw new InvalidInputException(
			"Electronic noise " + electronicSigma + " photons: it must be 0 or positive.");
	}

	/**
	 * Replaces line integrals by noisy ones. Each plane has a random stream of its own, derived from the seed and its
	 * index, so the result does not depend on the number of threads.
	 *
	 * @param planes line integrals, one array a view
	 */
	public void apply(final float[][] planes, final long seed) {
		if (photons == 0) return;
		Parallel.loop(planes.length, view -> {
			// Weyl increment of SplitMix64 (Steele, Lea and Flood, 2014) keeps the streams apart.
			final SplittableRandom random = new SplittableRandom(seed ^ (view + 1) * 0x9E3779B97F4A7C15L);
			final float[] plane = planes[view];
			for (int i = 0; i < plane.length; i++) {
				double count = poisson(photons * Math.exp(-plane[i]), random);
				if (electronicSigma > 0) count += electronicSigma * gaussian(random);
				plane[i] = (float) -Math.log(Math.max(count, MIN_COUNT) / photons);
			}
		});
	}

	/**
	 * A Poisson number: by multiplication of uniforms for small means (Knuth), else by transformed rejection with squeeze
	 * (PTRS, W. Hörmann, Insurance: Mathematics and Economics 12:39, 1993), whose constants these are.
	 */
	static double poisson(final double mean, final SplittableRandom random) {
		if (mean < 10) {
			final double limit = Math.exp(-mean);
			int k = 0;
			for (double product = random.nextDouble(); product > limit; product *= random.nextDouble())
				k++;
			return k;
		}
		final double logMean = Math.log(mean);
		final double b = 0.931 + 2.53 * Math.sqrt(mean), a = -0.059 + 0.02483 * b;
		final double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2);
		while (true) {
			final double u = random.nextDouble() - 0.5, v = random.nextDouble();
			final double us = 0.5 - Math.abs(u);
			final double k = Math.floor((2 * a / us + b) * u + mean + 0.43);
			if (us >= 0.07 && v <= vr) return k;
			if (k < 0 || us < 0.013 && v > us) continue;
			if (Math.log(v * inverseAlpha / (a / (us * us) + b)) <= k * logMean - mean - logFactorial(k)) return k;
		}
	}

	/** ln k! by Stirling's series, whose error is below 1e-9 from k = 10; the exact sum below. */
	private static double logFactorial(final double k) {
		if (k < 10) {
			double sum = 0;
			for (int i = 2; i <= k; i++)
				sum += Math.log(i);
			return sum;
		}
		return (k + 0.5) * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * k) - 1 / (360 * k * k * k) + 1 / (1260 *
			Math.pow(k, 5));
	}

	/** A standard normal number by the polar method (Marsaglia and Bray, 1964). */
	private static double gaussian(final SplittableRandom random) {
		while (true) {
			final double x = 2 * random.nextDouble() - 1, y = 2 * random.nextDouble() - 1, r = x * x + y * y;
			if (r > 0 && r < 1) return x * Math.sqrt(-2 * Math.log(r) / r);
		}
	}
}
