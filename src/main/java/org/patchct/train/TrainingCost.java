package org.patchct.train;

import java.util.List;
import java.util.Locale;

import org.patchct.network.NetworkConfig;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.task.Memory;
import org.patchct.volume.Columns;

/**
 * Memory that a training takes, estimated before it starts.
 *
 * @param heap in Java's heap, 32-bit values
 * @param network on the network's device, 32-bit values
 */
public record TrainingCost(double heap, double network) {

	/** Weights, their running mean, two moments and the gradient. */
	private static final int ON_HEAP = 5;

	/** Weights and gradients of the network, and the weights of the one that validates. */
	private static final int ON_DEVICE = 3;

	/** The batch in work, the next one, and what is copied to or from the device. */
	private static final int BATCHES = 3;

	/**
	 * What PyTorch takes for each value that {@link NetworkConfig#gradientValues} counts: parts of normalisations and
	 * activations, and gradients on their way. Measured on the processor with an earlier network, resident memory of steps
	 * with 2 and with 16 patches: 57 MB a patch for 20 MB counted.
	 */
	private static final double OVERHEAD = 2.9;

	/** Estimates the cost of a training. */
	public static TrainingCost of(final PriorSettings settings, final TrainingSettings training,
		final List<TrainingVolume> volumes, final List<TrainingVolume> validation)
	{
		final NetworkConfig config = settings.network();
		final boolean slices = settings.slices() > 0;
		final double p = settings.patch(), channel = p * p * (slices ? 1 : p);
		// Input, target, clean patch, and a byte for inside or not.
		final double perPatch = channel * (config.inChannels() + 2.25 * config.outChannels());
		double voxels = 0, largest = 0;
		for (final List<TrainingVolume> list : List.of(volumes, validation))
			for (final TrainingVolume volume : list) {
				final Columns c = volume.columns();
				voxels += (volume.fbp() == null ? 1.0 : 2.0) * c.nx() * c.ny() * c.nz();
				// The noise of cubes is drawn over the padded volume.
				if (!slices) largest = Math.max(largest, (c.nx() + 2 * p) * (c.ny() + 2 * p) * (c.nz() + 2 * p));
			}
		final double weights = config.create(NoiseSchedule.of(settings)).parameterCount();
		final double held = perPatch * Trainer.VALIDATION_PATCHES * Trainer.VALIDATION_LEVELS.length * validation.size();
		return new TrainingCost(voxels + largest + ON_HEAP * weights + BATCHES * perPatch * training.batch() + held, ON_DEVICE *
			weights + OVERHEAD * training.batch() * config.gradientValues());
	}

	/**
	 * Checks that Java's heap could hold its share.
	 *
	 * @throws org.patchct.task.InvalidInputException if it could not
	 */
	public void requireRoom() {
		Memory.requireRoom("Training", heap);
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "about %.2g GB in Java and %.2g GB for the network", 4e-9 * heap, 4e-9 * network);
	}
}
