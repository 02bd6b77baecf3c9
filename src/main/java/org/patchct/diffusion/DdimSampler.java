package org.patchct.diffusion;

import org.patchct.network.NoiseSchedule;
import org.patchct.task.CancelledException;
import org.patchct.task.Eta;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;

/**
 * Draws a volume from a prior, step by step from noise to image, with data consistency in every step: Algorithm 1 of
 * Yang, Hu, Fessler and Shen, "Local Patches Meet Global Context: Scalable 3D Diffusion Priors for CT Reconstruction"
 * (2025):
 *
 * <pre>
 * for t = N … 1:
 *   for w = 1 … K:   random offset; predict every patch: x̂0_w, ε_w;   x_t ← √ᾱ_t x̂0_w + √(1−ᾱ_t) z
 *   x̂0 = mean(x̂0_w);   ε̂ = Σ ε_w / √K
 *   x̂0' = data consistency(x̂0)
 *   x_{t−1} = √ᾱ_{t−1} x̂0' + √(1−ᾱ_{t−1}) (√(1−η²) ε̂ + η z)
 * </pre>
 *
 * where ε_w is the noise that x_t holds beside x̂0_w. The last step ends at ᾱ = 1 and returns its x̂0'. The passes see the
 * volume cut differently, so that their mean shows no patch borders.
 * <p>
 * Beyond the paper, a temperature τ scales all √(1−ᾱ) of the states that are written, at 0 to none, while the denoiser
 * is still told t; the last step can blend tilings that overlap by half a patch, all predicted from the same state, in
 * place of its passes; predictions can see the volume in another {@link Orientation} each; and steps of order 2 take x̂0'
 * further along the line from the last step's x̂0':
 * </p>
 *
 * <pre>
 * D = x̂0' + (λ_{t−1} − λ_t) / (2 (λ_t − λ_{t+1})) · (x̂0' − last x̂0'),   λ = log(√ᾱ / √(1−ᾱ))
 * </pre>
 *
 * which with η = 0, K = 1 and without data consistency is DPM-Solver++(2M) (Lu et al. 2022, algorithm 2).
 * <p>
 * Without data consistency the same loop generates volumes. Everything random comes from the seed: the same seed gives
 * the same volume as far as the denoiser repeats itself.
 * </p>
 */
public final class DdimSampler {

	/** First elements of the paths of noise fields, by purpose. */
	static final int START = 0, STEP = 1, PASS = 2, PADDING = 3, OFFSET = 4;

	private final NoiseSchedule schedule;

	private final Denoiser denoiser;

	private final DataConsistency consistency;

	private final SamplerSettings settings;

	private final long seed;

	public DdimSampler(final NoiseSchedule schedule, final Denoiser denoiser, final DataConsistency consistency,
		final SamplerSettings settings, final long seed)
	{
		this.schedule = schedule;
		this.denoiser = denoiser;
		this.consistency = consistency;
		this.settings = settings;
		this.seed = seed;
	}

	/**
	 * Runs the loop.
	 *
	 * @param state overwritten by the result; in network units. With {@link WarmStart#NOISE} only its shape matters, else
	 *          it is the clean volume that the first state is made of
	 * @param progress told the step, the time left and, in network units, every x̂0'; a cancelled run keeps the last, or before
	 *          there is one the volume that it began with
	 * @return {@code state}
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public Columns sample(final Columns state, final Progress progress) {
		final int n = settings.steps(), k = settings.passes();
		final int[] levels = settings.spacing().levels(schedule, settings.startLevel(), n);
		final boolean warm = settings.start() != WarmStart.NOISE;
		final Columns previous = n == 1 ? null : warm ? state.copy() : state.zeros();
		final NoiseField first = NoiseField.of(seed, START);
		if (warm) first.mixInto(state, signal(levels[0]), noise(levels[0]));
		else first.mixInto(state.fill(0), 0, 1);
		final Columns mean = state.zeros(), predictedNoise = state.zeros();
		// A single pass needs no sum.
		final Columns clean = k == 1 ? mean : state.zeros();
		final Eta eta = new Eta(progress);
		for (int i = 0; i < n; i++) {
			eta.step("Step", i, n);
			final int t = levels[i];
			try {
				if (i == n - 1 && settings.overlap() > 1) blend(state, t, i, predictedNoise, mean, progress);
				else for (int w = 0; w < k; w++) {
					denoiser.denoise(state, t, Placement.at(offset(i, w, state), turn(i * k + w)), NoiseField.of(seed,
						PADDING, i, w), clean, progress);
					gather(state, clean, t, w == 0, mean, predictedNoise);
					// The paper noises again after the last pass too, but nothing reads that state.
					if (w < k - 1) NoiseField.of(seed, PASS, i, w).mixInto(state.set(clean), signal(t), scaledNoise(t));
				}
				consistency.apply(mean, schedule.sigma(t), progress);
			}
			catch (final CancelledException e) {
				if (previous != null && (i > 0 || warm)) progress.iterated(new Iterate(i, n, () -> Layouts.toImage(previous)));
				throw e;
			}
			progress.iterated(new Iterate(i + 1, n, () -> Layouts.toImage(mean)));
			if (i == n - 1) break;
			final int next = levels[i + 1];
			step(mean, predictedNoise, next, state);
			if (settings.order() > 1 && i > 0) extrapolate(mean, previous, levels[i - 1], t, next, state);
			previous.set(mean);
			final float fresh = (float) (scaledNoise(next) * settings.eta());
			if (fresh > 0) NoiseField.of(seed, STEP, i).mixInto(state, 1, fresh);
		}
		progress.update("Step " + n + " of " + n, 1);
		return state.set(mean);
	}

	/** x̂0 ← mean over tilings half a patch apart, each counting least at the faces of its patches. */
	private void blend(final Columns state, final int t, final int step, final Columns scratch, final Columns blended,
		final Progress progress)
	{
		final int[][] offsets = Offsets.overlapping(offset(step, 0, state), settings.overlap(), denoiser.patch());
		final OverlapWindow window = new OverlapWindow(offsets, denoiser.patch(), state.nx(), state.ny(), state.nz());
		blended.fill(0);
		for (int w = 0; w < offsets.length; w++) {
			denoiser.denoise(state, t, Placement.at(offsets[w], turn(step * settings.passes() + w)), NoiseField.of(seed,
				PADDING, step, 0), scratch, progress);
			window.add(w, scratch, blended);
		}
	}

