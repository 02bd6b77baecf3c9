package org.patchct.diffusion;

import org.patchct.network.NoiseSchedule;
import org.patchct.task.CancelledException;
import org.patchct.task.Eta;
import org.patchct.task.Iterate;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;

/**
 * Draws a volume from a prior whose noise explodes, x_t = x0 + σ_t ε, by the predictor-corrector method (Y. Song et al.,
 * "Score-Based Generative Modeling through Stochastic Differential Equations", 2021, algorithms 2 and 4), with data
 * consistency of the noisy volume after each step, as in DiffusionMBIR:
 *
 * <pre>
 * x = σ_{N−1} z
 * for i = N−1 … 0, with σ_{−1} = 0:
 *   s = (x̂0(x, σ_i) − x) / σ_i²;   x ← x + (σ_i² − σ_{i−1}²) s + √(σ_i² − σ_{i−1}²) z
 *   s = (x̂0(x, σ_i) − x) / σ_i²;   ε = 2 (r ‖z‖ / ‖s‖)²;   x ← x + ε s + √(2ε) z
 *   x ← data consistency(x)
 * </pre>
 *
 * with norms that are means over the slices (in the public code over a dozen, its batch). The σ_i are even in
 * their logarithm from the schedule's smallest to its largest; the network is told the nearest level. The result is the
 * last x, noise of the smallest σ included. Everything random comes from the seed.
 */
final class PredictorCorrector {

	private final NoiseSchedule schedule;

	private final Denoiser denoiser;

	private final DataConsistency consistency;

	private final int steps;

	private final double snr;

	private final long seed;

	/**
	 * @param schedule of exploding variance
	 * @param steps N, at least 2
	 * @param snr r, the corrector's ratio of signal to noise
	 */
	PredictorCorrector(final NoiseSchedule schedule, final Denoiser denoiser, final DataConsistency consistency,
		final int steps, final double snr, final long seed)
	{
		this.schedule = schedule;
		this.denoiser = denoiser;
		this.consistency = consistency;
		this.steps = steps;
		this.snr = snr;
		this.seed = seed;
	}

	/**
	 * Runs the loop.
	 *
	 * @param state overwritten by the result, in network units; only its shape matters
	 * @param progress told the step, the time left and, in network units, every x̂0 of the corrector; a cancelled run keeps
	 *          the last
	 * @return {@code state}
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	Columns sample(final Columns state, final Progress progress) {
		final Columns clean = state.zeros(), noise = state.zeros(), kept = state.zeros();
		NoiseField.of(seed, DdimSampler.START).mixInto(state.fill(0), 0, (float) sigma(steps - 1));
		final Eta eta = new Eta(progress);
		for (int i = steps - 1; i >= 0; i--) {
			final int step = steps - 1 - i;
			eta.step("Step", step, steps);
			try {
				step(state, i, clean, kept, noise, progress);
			}
			catch (final CancelledException e) {
				if (step > 0) progress.iterated(new Iterate(step, steps, () -> Layouts.toImage(kept)));
				throw e;
			}
		}
		progress.update("Step " + steps + " of " + steps, 1);
		return state;
	}

	private void step(final Columns state, final int i, final Columns clean, final Columns kept, final Columns noise,
		final Progress progress)
	{
		final int step = steps - 1 - i;
		// As the network knows it: its score is that of this level.
		final double variance = Math.pow(schedule.sigma(level(i)), 2);
		denoise(state, i, 0, clean, progress);
		final double removed = Math.pow(sigma(i), 2) - Math.pow(sigma(i - 1), 2);
		follow(state, clean, removed / variance);
		NoiseField.of(seed, DdimSampler.STEP, step).mixInto(state, 1, (float) Math.sqrt(removed));
		denoise(state, i, 1, clean, progress);
		kept.set(clean);
		progress.iterated(new Iterate(step + 1, steps, () -> Layouts.toImage(kept)));
		NoiseField.of(seed, DdimSampler.PASS, step).mixInto(noise, 0, 1);
		final double score = distance(clean, state) / variance;
		// Nothing is left to correct where the score vanishes.
		final double size = score == 0 ? 0 : 2 * Math.pow(snr * norm(noise) / score, 2);
		follow(state, clean, size / variance);
		state.add((float) Math.sqrt(2 * size), noise);
		consistency.apply(state, sigma(i), progress);
	}

	private void denoise(final Columns state, final int i, final int pass, final Columns clean, final Progress progress) {
		denoiser.denoise(state, level(i), Placement.ORIGIN, NoiseField.of(seed, DdimSampler.PADDING, steps - 1 - i, pass), clean,
			progress);
	}

	/** x ← x + share · (x̂0 − x) */
	private static void follow(final Columns state, final Columns clean, final double share) {
		state.combine((float) (1 - share), (float) share, clean);
	}

	/** σ_i */
	private double sigma(final int i) {
		if (i < 0) return 0;
		final double smallest = schedule.sigma(0), largest = schedule.sigma(schedule.levels() - 1);
		return smallest * Math.pow(largest / smallest, (double) i / (steps - 1));
	}

	/** The level of the network that is nearest to σ_i. */
	private int level(final int i) {
		return (int) Math.round((double) i * (schedule.levels() - 1) / (steps - 1));
	}

	/** Mean over the slices of ‖x‖. */
	private static double norm(final Columns x) {
		return distance(x, null);
	}

	/** Mean over the slices of ‖x − y‖; y may be null for 0. */
	private static double distance(final Columns x, final Columns y) {
		final int nz = x.nz();
		final double[][] rows = new double[x.ny()][nz];
		Parallel.loop(x.ny(), row -> {
			for (int i = row * x.nx(); i < (row + 1) * x.nx(); i++)
				for (int z = 0; z < nz; z++) {
					final double d = y == null ? x.data()[i][z] : (double) x.data()[i][z] - y.data()[i][z];
					rows[row][z] += d * d;
				}
		});
		double sum = 0;
		for (int z = 0; z < nz; z++) {
			double squares = 0;
			for (final double[] row : rows)
				squares += row[z];
			sum += Math.sqrt(squares);
		}
		return sum / nz;
	}
}
