package org.patchct.diffusion;

import java.util.function.Consumer;

import org.patchct.recon.AdmmTv;
import org.patchct.task.InvalidInputException;

/**
 * Settings of {@link DdimSampler}; the letters are those of Algorithm 1.
 *
 * @param steps N, DDIM steps
 * @param passes K, predictions of each step, each from another tiling of patches
 * @param eta η, share of fresh noise in each step: 0 is deterministic, 1 forgets the predicted noise
 * @param cgIterations M, conjugate-gradient iterations of each data consistency step
 * @param proximal γ of {@link CgDataConsistency}, for noisy data: 1 weighs the measurements by their noise, less trusts
 *          them more, 0 wholly, as in the paper
 * @param start what the first state is made of
 * @param startLevel timestep of the first state; T − 1 for pure noise
 * @param offsets how the tiling is shifted
 * @param samples reconstructions that are drawn and averaged. One sample shows what the object may look like; the mean
 *          of several is closer to it, and smoother
 * @param spacing how the steps are spread over the noise levels
 * @param order 1 for DDIM's steps, 2 for steps that extrapolate x̂0 from the last two
 * @param overlap tilings that are blended in the last step, so that no patch borders remain: 1 (none), 2, 4 or 8
 * @param weighted whether the measurements count by their photons in data consistency, and if there are few, in ADMM-TV's
 *          warm start. On limb_sts_018 and heart_ts at 64 voxels with 8 and 20 views, five iterations of conjugate
 *          gradients from the best ADMM-TV gained 0.1 to 1.6 dB by it at 1e4 photons, up to 0.5 at 1e5 and 0.2 without noise
 * @param tv ADMM-TV of the warm start; null for the defaults with a weight that grows with the noise
 */
