package org.patchct.diffusion;

import java.util.Locale;
import java.util.Map;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.TorchEngine;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Estimate;
import org.patchct.recon.Fbp;
import org.patchct.recon.InUnits;
import org.patchct.recon.MethodSettings;
import org.patchct.recon.RampFilter;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.NoiseEstimate;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

import org.scijava.plugin.Plugin;

/**
 * Reconstruction with a 3-D patch diffusion prior: {@link DdimSampler} with a {@link VolumeDenoiser} and
 * {@link CgDataConsistency}. Volumes of any size are reconstructed, also smaller than a patch.
 * <p>
 * What the projections leave open is filled in from the prior: the result can hold plausible detail that was not there.
 * </p>
 */
@Plugin(type = Reconstructor.class, name = PatchDiffusion.NAME)
public final class PatchDiffusion implements Reconstructor {

	public static final String NAME = "Patch diffusion";

	/** The prior that is used when none is named. */
	public static final String DEFAULT_PRIOR = PriorChoice.BODY;

	public static final String ONE_SAMPLE = "The uncertainty is the standard deviation of several samples, but there is " +
		"only 1: set samples to 2 or more; 8 give it to about a quarter of its value.";

	/**
	 * Estimated photons below which ADMM-TV gains by weighting them. On limb_sts_018 and heart_ts at 64 voxels with 8 and 20
	 * views, each with the best of three or four weights of the total variation, it gained 0.1 to 0.6 dB at 1e4 photons
	 * (estimated 6.5e3 to 9.5e3), but lost up to 0.4 at 1e5 (2.5e4 to 8.4e4) and up to 0.5 without noise.
	 */
	private static final double FEW_PHOTONS = 1.5e4;

	/** Share of the progress bar for making the volume that a warm start begins with. */
	private static final double WARM_START_SHARE = 0.15;

	private final SamplerSettings settings;

	private final boolean global;

	/** With {@link SamplerSettings#FAST}. */
	public PatchDiffusion() {
		this(SamplerSettings.FAST);
	}

	public PatchDiffusion(final SamplerSettings settings) {
		this(settings, true);
	}

	/** @param global whether patches see the down-sampled whole volume */
	private PatchDiffusion(final SamplerSettings settings, final boolean global) {
		this.settings = settings;
		this.global = global;
	}

