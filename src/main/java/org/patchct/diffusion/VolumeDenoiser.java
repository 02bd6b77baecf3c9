package org.patchct.diffusion;

import org.patchct.network.Prior;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/** A {@link Denoiser} with a prior for 3-D patches, that says how long it takes. */
public sealed interface VolumeDenoiser extends Denoiser permits PatchDenoiser, BlockDenoiser {

	/**
	 * Seconds that {@link #denoise} takes here and now on the average of all placements, measured by a probe.
	 *
	 * @param shape a volume of the shape to denoise; its values do not matter
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	double seconds(Columns shape, Progress progress);

	/**
	 * One for volumes of {@code nx} × {@code ny} × {@code nz} voxels: in blocks where the prior can be used like that. The
	 * prior must stay open.
	 *
	 * @param margin of the blocks; 0 for the prior's own patches in any case
	 */
	static VolumeDenoiser of(final Prior prior, final int nx, final int ny, final int nz, final int margin) {
		return of(prior, nx, ny, nz, margin, true, new Stopwatch());
	}

	/**
	 * The same, watched.
	 *
	 * @param margin of the blocks; 0 for the prior's own patches in any case
	 * @param seesGlobal as in {@link PatchInputs#PatchInputs(org.patchct.network.PriorSettings, int, int, int, boolean)}
	 * @param watch takes the time
	 */
	static VolumeDenoiser of(final Prior prior, final int nx, final int ny, final int nz, final int margin,
		final boolean seesGlobal, final Stopwatch watch)
	{
		return margin > 0 && BlockDenoiser.suits(prior.settings()) ? new BlockDenoiser(prior, nx, ny, nz, margin, watch)
			: new PatchDenoiser(prior, nx, ny, nz, seesGlobal, watch);
	}
}
