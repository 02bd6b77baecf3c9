package org.patchct.diffusion;

import java.util.Map;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.projector.Projector;
import org.patchct.recon.ConjugateGradients;
import org.patchct.recon.MethodSettings;
import org.patchct.recon.Reconstructor;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

import org.scijava.plugin.Plugin;

/**
 * DiffusionMBIR with a prior of single slices whose noise explodes (Chung, Ryu, McCann, Klasky and Ye, "Solving 3D Inverse
 * Problems using Pre-trained 2D Diffusion Models", 2023): {@link PredictorCorrector}, whose noisy volume gets a sweep of
 * {@link AxialAdmm} in every step. The public code's step towards the measurements after the last one is not in the paper,
 * and left out.
 */
@Plugin(type = Reconstructor.class, name = DiffusionMbir.NAME)
public final class DiffusionMbir extends SliceDiffusion {

	public static final String NAME = "DiffusionMBIR";

	/**
	 * Settings; the defaults are the paper's.
	 *
	 * @param steps N, 2 to 10000; the network runs twice in each. Fewer are as even in the logarithm of σ
	 * @param snr the corrector's ratio of signal to noise, 0 (no corrector) to 1
	 * @param admm of the data consistency
	 */
	public record Settings(int steps, double snr, AxialAdmm.Settings admm) {

		public static final Settings DEFAULT = new Settings(2000, 0.16, new AxialAdmm.Settings(1, AxialAdmm.Settings.RHO, 0));

		public Settings {
			SamplerSettings.check("Sampling steps", steps, 2, 10_000);
			if (!(snr >= 0 && snr <= 1)) throw new InvalidInputException("Signal-to-noise ratio snr " + snr +
				": it must be from 0 to 1; the paper has 0.16.");
		}
	}

	private final Settings settings;

	public DiffusionMbir() {
		this(Settings.DEFAULT);
	}

	public DiffusionMbir(final Settings settings) {
		this.settings = settings;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	PriorNeed need() {
		return PriorNeed.SLICES_VE;
	}

	@Override
	SliceGroups.Plan plan(final int slices) {
		return SliceGroups.single(slices);
	}

	@Override
	DataConsistency consistency(final Projector projector, final Columns measured, final PriorSettings prior) {
		return new AxialAdmm(projector, measured, prior.networkLow(), prior.networkHigh(), settings.admm());
	}

	@Override
	Columns sample(final NoiseSchedule schedule, final Denoiser denoiser, final DataConsistency consistency,
		final Columns state, final long seed, final Progress progress)
	{
		return new PredictorCorrector(schedule, denoiser, consistency, settings.steps(), settings.snr(), seed).sample(state,
			progress);
	}

	/** State, x̂0, the last one, and noise; A*y, right-hand side and v. */
	@Override
	int volumes() {
		return 7 + ConjugateGradients.VECTORS;
	}

	@Override
	public DiffusionMbir with(final Map<String, String> values) {
		final MethodSettings chosen = new MethodSettings(values);
		final Settings usual = Settings.DEFAULT;
		final DiffusionMbir method = new DiffusionMbir(new Settings(chosen.integer("steps", usual.steps), chosen.number(
			"snr", usual.snr), AxialAdmm.Settings.of(chosen, usual.admm)));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		return NAME + ", " + settings.steps() + " steps, snr " + settings.snr() + ", " + settings.admm();
	}
}