public record SamplerSettings(int steps, int passes, double eta, int cgIterations, double proximal, WarmStart start,
	int startLevel, Offsets offsets, int samples, Spacing spacing, int order, int overlap, boolean weighted,
	AdmmTv.Settings tv)
{

	/** Highest timestep of every prior's schedule, T − 1. */
	public static final int TOP = 999;

	/**
	 * Reconstruction as published: N = 200, K = 2, η = 0.8, from noise. The paper does not state M; DDS, whose data
	 * consistency it is, uses 5.
	 */
	public static final SamplerSettings PAPER = new SamplerSettings(200, 2, 0.8, 5, 0, WarmStart.NOISE, TOP,
		Offsets.RANDOM, 1);

	/** Unconditional generation as published: N = 200, K = 1, η = 0.4, no data. */
	public static final SamplerSettings GENERATE = new SamplerSettings(200, 1, 0.4, 0, 0, WarmStart.NOISE, TOP,
		Offsets.RANDOM, 1);

	/**
	 * Four samples of a few steps from a low level. With the prior body-ct the settings were compared by SamplerBench on
	 * two volumes of the training split that the prior was not trained on, at 96 voxels, without noise, one seed each;
	 * PSNR, dB:
	 *
	 * <pre>
	 * steps, level, samples        limb_sts_018, 8 views   heart_ts, 8 views   heart_ts, 20 views
	 * ADMM-TV, for comparison              22.47                23.15                30.29
	 * 4 steps, level  20, 1 sample                                                   28.84
	 * 4 steps, level  50, 1 sample         22.38
	 * 4 steps, level  50, 4 samples        22.62                23.04                28.74
	 * 4 steps, level  50, 8 samples        22.65
	 * 4 steps, level 100, 8 samples        22.72
	 * 4 steps, level 200, 1 sample         22.20
	 * 4 steps, level 200, 4 samples        22.64                22.49
	 * 4 steps, level 200, 8 samples        22.72
	 * 2 steps, level 200, 8 samples        22.62
	 * 4 steps, level 400, 8 samples        22.58
	 * 8 steps, level 400, 1 sample         21.94
	 * </pre>
	 *
	 * This prior gains little over ADMM-TV on the limb and loses to it on the heart, more at 20 views than at 8; a low
	 * start level loses least. At level 200 with four samples, η = 0 or 10 CG iterations gave 22.65 on the limb; one
	 * sample of four passes 22.32; and 20 CG iterations 22.54 on the heart with 8 views.
	 */
	public static final SamplerSettings FAST = new SamplerSettings(4, 1, 0.85, 5, 0, WarmStart.ADMM_TV, 50,
		Offsets.ONE_AXIS, 4);

	/**
	 * Twice the samples of {@link #FAST} from a higher level, in twice the time. Measured on the limb only (see there): on
	 * scans that ADMM-TV reconstructs well, the lower level of FAST can be the better choice with body-ct.
	 */
	public static final SamplerSettings QUALITY = new SamplerSettings(4, 1, 0.85, 5, 0, WarmStart.ADMM_TV, 100,
		Offsets.ONE_AXIS, 8);

	/** The settings to choose from for reconstruction. */
	public enum Preset {

		FAST("Fast", SamplerSettings.FAST),
		QUALITY("Quality", SamplerSettings.QUALITY),
		PAPER("Paper", SamplerSettings.PAPER);

		private final String label;

		private final SamplerSettings settings;

		Preset(final String label, final SamplerSettings settings) {
			this.label = label;
			this.settings = settings;
		}

		public SamplerSettings settings() {
			return settings;
		}

		@Override
		public String toString() {
			return label;
		}
	}

	public SamplerSettings {
		check("Sampling steps", steps, 1, TOP + 1);
		check("Passes per step", passes, 1, 100);
		check("Samples", samples, 1, 1000);
		check("Data-consistency iterations", cgIterations, 0, 1000);
		check("Start level", startLevel, 0, TOP);
		check("Order of the steps", order, 1, 2);
		if (overlap < 1 || overlap > 8 || Integer.bitCount(overlap) != 1) throw new InvalidInputException(
			"Overlapping tilings " + overlap + ": it must be 1 (none), 2, 4 or 8.");
		if (!(eta >= 0 && eta <= 1)) throw new InvalidInputException("Eta " + eta + ": it must be from 0 to 1.");
		if (!(proximal >= 0 && proximal <= 1e6)) throw new InvalidInputException("Proximal weight " + proximal +
			": it must be 0 (none) or positive, at most 1e6.");
		if (start == WarmStart.NOISE && startLevel != TOP) throw new InvalidInputException("Start level " + startLevel +
			" from noise: noise is the state of level " + TOP + ". Set that level, or start from a reconstruction.");
		if (steps > startLevel + 1) throw new InvalidInputException("Sampling steps " + steps + " from start level " +
			startLevel + ": there can be at most " + (startLevel + 1) +
			". Use fewer steps or a higher start level.");
	}

	/** The steps as published: even in t, of order 1, without overlap; and the warm start's defaults. */
	public SamplerSettings(final int steps, final int passes, final double eta, final int cgIterations,
		final double proximal, final WarmStart start, final int startLevel, final Offsets offsets, final int samples)
	{
		this(steps, passes, eta, cgIterations, proximal, start, startLevel, offsets, samples, Spacing.EVEN, 1, 1, false, null);
	}

	/** Components on their way to new settings. */
	private static final class Draft {

		private int steps, passes, cgIterations, startLevel, samples, order, overlap;

		private double eta, proximal;

		private boolean weighted;

		private WarmStart start;

		private Offsets offsets;

		private Spacing spacing;

		private AdmmTv.Settings tv;
	}

	private SamplerSettings with(final Consumer<Draft> change) {
		final Draft draft = new Draft();
		draft.steps = steps;
		draft.passes = passes;
		draft.eta = eta;
		draft.cgIterations = cgIterations;
		draft.proximal = proximal;
		draft.start = start;
		draft.startLevel = startLevel;
		draft.offsets = offsets;
		draft.samples = samples;
		draft.spacing = spacing;
		draft.order = order;
		draft.overlap = overlap;
		draft.weighted = weighted;
		draft.tv = tv;
		change.accept(draft);
		return new SamplerSettings(draft.steps, draft.passes, draft.eta, draft.cgIterations, draft.proximal, draft.start,
			draft.startLevel, draft.offsets, draft.samples, draft.spacing, draft.order, draft.overlap, draft.weighted,
			draft.tv);
	}

	public SamplerSettings withSteps(final int value) {
		return with(draft -> draft.steps = value);
	}

	public SamplerSettings withPasses(final int value) {
		return with(draft -> draft.passes = value);
	}

	public SamplerSettings withEta(final double value) {
		return with(draft -> draft.eta = value);
	}

	public SamplerSettings withCgIterations(final int value) {
		return with(draft -> draft.cgIterations = value);
	}

	public SamplerSettings withProximal(final double value) {
		return with(draft -> draft.proximal = value);
	}

	public SamplerSettings withStart(final WarmStart value, final int level) {
		return with(draft -> {
			draft.start = value;
			draft.startLevel = level;
		});
	}

	public SamplerSettings withOffsets(final Offsets value) {
		return with(draft -> draft.offsets = value);
	}

	public SamplerSettings withSamples(final int value) {
		return with(draft -> draft.samples = value);
	}

	public SamplerSettings withSpacing(final Spacing value) {
		return with(draft -> draft.spacing = value);
	}

	public SamplerSettings withOrder(final int value) {
		return with(draft -> draft.order = value);
	}

	public SamplerSettings withOverlap(final int value) {
		return with(draft -> draft.overlap = value);
	}

	public SamplerSettings withWeighted(final boolean value) {
		return with(draft -> draft.weighted = value);
	}

	public SamplerSettings withTv(final AdmmTv.Settings value) {
		return with(draft -> draft.tv = value);
	}

	private static void check(final String what, final int value, final int low, final int high) {
		if (value < low || value > high) throw new InvalidInputException(what + " " + value + ": it must be from " + low +
			" to " + high + ".");
	}

	@Override
	public String toString() {
		return (samples == 1 ? "" : "mean of " + samples + " samples of ") + steps + " steps from " + start + " at level " +
			startLevel + ", " + passes + (passes == 1 ? " pass" : " passes") + " with " + offsets + " offsets, eta " + eta +
			", " + cgIterations + " CG iterations" + (proximal == 0 ? "" : ", proximal weight " + proximal) + options();
	}

	/** What differs from the published steps. */
	private String options() {
		return (spacing == Spacing.EVEN ? "" : ", " + spacing + " spacing") + (order == 1 ? "" : ", second order") +
			(overlap == 1 ? "" : ", last step blends " + overlap + " tilings") + (weighted ? ", weighted by photons" : "") +
			(tv == null ? "" : ", TV weight " + tv.lambda());
	}
}
