package org.patchct.diffusion;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Steps between the warm start and those of {@link DdimSampler} with patches alone, where views are few: what is wrong then
 * is spread over whole slices, and the mean of what a prior of patches and one of slices predict is nearer to the truth
 * than either. On volumes of the training split that the priors body-ct and body-ct-slices were not trained on, at 64
 * voxels with 1e5 photons, PSNR, dB:
 *
 * <pre>
 *                          limb_sts_024    limb_sts_018    heart_ts
 * views                        4     10        4     10        4     10
 * ADMM-TV                  23.67  31.15    21.23  24.64    19.60  25.70
 * 30 steps with patches    27.57  32.87    21.80  25.85    20.42  26.39
 * 20 of these, before them
 *   20 with slices         28.31  32.72    21.60  27.30    19.74  26.29  (from level 400)
 *   20 with the mean       28.63  32.73    21.53  26.82    20.28         (from level 400)
 *   20 with the mean       29.02  32.71    21.68  27.00    20.50  26.30
 *   10 with the mean       28.35           21.76  26.52    20.37  26.34
 * </pre>
 *
 * With 30 views heart_ts lost 0.5 dB, and with few the mouse B6SJLF1.J lost 0.3, so that the bundled prior of mice goes
 * without.
 */
final class SliceStage {

	/** Timestep that the stage starts from. */
	static final int LEVEL = 100;

	/** Views for each bin of the detector at most: between 10 and 30 at 64 voxels, which take 91 bins. */
	private static final double FEW = 0.15;

	private final Prior prior;

	private final Denoiser denoiser;

	private final SliceDenoiser slices;

	private final SamplerSettings settings;

	/**
	 * @param patches denoises with the prior for patches
	 * @param known settings of that prior
	 * @throws InvalidInputException if the prior is not of slices, or in other units than that for patches
	 */
	SliceStage(final Prior prior, final Denoiser patches, final PriorSettings known, final SamplerSettings settings,
		final Grid grid, final Stopwatch watch)
	{
		requireFit(prior.settings(), known);
		this.prior = prior;
		this.settings = settings.withSteps(1).withStart(settings.start(), LEVEL).withSteps(settings.sliceSteps()).withPasses(1)
			.withOverlap(1).withTemperature(0);
		slices = new SliceDenoiser(prior, SliceGroups.single(grid.nz()), grid.nx(), grid.ny(), watch);
		denoiser = new Mean(patches, slices);
	}

	private static void requireFit(final PriorSettings slices, final PriorSettings patches) {
		PriorNeed.SLICES.require(slices, PatchDiffusion.NAME);
		if (!units(slices).equals(units(patches))) throw new InvalidInputException("The prior of slices \"" + slices.name() +
			"\" was trained on " + units(slices) + ", but the prior \"" + patches.name() + "\" that it lies beside on " + units(
				patches) + ". Train both alike, or set slices=false.");
	}

	private static String units(final PriorSettings prior) {
		return "values from " + prior.low() + " to " + prior.high() + " " + prior.unit() + " as " + prior.networkLow() + " to " +
			prior.networkHigh();
	}

	/** The prior of slices for a scan with few views; null if there are many, or no such prior is known to help. */
	static PriorChoice choose(final PriorChoice patches, final ScanGeometry geometry) {
		return geometry.views() > FEW * geometry.bins() || PriorChoice.MOUSE.equals(patches.bundled()) ? null : PriorNeed.SLICES
			.companion(patches);
	}

	/** Improves a reconstruction in network units, in place. */
	void improve(final Columns x, final DataConsistency consistency, final long seed, final Progress progress) {
		new DdimSampler(NoiseSchedule.of(prior.settings()), denoiser, consistency, settings, seed).sample(x, progress);
	}

	/** Seconds that the prior of slices takes in all steps, measured by a probe. */
	double seconds(final Columns shape, final Progress progress) {
		return settings.steps() * slices.seconds(shape, progress);
	}

	/** The mean of two predictions. */
	private record Mean(Denoiser first, Denoiser second) implements Denoiser {

		@Override
		public int patch() {
			return first.patch();
		}

		@Override
		public void denoise(final Columns noisy, final int timestep, final Placement placement, final NoiseField padding,
			final Columns clean, final Progress progress)
		{
			final Columns other = clean.zeros();
			first.denoise(noisy, timestep, placement, padding, clean, progress);
			second.denoise(noisy, timestep, placement, padding, other, progress);
			clean.combine(0.5f, 0.5f, other);
		}
	}
}
