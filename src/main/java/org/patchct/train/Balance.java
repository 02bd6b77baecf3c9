package org.patchct.train;

import org.patchct.network.NoiseSchedule;

/**
 * Running mean of the loss by noise level. Dividing by it lets every level count alike: else the high levels, whose loss
 * is high however good the network is, drown the low ones with the noise of their gradients. In runs of equal time (90 s on
 * one core) it was worth 0.3, 0.5, 0.9 and 0.8 dB of denoising at levels 50, 100, 200 and 400.
 */
final class Balance {

	/** Ranges of levels that share a mean, evenly spread in the root of the level. */
	private static final int BINS = 20;

	/** Weight of a new value in the mean, once there are as many. */
	private static final double RATE = 0.02;

	private final int levels;

	private final double[] means, counts;

	Balance(final NoiseSchedule schedule) {
		levels = schedule.levels();
		means = new double[BINS];
		counts = new double[BINS];
	}

	/** Takes in the loss of a patch and returns the factor that makes it count like any other. */
	double weight(final int level, final double loss) {
		final int bin = (int) (Math.sqrt((double) level / levels) * BINS);
		means[bin] += (loss - means[bin]) * Math.max(RATE, 1 / ++counts[bin]);
		return 1 / means[bin];
	}

	/** Means and counts, for a checkpoint. */
	double[][] state() {
		return new double[][] { means.clone(), counts.clone() };
	}

	void restore(final double[][] state) {
		System.arraycopy(state[0], 0, means, 0, BINS);
		System.arraycopy(state[1], 0, counts, 0, BINS);
	}
}
