package org.patchct.diffusion;

import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/**
 * Predicts the clean volume behind a noisy one: x̂0 from x_t = √ᾱ_t x0 + √(1−ᾱ_t) ε, both in network units. The noise it
 * predicts follows from the same equation.
 */
public interface Denoiser {

	/** Side of the patches, that is, the number of different offsets along each axis; 1 for one without patches. */
	int patch();

	/**
	 * x̂0 ← prediction of the whole volume from patches that tile it.
	 *
	 * @param noisy x_t, not changed
	 * @param timestep t, 0 to T − 1
	 * @param placement of the patches, each offset less than {@link #patch}
	 * @param padding noise of the air round the volume
	 * @param clean x̂0, overwritten; of the shape of {@code noisy}
	 * @param progress asked at least once a batch of patches whether to stop
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	void denoise(Columns noisy, int timestep, Placement placement, NoiseField padding, Columns clean, Progress progress);
}
