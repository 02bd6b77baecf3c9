package org.patchct.diffusion;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Draws volumes from a prior alone: what it believes such volumes to look like. They show nobody's anatomy. */
public final class Generator {

	private Generator() { }

	/** Draws one volume whose patches see the whole; see the other method. */
	public static Volume generate(final Prior prior, final Grid grid, final SamplerSettings settings, final long seed,
		final Progress progress)
	{
		return generate(prior, grid, settings, seed, true, progress);
	}

	/**
	 * Draws one volume, by {@link SamplerSettings#GENERATE} if in doubt.
	 *
	 * @param grid its size and voxel size, which should be like those of the training volumes
	 * @param settings must start from noise; its data consistency is not used
	 * @param seed another seed gives another volume
	 * @param seesGlobal whether the patches see the down-sampled whole volume; without it (zeros in its channel) they agree
	 *          only where they meet, which shows what the channel is worth
	 * @return the volume in the prior's units, named by the caller
	 * @throws org.patchct.task.InvalidInputException if the prior is not one for 3-D patches
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public static Volume generate(final Prior prior, final Grid grid, final SamplerSettings settings, final long seed,
		final boolean seesGlobal, final Progress progress)
	{
		final PriorSettings known = prior.settings();
		known.require(0, NoiseSchedule.Kind.VP, "drawing volumes");
		final Columns state = Columns.of(grid);
		new DdimSampler(NoiseSchedule.of(known), new PatchDenoiser(prior, grid.nx(), grid.ny(), grid.nz(), seesGlobal,
			new Stopwatch()),
			DataConsistency.NONE, settings, seed).sample(state, progress);
		final double span = known.networkHigh() - known.networkLow();
		state.affine((float) (1 / span), (float) (-known.networkLow() / span));
		return Layouts.denormalised(known.name(), state, grid, PriorWindow.of(known));
	}
}
