package org.patchct.train;

import java.util.List;

import org.patchct.network.FbpScan;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.network.WaveletConfig;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Intensity;

/** What to train, and how, by the machine at hand. */
public enum TrainingPreset {

	/** The compact network and {@link TrainingSettings#laptop}. */
	LAPTOP("Laptop", 8000) {

		@Override
		TrainingSettings settings(final int steps, final long seed) {
			return TrainingSettings.laptop(steps, seed);
		}
	},

	/**
	 * The compact network, with eight times as many patches a step as {@link #LAPTOP} and more steps, for a longer mean of
	 * the weights. Its numbers follow from those of LAPTOP and were not compared with others.
	 */
	GPU("GPU", 30000) {

		@Override
		TrainingSettings settings(final int steps, final long seed) {
			return new TrainingSettings(steps, 32, 16, 1.5, 2e-3, Math.min(500, steps / 10), 0.01, 0.9, 0.99, 1, 0.999, true, true,
				Optimiser.MUON, true, List.of(0.7, 0.3), 0.1, seed, Math.max(1, Math.min(500, steps / 4)), 120);
		}
	},

	/**
	 * As published (Yang et al. 2025): the network of 68.6 million parameters, ε-prediction, patches of 32³, batch 64, noise
	 * levels uniform, Adam at 2e-5 without weight decay, running mean of the weights 0.999, no augmentation. β2 and the
	 * gradient's clipping are those of the DDIM repository, whose network it is. The paper says how long it trained (8 days)
	 * and not how many steps; and here the rate falls linearly to 0 and the patches of a step share eight volumes.
	 */
	PAPER("Paper", 400000) {

		@Override
		TrainingSettings settings(final int steps, final long seed) {
			return new TrainingSettings(steps, 64, 8, 1, 2e-5, 0, 0, 0.9, 0.999, 1, 0.999, false, false, seed, Math.max(1, Math
				.min(1000, steps / 4)), 300);
		}
	};

	private final String label;

	private final int steps;

	TrainingPreset(final String label, final int steps) {
		this.label = label;
		this.steps = steps;
	}

	abstract TrainingSettings settings(int steps, long seed);

	/**
	 * How to train.
	 *
	 * @param wanted number of steps; 0 for the preset's
	 */
	public TrainingSettings training(final int wanted, final long seed) {
		return settings(wanted == 0 ? steps : wanted, seed);
	}

	/**
	 * How to train a prior of any kind. Slices are fewer a step: with 1200 steps of 2 instead of 600 of 4, validation volumes
	 * of the human CT were denoised better by 0.3 to 0.4 dB at levels 50 to 400.
	 *
	 * @param wanted number of steps; 0 for the preset's, twice as many for slices
	 */
	public TrainingSettings training(final int wanted, final long seed, final PriorKind kind) {
		if (kind == PriorKind.PATCHES) return training(wanted, seed);
		requireCompact(kind);
		return training(wanted == 0 ? 2 * steps : wanted, seed).halved();
	}

	/**
	 * How to train a network for FBP-UNet: like a prior of single slices, but for the noise levels, of which there is one.
	 * Pairs are turned at random in the ways that leave the streaks of such scans as they are.
	 *
	 * @param wanted number of steps; 0 for the preset's
	 */
	public TrainingSettings training(final int wanted, final long seed, final FbpScan scan) {
		return training(wanted, seed, PriorKind.SLICES).ofOneLevel(scan.keepsFlips(), scan.keepsTransposes());
	}

	private void requireCompact(final PriorKind kind) {
		if (this == PAPER) throw new InvalidInputException("The preset " + this + " for " + kind + ": it is for " +
			PriorKind.PATCHES + " only. Choose " + LAPTOP + " or " + GPU + ".");
	}

	/** σ of the first and last level of DiffusionMBIR (Chung et al. 2023) for images in [0, 1]. */
	private static final double SIGMA_MIN = 0.01, SIGMA_MAX = 378;

	/** Level of {@link NoiseSchedule#ho} at which the second expert takes over, as in {@link WaveletConfig#compact}. */
	private static final int BOUND = 300;

	/**
	 * What to train, of any kind: slices with {@link WaveletConfig#compactSlices} and the window of the compact prior.
	 *
	 * @throws InvalidInputException if VE is asked for with other than single slices, or slices with {@link #PAPER}
	 */
	public PriorSettings prior(final String name, final String unit, final PriorKind kind,
		final NoiseSchedule.Kind schedule)
	{
		if (schedule != NoiseSchedule.Kind.VP && kind != PriorKind.SLICES) throw new InvalidInputException("The schedule " +
			schedule + " for " + kind + ": it is for " + PriorKind.SLICES + " only. Choose " + NoiseSchedule.Kind.VP + ".");
		if (kind == PriorKind.PATCHES) return prior(name, unit);
		requireCompact(kind);
		final PriorSettings cubes = LAPTOP.prior(name, unit);
		final NoiseSchedule ho = NoiseSchedule.ho();
		final double span = cubes.networkHigh() - cubes.networkLow();
		final NoiseSchedule levels = schedule == NoiseSchedule.Kind.VP ? ho : new NoiseSchedule(schedule, ho.levels(),
			SIGMA_MIN * span, SIGMA_MAX * span);
		return new PriorSettings(name, WaveletConfig.compactSlices(kind.slices(), levels.like(BOUND)), false,
			false, Prediction.CLEAN, levels, cubes.networkLow(), cubes.networkHigh(), unit, cubes.low(), cubes.high(), null);
	}

	/**
	 * What to train for FBP-UNet: a denoiser of one level whose noise is the error of the FBP. In 240 steps on human CT with
	 * 10 views, where the FBP has 15.5 dB, it came to 21.7, 22.5, 23.1 and 23.3 dB after 60, 120, 180 and 240 steps on
	 * validation volumes. A network that is plainly added to the FBP came to 21.2, 22.3, 23.0 and 23.2 dB, and one that knows
	 * the FBP's error in each band to 21.7 and 22.4 dB after 60 and 120 steps.
	 *
	 * @param slices a prior of slices with the wanted name and window
	 * @param error root of the FBP's mean squared error, network units
	 */
	public static PriorSettings fbp(final PriorSettings slices, final FbpScan scan, final double error) {
		return new PriorSettings(slices.name(), WaveletConfig.compactSlices(1), false, false, Prediction.CLEAN,
			new NoiseSchedule(NoiseSchedule.Kind.VE, 1, error, error), slices.networkLow(), slices.networkHigh(), slices.unit(),
			slices.low(), slices.high(), scan, null);
	}

	/**
	 * What to train: the window is −1000…1000 HU, or that of {@link Intensity#ATTENUATION}. Grey volumes are each seen
	 * through their own window, so their prior's is 0…1.
	 *
	 * @param unit of the volumes' values
	 */
	public PriorSettings prior(final String name, final String unit) {
		final Intensity window = unit.equals(Intensity.HU.unit()) ? Intensity.HU : unit.equals(Intensity.ATTENUATION.unit())
			? Intensity.ATTENUATION : Intensity.grey(0, 1);
		final boolean published = this == PAPER;
		// T and β: Ho et al. 2020, as in the paper.
		return new PriorSettings(name, published ? UNetConfig.paper() : WaveletConfig.compact(), true, true, published
			? Prediction.EPSILON : Prediction.CLEAN, NoiseSchedule.ho(), published ? -1 : 0, published ? 1 : 2, unit, window
				.low(), window.high(), null);
	}

	@Override
	public String toString() {
		return label;
	}
}