	@Override
	public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final PriorChoice choice = PriorChoice.of(run.prior(), projections.intensity());
		try (Prior prior = choice.open(run.device()); Prior slices = slices(choice, projections.geometry(), run)) {
			return sample(projections, grid, prior, slices, run, false, progress).mean();
		}
	}

	/**
	 * The prior of slices that goes with one of patches, opened; null if none is wanted, or there is none.
	 *
	 * @throws InvalidInputException if it cannot be used
	 */
	public Prior slices(final PriorChoice patches, final ScanGeometry geometry, final RunSettings run) {
		final PriorChoice choice = slices(patches, geometry);
		return choice == null ? null : choice.open(run.device());
	}

	private PriorChoice slices(final PriorChoice patches, final ScanGeometry geometry) {
		return settings.sliceSteps() > 0 ? SliceStage.choose(patches, geometry) : null;
	}

	/**
	 * Like {@link #reconstruct(Projections, Grid, RunSettings, Progress)}, with a prior that is open already and stays
	 * open; that of {@code run} is not used, nor one of slices.
	 */
	public Volume reconstruct(final Projections projections, final Grid grid, final Prior prior, final RunSettings run,
		final Progress progress)
	{
		return sample(projections, grid, prior, null, run, false, progress).mean();
	}

	/**
	 * What a run gives.
	 *
	 * @param mean mean of the samples, in the units of the projections
	 * @param deviation standard deviation of the samples from voxel to voxel in the same units, its lower end being 0;
	 *          null if it was not asked for. It shows where the prior decides more than the projections do, not how wrong
	 *          the mean is: errors that all samples share are not in it.
	 * @param cost what it took
	 */
	public record Result(Volume mean, Volume deviation, SamplerCost cost) { }

	/**
	 * Like {@link #reconstruct(Projections, Grid, Prior, RunSettings, Progress)}, with more to tell.
	 *
	 * @param slices a prior of slices of the same object, for {@link SliceStage}; null for none
	 * @param deviation whether to give the samples' standard deviation too, which takes one volume more
	 * @throws InvalidInputException if the deviation of a single sample is asked for, and as in {@link Reconstructor}
	 */
	public Result sample(final Projections projections, final Grid grid, final Prior prior, final Prior slices,
		final RunSettings run, final boolean deviation, final Progress progress)
	{
		final PriorSettings known = prior.settings();
		requireFit(projections, grid, known, deviation);
		final double mu = attenuationOfWindow(known, projections);
		final Stopwatch watch = new Stopwatch();
		final boolean warm = settings.start() != WarmStart.NOISE;
		watch.enter(Stopwatch.Part.WARM_START);
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final Columns lineIntegrals = projections.toColumns();
		final double photons = NoiseEstimate.photons(lineIntegrals);
		final Measurements plain = Measurements.plain(projector, lineIntegrals, photons, mu);
		final Measurements data = settings.weighted() ? Measurements.weighted(projector, lineIntegrals, photons, mu) : plain;
		// From the prior's window to the window of the projections.
		final double perWindow = mu / projections.intensity().muHigh();
		final VolumeDenoiser denoiser = VolumeDenoiser.of(prior, grid.nx(), grid.ny(), grid.nz(), settings.margin(), global,
			watch);
		final SliceStage stage = slices == null ? null : new SliceStage(slices, denoiser, known, settings, grid, watch);
		final int before = warmSteps() + (stage == null ? 0 : settings.sliceSteps());
		final Whole whole = new Whole(plain, before + settings.samples() * settings.steps(), perWindow, projections
			.intensity());
		final Columns state = warm ? warmStart(photons < FEW_PHOTONS ? data : plain, plain, whole.part(progress.part(0,
			WARM_START_SHARE), 0, 1, 0)) : projector.newVolume();
		watch.enter(Stopwatch.Part.SAMPLER);
		final float span = (float) (known.networkHigh() - known.networkLow()), low = (float) known.networkLow();
		state.affine(span, low);
		final CgDataConsistency gradients = new CgDataConsistency(data.projector(), data.values(), known.networkLow(), known
			.networkHigh(), settings.cgIterations(), settings.proximal(), data.noise());
		final DataConsistency consistency = timed(watch, settings.nonNegative() ? (clean, sigma, told) -> {
			gradients.apply(clean, sigma, told);
			clean.clampBelow(low);
		} : gradients);
		final NetworkUnits units = NetworkUnits.of(known, mu, projections.intensity());
		final double warmed = warm ? WARM_START_SHARE : 0, begun = 1 - (1 - warmed) * settings.samples() * settings.steps() / (
			before - warmSteps() + settings.samples() * settings.steps());
		if (stage != null) stage.improve(state, consistency, run.seed(), whole.part(progress.part(warmed, begun),
			warmSteps(), 1 / span, -low / span));
		final float share = (float) settings.startShare(projections.geometry().views(), grid);
		final Columns begin = settings.samples() == 1 && share == 0 ? null : state.copy();
		final SampleMoments moments = settings.samples() == 1 ? null : new SampleMoments(state.zeros(), deviation ? state
			.zeros() : null);
		final Progress sampling = progress.part(begun, 1);
		for (int i = 0; i < settings.samples(); i++) {
			if (i > 0) state.set(begin);
			final Progress part = sampling.part((double) i / settings.samples(), (i + 1.0) / settings.samples());
			new DdimSampler(NoiseSchedule.of(known), denoiser, consistency, settings, seed(run.seed(), i)).sample(state, whole
				.part(part, before + i * settings.steps(), 1 / span, -low / span));
			if (moments != null) moments.add(state);
		}
		final Columns result = moments == null ? state : moments.mean();
		if (share > 0) result.scale(1 - share).add(share, begin);
		final Volume mean = Layouts.denormalised(projections.name(), units.fromNetwork(result), grid, projections.intensity());
		return new Result(mean, deviation ? Layouts.denormalised(projections.name(), moments.deviation().scale(units.scale()), grid,
			differences(projections.intensity())) : null, watch.cost());
	}

	@Override
	public Estimate estimate(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final PriorChoice choice = PriorChoice.of(run.prior(), projections.intensity());
		try (Prior prior = choice.open(run.device()); Prior slices = slices(choice, projections.geometry(), run)) {
			return estimate(projections, grid, prior, slices, run, false, progress);
		}
	}

	/** What {@link #sample} would take; parameters and exceptions as there. */
	public Estimate estimate(final Projections projections, final Grid grid, final Prior prior, final Prior slices,
		final RunSettings run, final boolean deviation, final Progress progress)
	{
		final double voxels = requireFit(projections, grid, prior.settings(), deviation);
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final double warmStart = settings.start() == WarmStart.ADMM_TV ? new AdmmTv(tv()).seconds(projector, progress) : 0;
		final double data = CgDataConsistency.seconds(projector, settings.cgIterations(), progress);
		final Stopwatch watch = new Stopwatch();
		final VolumeDenoiser denoiser = VolumeDenoiser.of(prior, grid.nx(), grid.ny(), grid.nz(), settings.margin(), global,
			watch);
		final double tiling = denoiser.seconds(projector.newVolume(), progress);
		final int last = settings.overlap() > 1 ? settings.overlap() : settings.passes();
		final double begun = slices == null ? 0 : settings.sliceSteps() * (data + tiling) + new SliceStage(slices, denoiser,
			prior.settings(), settings, grid, watch).seconds(projector.newVolume(), progress);
		return new Estimate(warmStart + begun + settings.samples() * (settings.steps() * data + ((settings.steps() - 1) *
			settings.passes() + last) * tiling), voxels);
	}

	/** Memory that a run takes, in 32-bit voxels, if it can be made. */
	private double requireFit(final Projections projections, final Grid grid, final PriorSettings known,
		final boolean deviation)
	{
		if (deviation && settings.samples() < 2) throw new InvalidInputException(ONE_SAMPLE);
		known.require(0, NoiseSchedule.Kind.VP, NAME.toLowerCase(Locale.ROOT));
		attenuationOfWindow(known, projections);
		final double voxels = voxels(grid, projections.geometry(), known.patch(), deviation);
		Memory.requireRoom(NAME + " of " + grid, voxels);
		return voxels;
	}

	private static DataConsistency timed(final Stopwatch watch, final DataConsistency consistency) {
		return (clean, sigma, progress) -> {
			final Stopwatch.Part outer = watch.enter(Stopwatch.Part.DATA);
			consistency.apply(clean, sigma, progress);
			watch.enter(outer);
		};
	}

	/** The same units for differences of values, which begin at 0. */
	private static Intensity differences(final Intensity values) {
		return new Intensity(values.unit(), 0, values.high() - values.low(), values.muHigh());
	}

	/** Seed of one of the samples; the first has the run's own. */
	static long seed(final long run, final int sample) {
		return sample == 0 ? run : NoiseField.of(run, sample).key();
	}

	/** Filtered back-projection knows no weights: it is given the plain measurements. */
	private Columns warmStart(final Measurements data, final Measurements plain, final Progress progress) {
		if (settings.start() == WarmStart.FBP) return new Fbp(RampFilter.Window.HANN).reconstruct(plain.projector(), plain
			.values().copy(), progress).clampBelow(0);
		final Columns x = data.projector().newVolume();
		new AdmmTv(tv()).solve(data.projector(), data.values(), data
			.noise(), x, progress, AdmmTv.Listener.NONE);
		return x;
	}

	/** ADMM-TV of the warm start. */
	private AdmmTv.Settings tv() {
		return settings.tv() == null ? AdmmTv.Settings.DEFAULT : settings.tv();
	}

	/** Iterations of the warm start. */
	private int warmSteps() {
		return settings.start() == WarmStart.ADMM_TV ? tv().iterations() : 0;
	}

	/**
	 * Attenuation, 1/mm, of the upper end of the prior's window: what line integrals are divided by to be in the prior's
	 * units. Calibrated scans fit calibrated priors whatever their windows; uncalibrated grey values have no scale but
	 * their window, so window is matched to window.
	 *
	 * @throws InvalidInputException if one is calibrated and the other is not
	 */
	static double attenuationOfWindow(final PriorSettings prior, final Projections projections) {
		final Intensity given = projections.intensity();
		if (PriorWindow.isCalibrated(prior.unit()) != PriorWindow.isCalibrated(given.unit()))
			throw new InvalidInputException("The prior \"" + prior.name() + "\" was trained on values from " + prior.low() +
				" to " + prior.high() + " " + prior.unit() + ", but \"" + projections.name() + "\" is in " + given.unit() +
				" values (" + given.low() + " to " + given.high() + "). Choose a prior trained on such images" + (PriorWindow
					.isCalibrated(given.unit()) ? "." : ", or give the projections in calibrated units (HU or 1/mm)."));
		return PriorWindow.isCalibrated(given.unit()) ? PriorWindow.of(prior).muHigh() : given.muHigh();
	}

	/**
	 * Memory that a reconstruction takes at most, in 32-bit voxels: the larger of ADMM-TV's (x, three components of v, the
	 * sign's v, data, right-hand side, and three volumes of conjugate gradients) and the sampler's, and the projections.
	 *
	 * @param patch side of the prior's patches
	 * @param deviation whether the samples' standard deviation is asked for
	 */
	public double voxels(final Grid grid, final ScanGeometry geometry, final int patch, final boolean deviation) {
		final int admm = 10;
		// State, A*y, x̂0 and the last one, ε̂ and conjugate gradients; then what the settings add.
		final int sampler = 8 + (settings.samples() > 1 ? 2 : settings.startShare() > 0 ? 1 : 0) + (deviation ? 1 : 0) +
			(settings.passes() > 1 ? 1 : 0) + (settings.proximal() > 0 ? 1 : 0);
		final double volume = Columns.memory(grid.nx(), grid.ny(), grid.nz());
		final double padded = Math.max(Columns.memory(grid.nx() + 2 * patch, grid.ny() + 2 * patch, grid.nz() + 2 * patch),
			settings.margin() == 0 ? 0 : BlockDenoiser.memory(grid, settings.margin()));
		final double batch = settings.sliceSteps() == 0 ? 0 : 2.0 * Batches.LARGEST * grid.nx() * grid.ny();
		final double projections = Columns.memory(geometry.bins(), geometry.views(), geometry.rows());
		return Math.max(admm * volume, sampler * volume + Math.max(padded, batch)) + (settings.weighted() ? 8 : 5) * projections;
	}

	/** Where the network runs. */
	@Override
	public String device(final RunSettings run) {
		return TorchEngine.choose(run.device()).name();
	}

	@Override
	public PatchDiffusion with(final Map<String, String> values) {
		final MethodSettings chosen = new MethodSettings(values);
		SamplerSettings sampler = chosen.choice("preset", SamplerSettings.Preset.FAST).settings();
		final int samples = chosen.integer("samples", 0), steps = chosen.integer("steps", 0);
		final int passes = chosen.integer("passes", 0);
		sampler = sampler.withMargin(chosen.integer("margin", sampler.margin()));
		if (samples != 0) sampler = sampler.drawing(samples);
		if (steps != 0) sampler = sampler.withSteps(steps);
		if (passes != 0) sampler = sampler.withPasses(passes);
		if (!chosen.flag("slices", true)) sampler = sampler.withSliceSteps(0);
		final PatchDiffusion method = new PatchDiffusion(sampler, chosen.flag("global", true));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		return NAME + ", " + settings + (global ? "" : ", without its global channel");
	}

	@Override
	public Map<String, String> recipe(final ScanGeometry geometry, final Intensity intensity, final RunSettings run) {
		final PriorChoice prior = PriorChoice.of(run.prior(), intensity), slices = slices(prior, geometry);
		final Map<String, String> lines = prior.recipe();
		if (slices != null) {
			lines.put("Prior of slices", slices.toString());
			lines.put("Prior of slices' checksum", "SHA-256 " + slices.digest());
		}
		return lines;
	}

	/**
	 * All iterations of a run, whose parts have other units.
	 *
	 * @param plain all measurements, which residuals are taken by
	 * @param total how many iterations there are
	 * @param perWindow from the prior's window to that of the result
	 * @param intensity of the result
	 */
	private record Whole(Measurements plain, int total, double perWindow, Intensity intensity) {

		/** Passes on the iterates after the first {@code before}; they are a x + b in the prior's window. */
		Progress part(final Progress progress, final int before, final float a, final float b) {
			return new InUnits(progress, a * perWindow, b * perWindow, intensity) {

				@Override
				public void iterated(final Iterate iterate) {
					super.iterated(new Iterate(before + iterate.number(), total, iterate.volume(), () -> residual(Layouts.toColumns(
						iterate.volume().get()).affine(a, b))));
				}
			};
		}

		private double residual(final Columns x) {
			final Columns difference = plain.projector().newProjections();
			plain.projector().forward(x, difference);
			return difference.add(-1, plain.values()).norm() / plain.values().norm();
		}
	}
}
