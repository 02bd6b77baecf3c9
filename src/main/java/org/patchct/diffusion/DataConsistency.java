package org.patchct.diffusion;

import org.patchct.network.NoiseSchedule;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/** What a sampler does to each predicted clean volume so that it agrees with the measurements. */
@FunctionalInterface
public interface DataConsistency {

	/** No measurements: the sampler draws from the prior itself. */
	DataConsistency NONE = (clean, sigma, progress) -> { };

	/**
	 * Moves a clean volume towards the measurements.
	 *
	 * @param clean x̂0 in network units, overwritten by x̂0'
	 * @param sigma standard deviation of the noise that x̂0 was found under, relative to the clean volume
	 *          ({@link NoiseSchedule#sigma})
	 * @param progress asked at least once an iteration whether to stop
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	void apply(Columns clean, double sigma, Progress progress);
}
