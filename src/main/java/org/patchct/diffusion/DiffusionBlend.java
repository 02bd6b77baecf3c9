package org.patchct.diffusion;

import java.util.List;
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
 * DiffusionBlend++ with a prior of groups of three slices that is told how far they are apart (Song, Hu, Luo, Fessler and
 * Shen, "DiffusionBlend: Learning 3D Image Prior through Position-aware Diffusion Score Blending for 3D Computed Tomography
 * Reconstruction", 2024): {@link DdimSampler} from pure noise, whose steps see groups of slices three apart and adjacent
 * ones in turn ({@link SliceGroups#blended}), with {@link CgDataConsistency}.
 * <p>
 * The public code has total variation along z besides, with a weight ρ too small to count (0.001), and needs a multiple of
 * nine slices.
 * </p>
 */
@Plugin(type = Reconstructor.class, name = DiffusionBlend.NAME)
public final class DiffusionBlend extends SliceDiffusion {

	public static final String NAME = "DiffusionBlend";

	/**
	 * Settings; the defaults are the public code's.
	 *
	 * @param steps 1 to 1000
	 * @param eta η, share of fresh noise in each step, 0 to 1
	 * @param cgIterations conjugate-gradient iterations of each step, 1 to 1000
	 */
	public record Settings(int steps, double eta, int cgIterations) {

		public static final Settings DEFAULT = new Settings(200, 0.85, 5);

		public Settings {
			SamplerSettings.check("Sampling steps", steps, 1, SamplerSettings.TOP + 1);
			SamplerSettings.checkEta(eta);
			SamplerSettings.check("Conjugate-gradient iterations", cgIterations, 1, 1000);
		}
	}

	private final Settings settings;

	public DiffusionBlend() {
		this(Settings.DEFAULT);
	}

	public DiffusionBlend(final Settings settings) {
		this.settings = settings;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	PriorNeed need() {
		return PriorNeed.GROUPS;
	}

	@Override
	SliceGroups.Plan plan(final int slices) {
		return SliceGroups.blended(slices);
	}

	@Override
	DataConsistency consistency(final Projector projector, final Columns measured, final PriorSettings prior) {
		SliceDenoiser.requireSpacings(prior, List.of(1, SliceGroups.TRIPLE));
		return new CgDataConsistency(projector, measured, prior.networkLow(), prior.networkHigh(), settings.cgIterations(),
			0, 0);
	}

	@Override
	Columns sample(final NoiseSchedule schedule, final Denoiser denoiser, final DataConsistency consistency,
		final Columns state, final long seed, final Progress progress)
	{
		return new DdimSampler(schedule, denoiser, consistency, ddim(settings.steps(), settings.eta()), seed).sample(state,
			progress);
	}

	/** State, x̂0, the last one, and ε̂; A*y. */
	@Override
	int volumes() {
		return 5 + ConjugateGradients.VECTORS;
	}

	@Override
	public DiffusionBlend with(final Map<String, String> values) {
		final MethodSettings chosen = new MethodSettings(values);
		final Settings usual = Settings.DEFAULT;
		final DiffusionBlend method = new DiffusionBlend(new Settings(chosen.integer("steps", usual.steps), chosen.number(
			"eta", usual.eta), chosen.integer("cg", usual.cgIterations)));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		return NAME + ", " + settings.steps() + " steps, eta " + settings.eta() + ", " + settings.cgIterations() +
			" CG iterations";
	}
}
