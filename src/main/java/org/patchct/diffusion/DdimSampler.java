package org.patchct.diffusion;

import org.patchct.task.Eta;
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
	 * @param progress told the step, the time left and, in network units, every x̂0'
	 * @return {@code state}
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public Columns sample(final Columns state, final Progress progress) {
		final int n = settings.steps(), k = settings.passes();
		final int[] levels = schedule.descending(settings.startLevel(), n);
		final NoiseField first = NoiseField.of(seed, START);
		if (settings.start() == WarmStart.NOISE) first.mixInto(state.fill(0), 0, 1);
		else first.mixInto(state, signal(levels[0]), noise(levels[0]));
		final Columns mean = state.zeros(), predictedNoise = state.zeros();
		// A single pass needs no sum.
		final Columns clean = k == 1 ? mean : state.zeros();
		final Eta eta = new Eta(progress);
		for (int i = 0; i < n; i++) {
			eta.step("Step", i, n);
			final int t = levels[i];
			for (int w = 0; w < k; w++) {
				denoiser.denoise(state, t, offset(i, w, state), NoiseField.of(seed, PADDING, i, w), clean, progress);
				gather(state, clean, t, w == 0, mean, predictedNoise);
				// The paper noises again after the last pass too, but nothing reads that state.
				if (w < k - 1) NoiseField.of(seed, PASS, i, w).mixInto(state.set(clean), signal(t), noise(t));
			}
			consistency.apply(mean, progress);
			progress.preview(Layouts.toImage(mean));
			if (i < n - 1) step(mean, predictedNoise, levels[i + 1], NoiseField.of(seed, STEP, i), state);
		}
		progress.update("Step " + n + " of " + n, 1);
		return state.set(mean);
	}

	private int[] offset(final int step, final int pass, final Columns state) {
		return settings.offsets().draw(seed, step, pass, settings.passes(), denoiser.patch(), state.nx(), state.ny(), state
			.nz());
	}

	/** mean ← (mean +) x̂0 / K; ε̂ ← (ε̂ +) ε / √K with ε = (x_t − √ᾱ x̂0) / √(1−ᾱ) */
	private void gather(final Columns state, final Columns clean, final int t, final boolean first, final Columns mean,
		final Columns predictedNoise)
	{
		final int k = settings.passes();
		final float share = 1f / k, signal = signal(t), toNoise = (float) (1 / (noise(t) * Math.sqrt(k)));
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

	/** x_{t−1} from x̂0' and ε̂ */
	private void step(final Columns mean, final Columns predictedNoise, final int t, final NoiseField fresh,
		final Columns state)
	{
		final double eta = settings.eta();
		final float signal = signal(t), kept = (float) (noise(t) * Math.sqrt(1 - eta * eta));
		state.forColumns(c -> {
			final float[] x = state.data()[c], m = mean.data()[c], e = predictedNoise.data()[c];
			for (int z = 0; z < x.length; z++)
				x[z] = signal * m[z] + kept * e[z];
		});
		if (eta > 0) fresh.mixInto(state, 1, (float) (noise(t) * eta));
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
