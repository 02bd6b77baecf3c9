package org.patchct.diffusion;

import java.util.Map;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.projector.Projector;
import org.patchct.recon.ConjugateGradients;
import org.patchct.recon.MethodSettings;
import org.patchct.recon.Reconstructor;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

import org.scijava.plugin.Plugin;

/**
 * Decomposed diffusion sampling with a prior of single slices (Chung, Lee and Ye, "Decomposed Diffusion Sampler for
 * Accelerating Large-Scale Inverse Problems", 2024): {@link DdimSampler} from pure noise, whose x̂0, slice by slice, gets a
 * sweep of {@link AxialAdmm} in every step.
 * <p>
 * Steps are even in t from T − 1; the public code's have the same distances and end at t = 0, where there is no noise left
 * that matters.
 * </p>
 */
@Plugin(type = Reconstructor.class, name = Dds.NAME)
public final class Dds extends SliceDiffusion {

	public static final String NAME = "DDS";

	/**
	 * Settings; the defaults are the public code's.
	 *
	 * @param steps 1 to 1000
	 * @param eta η, share of fresh noise in each step, 0 to 1
	 * @param admm of the data consistency
	 */
	public record Settings(int steps, double eta, AxialAdmm.Settings admm) {

		public static final Settings DEFAULT = new Settings(50, 0.85, new AxialAdmm.Settings(5, AxialAdmm.Settings.RHO, 0));

		public Settings {
			SamplerSettings.check("Sampling steps", steps, 1, SamplerSettings.TOP + 1);
			SamplerSettings.checkEta(eta);
		}
	}

	private final Settings settings;

	public Dds() {
		this(Settings.DEFAULT);
	}

	public Dds(final Settings settings) {
		this.settings = settings;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	PriorNeed need() {
		return PriorNeed.SLICES;
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
		return new DdimSampler(schedule, denoiser, consistency, ddim(settings.steps(), settings.eta()), seed).sample(state,
			progress);
	}

	/** State, x̂0, the last one, and ε̂; A*y, right-hand side and v. */
	@Override
	int volumes() {
		return 7 + ConjugateGradients.VECTORS;
	}

	@Override
	public Dds with(final Map<String, String> values) {
		final MethodSettings chosen = new MethodSettings(values);
		final Settings usual = Settings.DEFAULT;
		final Dds method = new Dds(new Settings(chosen.integer("steps", usual.steps), chosen.number("eta", usual.eta),
			AxialAdmm.Settings.of(chosen, usual.admm)));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		return NAME + ", " + settings.steps() + " steps, eta " + settings.eta() + ", " + settings.admm();
	}
}
