package org.patchct.diffusion;

import java.util.function.Consumer;

import org.patchct.recon.AdmmTv;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * Settings of {@link DdimSampler}; the letters are those of Algorithm 1.
 *
 * @param margin voxels that blocks of a volume see of their surroundings on every side ({@link BlockDenoiser}), with priors
 *          that can be used like that; 0 for the prior's own patches, as in the paper
 * @param steps N, DDIM steps
 * @param passes K, predictions of each step, each from another tiling of patches
 * @param eta η, share of fresh noise in each step: 0 is deterministic, 1 forgets the predicted noise
 * @param temperature τ, scale of all noise that a step leaves in or adds to the next state: 1 draws samples, as in the
 *          paper; 0 lets the denoiser see the estimate itself, which makes the loop plug-and-play half-quadratic
 *          splitting (Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", 2021) and its result an
 *          estimate with a smaller error than any sample has
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
 * @param turned whether each prediction sees the volume another way round, as far as the prior has learned that
 * @param startShare most that what the first state was made of counts in the result, 0 to 1 (see {@link #startShare(int,
 *          Grid)}): errors of two reconstructions that are alike only in part are smaller in their mean than in either
 * @param weighted whether the measurements count by their photons in data consistency, and if there are few, in ADMM-TV's
 *          warm start. On limb_sts_018 and heart_ts at 64 voxels with 8 and 20 views, five iterations of conjugate
 *          gradients from the best ADMM-TV gained 0.1 to 1.6 dB by it at 1e4 photons, up to 0.5 at 1e5 and 0.2 without noise
 * @param nonNegative whether attenuations below 0 are set to 0 after every data consistency step, as in ADMM-TV
 * @param tv ADMM-TV of the warm start; null for the defaults with a weight that grows with the noise
 * @param sliceSteps steps of {@link SliceStage} after the warm start; 0 for none
 */
