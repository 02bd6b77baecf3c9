package org.patchct.diffusion;

import java.nio.file.Path;
import java.util.Map;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.TorchEngine;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * Reconstruction with a diffusion prior of whole slices: what the methods have in common. They take the measurements for
 * exact and forbid no values, as published. Volumes of any size are reconstructed.
 * <p>
 * What the projections leave open is filled in from the prior: the result can hold plausible detail that was not there.
 * </p>
 */
public abstract class SliceDiffusion implements Reconstructor {

	/** Name of the method. */
	public abstract String name();

	/** Kind of the priors that the method needs. */
	abstract PriorNeed need();

	/** How the slices are put together for the network. */
	abstract SliceGroups.Plan plan(int slices);

	/**
	 * What a step does for the measurements.
	 *
	 * @param measured y, window units times mm
	 */
	abstract DataConsistency consistency(Projector projector, Columns measured, PriorSettings prior);

	/**
	 * Draws a volume.
	 *
	 * @param state overwritten by the result, in network units
	 */
	abstract Columns sample(NoiseSchedule schedule, Denoiser denoiser, DataConsistency consistency, Columns state,
		long seed, Progress progress);

	/** Volumes that the method keeps at a time. */
	abstract int volumes();

	/** Steps of DDIM from pure noise, even in t. */
	static SamplerSettings ddim(final int steps, final double eta) {
		return SamplerSettings.GENERATE.withSteps(steps).withEta(eta);
	}

	/** The prior of a run, given as in {@link RunSettings#prior}, for a scan of such values. */
	public final PriorChoice prior(final Path given, final Intensity values) {
		return need().choose(given, values);
	}

	@Override
	public final Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		try (Prior prior = prior(run.prior(), projections.intensity()).open(run.device())) {
			return reconstruct(projections, grid, prior, run, progress);
		}
	}

	/**
	 * Like {@link #reconstruct(Projections, Grid, RunSettings, Progress)}, with a prior that is open already and stays
	 * open; that of {@code run} is not used.
	 */
	public final Volume reconstruct(final Projections projections, final Grid grid, final Prior prior,
		final RunSettings run, final Progress progress)
	{
		final PriorSettings known = prior.settings();
		need().require(known, name());
		final double mu = PatchDiffusion.attenuationOfWindow(known, projections);
		Memory.requireRoom(name() + " of " + grid, voxels(grid, projections.geometry(), known));
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final Columns measured = projections.toColumns().scale((float) (1 / mu));
		final NetworkUnits units = NetworkUnits.of(known, mu, projections.intensity());
		final SliceDenoiser denoiser = new SliceDenoiser(prior, plan(grid.nz()), grid.nx(), grid.ny(), new Stopwatch());
		final Columns state = sample(NoiseSchedule.of(known), denoiser, consistency(projector, measured, known), projector
			.newVolume(), run.seed(), units.of(progress));
		return Layouts.denormalised(projections.name(), units.fromNetwork(state), grid, projections.intensity());
	}

	/**
	 * Memory that a reconstruction takes at most, in 32-bit voxels: volumes, three sets of projections (y, those of x and
	 * the projector's), and the input and output of a batch of the network with what is added beside the slices.
	 */
	final double voxels(final Grid grid, final ScanGeometry geometry, final PriorSettings prior) {
		final double plane = (double) SliceDenoiser.padded(prior, grid.nx()) * SliceDenoiser.padded(prior, grid.ny());
		final double added = (plane - (double) grid.nx() * grid.ny()) * (grid.nz() + Columns.ARRAY);
		final int batch = Math.min(Batches.LARGEST, grid.nz()) * prior.slices();
		return volumes() * Columns.memory(grid.nx(), grid.ny(), grid.nz()) + added + 2 * batch * plane + 3 *
			Columns.memory(geometry.bins(), geometry.views(), geometry.rows());
	}

	@Override
	public final Map<String, String> recipe(final ScanGeometry geometry, final Intensity intensity, final RunSettings run) {
		return prior(run.prior(), intensity).recipe();
	}

	/** Where the network runs. */
	@Override
	public final String device(final RunSettings run) {
		return TorchEngine.choose(run.device()).name();
	}
}