	private int[] offset(final int step, final int pass, final Columns state) {
		return settings.offsets().draw(seed, step, pass, settings.passes(), denoiser.patch(), state.nx(), state.ny(), state
			.nz());
	}

	/** Number of the orientation that a prediction sees the volume in. */
	private int turn(final int prediction) {
		return settings.turned() ? prediction : 0;
	}

	/** mean ← (mean +) x̂0 / K; ε̂ ← (ε̂ +) ε / √K with ε = (x_t − √ᾱ x̂0) / √(1−ᾱ) */
	private void gather(final Columns state, final Columns clean, final int t, final boolean first, final Columns mean,
		final Columns predictedNoise)
	{
		final int k = settings.passes();
		final float share = 1f / k, signal = signal(t), toNoise = (float) (1 / (noise(t) * Math.sqrt(k)));
		if (!keepsNoise()) {
			if (clean == mean) return;
			if (first) mean.fill(0);
			mean.add(share, clean);
			return;
		}
		state.forColumns(c -> {
			final float[] x = state.data()[c], x0 = clean.data()[c], m = mean.data()[c], e = predictedNoise.data()[c];
			if (first) for (int z = 0; z < x.length; z++) {
				e[z] = toNoise * (x[z] - signal * x0[z]);
				m[z] = share * x0[z];
			}
			else for (int z = 0; z < x.length; z++) {
				e[z] += toNoise * (x[z] - signal * x0[z]);
				m[z] += share * x0[z];
			}
		});
	}

	/** x_{t−1} from x̂0' and ε̂, without the fresh noise */
	private void step(final Columns mean, final Columns predictedNoise, final int next, final Columns state) {
		final float signal = signal(next), kept = kept(next);
		if (!keepsNoise()) {
			state.set(mean).scale(signal);
			return;
		}
		state.forColumns(c -> {
			final float[] x = state.data()[c], m = mean.data()[c], e = predictedNoise.data()[c];
			for (int z = 0; z < x.length; z++)
				x[z] = signal * m[z] + kept * e[z];
		});
	}

	/** Adds to x_{t−1} what changes with D for x̂0', also in the noise that x_t then holds. */
	private void extrapolate(final Columns mean, final Columns previous, final int last, final int t, final int next,
		final Columns state)
	{
		final double ahead = Math.log(schedule.sigma(t) / schedule.sigma(next));
		final double behind = Math.log(schedule.sigma(last) / schedule.sigma(t));
		final float weight = (float) (ahead / (2 * behind) * (signal(next) - kept(next) / schedule.sigma(t)));
		state.forColumns(c -> {
			final float[] x = state.data()[c], m = mean.data()[c], p = previous.data()[c];
			for (int z = 0; z < x.length; z++)
				x[z] += weight * (m[z] - p[z]);
		});
	}

	/** Whether any step makes use of the predicted noise. */
	private boolean keepsNoise() {
		return settings.eta() < 1 && settings.temperature() > 0;
	}

	/** Weight of the predicted noise at a level: what fresh noise leaves of √(1−ᾱ). */
	private float kept(final int t) {
		return (float) (scaledNoise(t) * Math.sqrt(1 - settings.eta() * settings.eta()));
	}

	/** τ √(1−ᾱ_t) */
	private float scaledNoise(final int t) {
		return (float) (settings.temperature() * schedule.noise(t));
	}

	/** √ᾱ_t */
	private float signal(final int t) {
		return (float) schedule.signal(t);
	}

	/** √(1−ᾱ_t) */
	private float noise(final int t) {
		return (float) schedule.noise(t);
	}
}