public record SamplerSettings(int margin, int steps, int passes, double eta, double temperature, int cgIterations,
	double proximal, WarmStart start, int startLevel, Offsets offsets, int samples, Spacing spacing, int order, int overlap,
	boolean turned, double startShare, boolean weighted, boolean nonNegative, AdmmTv.Settings tv, int sliceSteps)
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
	 * Lowest start level for samples. On limb_sts_018 and heart_ts with 8 views at 96 voxels, samples from level 500 were
	 * 0.02 and 0.7 dB worse than from level 200.
	 */
	private static final int SAMPLE_LEVEL = 200;

	/**
	 * An estimate in thirty steps from the ADMM-TV result at level 100, with data consistency that stops at the noise. All
	 * but the margin ({@link BlockDenoiser}) was chosen with the prior's own patches. The settings were compared by
	 * SamplerBench on volumes of the training split that the prior body-ct was not trained on, at 64 voxels with 1e5 photons, γ = 0.3, one seed each; PSNR, dB, for 4, 10 and 30 views:
	 *
	 * <pre>
	 *                               heart_ts             limb_sts_018         limb_sts_024
	 * ADMM-TV, for comparison       19.40 25.05 31.54    21.23 24.57 32.37    24.38 30.84 38.12
	 * level 50, 10 CG iterations    20.40 26.48 31.19    21.41 25.35 32.89    27.25 33.45 36.52
	 * level 50, 5                   20.39 26.37          21.42 25.28          27.18 33.64
	 * level 100, 10                 20.39 26.44 31.23    21.40 25.34 32.81    28.27 33.55 36.56
	 * level 100, 5                  20.36 26.31 30.98    21.40 25.23 32.72    28.05 33.65 37.10
	 * level 150, 8                  20.28 26.40          21.38 25.35          28.61 33.65
	 * level 50, 10, 16 steps        20.24 26.68          21.38 25.16          25.91 33.77
	 * </pre>
	 *
	 * and at 128 voxels with 4 and 30 views:
	 *
	 * <pre>
	 *                               heart_ts       limb_sts_018   limb_sts_024
	 * ADMM-TV, for comparison             31.54          31.16
	 * level 50, 20 CG iterations          33.37          33.46
	 * level 50, 10                  19.37 33.26          33.40    25.44
	 * level 100, 10                 19.27 33.21          33.29    26.21
	 * level 100, 5                        32.72          33.03
	 * </pre>
	 *
	 * Predictions that take turns in the eight mirrored orientations, with shares of the start of 0, 0.1, 0.2, 0.3 and 0.4 (128
	 * voxels, 10 iterations of conjugate gradients, level 100), gave:
	 *
	 * <pre>
	 *                 ADMM-TV   upright     0    0.1    0.2    0.3    0.4
	 * heart_ts       4  19.08     19.27  19.30  19.32  19.32  19.32  19.31
	 *               10  25.18     26.87  27.09  27.06  26.97  26.85  26.69
	 *               30  32.69     33.21  33.49  33.68  33.82  33.89  33.89
	 * limb_sts_018   4  20.61            20.56  20.59  20.60  20.62  20.63
	 *               10  23.82            24.20  24.22  24.22  24.22  24.20
	 *               30  31.59     33.29  33.53  33.70  33.77  33.75  33.64
	 * limb_sts_024   4  24.10     26.21  26.22  26.11  25.96  25.79  25.60
	 *               10  31.68            35.95  35.97  35.83  35.55  35.14
	 *               30  40.31            40.60  40.95  41.23  41.44  41.55
	 * B6SJLF1.J      4  30.17            31.12  31.13  31.11  31.07  31.00
	 *               10  35.85            37.72  37.77  37.76  37.68  37.55
	 *               30  41.09            42.41  42.56  42.64  42.66  42.60
	 * </pre>
	 *
	 * and all sixteen orientations with the share of {@link #startShare(int, Grid)} 33.90 and 33.87 on the first two with 30
	 * views (20 steps: 33.77 and 33.61).
	 * <p>
	 * With an earlier prior and sixteen steps from level 200, temperatures of 1, 0.5, 0.25 and 0 gave 28.93, 29.63, 29.76
	 * and 29.80 on the heart and 30.07, 30.20, 30.18 and 30.17 on the limb with 20 views.
	 * </p>
	 */
	public static final SamplerSettings FAST = new SamplerSettings(8, 30, 1, 1, 0, 10, 0.3, WarmStart.ADMM_TV, 100,
		Offsets.PAIRED, 1, Spacing.LOG_SIGMA, 1, 2, true, 0.5, true, true, null, 20);

	/**
	 * {@link #FAST} with twice the iterations of conjugate gradients, and eight tilings blended in the end. At 128 voxels with
	 * 1e5 photons and 10 and 30 views it gained 0.04 and 0.14 dB on heart_ts, 0.02 and 0.08 on limb_sts_018; with fifty steps
	 * it would be 0.05 and 0.06 on the heart. Two passes in each step lost 0.28 dB there with 30 views, and a first state
	 * without noise at temperature 0 changed no result by more than 0.02.
	 */
	public static final SamplerSettings QUALITY = FAST.withCgIterations(20).withOverlap(8);

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
		check("Margin of the blocks", margin, 0, 64);
		check("Sampling steps", steps, 1, TOP + 1);
		check("Passes per step", passes, 1, 100);
		check("Samples", samples, 1, 1000);
		check("Data-consistency iterations", cgIterations, 0, 1000);
		check("Start level", startLevel, 0, TOP);
		check("Steps with whole slices", sliceSteps, 0, SliceStage.LEVEL + 1);
		check("Order of the steps", order, 1, 2);
		if (overlap < 1 || overlap > 8 || Integer.bitCount(overlap) != 1) throw new InvalidInputException(
			"Overlapping tilings " + overlap + ": it must be 1 (none), 2, 4 or 8.");
		checkEta(eta);
		if (!(temperature >= 0 && temperature <= 1)) throw new InvalidInputException("Temperature " + temperature +
			": it must be from 0 (an estimate) to 1 (a sample).");
		if (!(proximal >= 0 && proximal <= 1e6)) throw new InvalidInputException("Proximal weight " + proximal +
			": it must be 0 (none) or positive, at most 1e6.");
		if (!(startShare >= 0 && startShare <= 1)) throw new InvalidInputException("Share of the start " + startShare +
			": it must be from 0 (none) to 1.");
		if (start == WarmStart.NOISE && startShare > 0) throw new InvalidInputException("Share of the start " + startShare +
			" from noise: noise has no place in the result. Set it to 0, or start from a reconstruction.");
		if (start == WarmStart.NOISE && sliceSteps > 0) throw new InvalidInputException("Steps with whole slices " +
			sliceSteps + " from noise: they improve a reconstruction. Set them to 0, or start from one.");
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
		this(0, steps, passes, eta, 1, cgIterations, proximal, start, startLevel, offsets, samples, Spacing.EVEN, 1, 1, false,
			0, false, false, null, 0);
	}

	/** Components on their way to new settings. */
	private static final class Draft {

		private int margin, steps, passes, cgIterations, startLevel, samples, order, overlap, sliceSteps;

		private double eta, temperature, proximal, startShare;

		private boolean turned, weighted, nonNegative;

		private WarmStart start;

		private Offsets offsets;

		private Spacing spacing;

		private AdmmTv.Settings tv;
	}

	private SamplerSettings with(final Consumer<Draft> change) {
		final Draft draft = new Draft();
		draft.margin = margin;
		draft.steps = steps;
		draft.passes = passes;
		draft.eta = eta;
		draft.temperature = temperature;
		draft.cgIterations = cgIterations;
		draft.proximal = proximal;
		draft.start = start;
		draft.startLevel = startLevel;
		draft.offsets = offsets;
		draft.samples = samples;
		draft.spacing = spacing;
		draft.order = order;
		draft.overlap = overlap;
		draft.turned = turned;
		draft.startShare = startShare;
		draft.weighted = weighted;
		draft.nonNegative = nonNegative;
		draft.tv = tv;
		draft.sliceSteps = sliceSteps;
		change.accept(draft);
		return new SamplerSettings(draft.margin, draft.steps, draft.passes, draft.eta, draft.temperature, draft.cgIterations, draft
			.proximal, draft.start, draft.startLevel, draft.offsets, draft.samples, draft.spacing, draft.order, draft.overlap,
			draft.turned, draft.startShare, draft.weighted, draft.nonNegative, draft.tv, draft.sliceSteps);
	}

	public SamplerSettings withMargin(final int value) {
		return with(draft -> draft.margin = value);
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

	public SamplerSettings withTemperature(final double value) {
		return with(draft -> draft.temperature = value);
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

	/**
	 * Draws samples in place of an estimate: a temperature of 1, a start level at which samples can differ, and nothing of the
	 * start in them.
	 *
	 * @param count samples
	 */
	public SamplerSettings drawing(final int count) {
		return withTemperature(1).withStart(start, Math.max(startLevel, SAMPLE_LEVEL)).withSamples(count).withStartShare(0);
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

	public SamplerSettings withTurned(final boolean value) {
		return with(draft -> draft.turned = value);
	}

	public SamplerSettings withStartShare(final double value) {
		return with(draft -> draft.startShare = value);
	}

	public SamplerSettings withWeighted(final boolean value) {
		return with(draft -> draft.weighted = value);
	}

	public SamplerSettings withNonNegative(final boolean value) {
		return with(draft -> draft.nonNegative = value);
	}

	public SamplerSettings withTv(final AdmmTv.Settings value) {
		return with(draft -> draft.tv = value);
	}

	public SamplerSettings withSliceSteps(final int value) {
		return with(draft -> draft.sliceSteps = value);
	}

	/**
	 * Share of what the first state was made of in the result: as many measurements as there are for each voxel of the field
	 * of view, a disc as wide as the grid, but at most {@link #startShare()}. The fewer they are, the more of a result comes
	 * from the prior, and the better prior is then the better reconstruction.
	 */
	double startShare(final int views, final Grid grid) {
		return Math.min(startShare, views / (Math.PI / 4 * Math.max(grid.nx(), grid.ny())));
	}

	static void check(final String what, final int value, final int low, final int high) {
		if (value < low || value > high) throw new InvalidInputException(what + " " + value + ": it must be from " + low +
			" to " + high + ".");
	}

	static void checkEta(final double eta) {
		if (!(eta >= 0 && eta <= 1)) throw new InvalidInputException("Eta " + eta + ": it must be from 0 to 1.");
	}

	@Override
	public String toString() {
		return (samples == 1 ? "" : "mean of " + samples + " samples of ") + steps + " steps from " + start + " at level " +
			startLevel + ", " + passes + (passes == 1 ? " pass" : " passes") + " with " + offsets + " offsets, eta " + eta +
			", " + cgIterations + " CG iterations" + (proximal == 0 ? "" : ", proximal weight " + proximal) + options();
	}

	/** What differs from the published steps. */
	private String options() {
		final StringBuilder text = new StringBuilder();
		if (margin > 0) text.append(", blocks with a margin of ").append(margin);
		if (temperature < 1) text.append(", temperature ").append(temperature);
		if (spacing != Spacing.EVEN) text.append(", ").append(spacing).append(" spacing");
		if (order > 1) text.append(", second order");
		if (overlap > 1) text.append(", last step blends ").append(overlap).append(" tilings");
		if (turned) text.append(", turned");
		if (startShare > 0) text.append(", up to ").append(startShare).append(" of the start");
		if (weighted) text.append(", weighted by photons");
		if (nonNegative) text.append(", non-negative");
		if (tv != null) text.append(", TV weight ").append(tv.lambda());
		if (sliceSteps > 0) text.append(", begun by ").append(sliceSteps).append(" steps with whole slices if views are few");
		return text.toString();
	}
}
