package org.patchct.diffusion;

import java.nio.file.Path;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.volume.Intensity;

/** What a method needs a prior of slices to see, and under which noise. */
enum PriorNeed {

	/** Of DDS. */
	SLICES(1, NoiseSchedule.Kind.VP, "-slices"),

	/** Of DiffusionMBIR. */
	SLICES_VE(1, NoiseSchedule.Kind.VE, "-slices-ve"),

	/** Of DiffusionBlend. */
	GROUPS(SliceGroups.TRIPLE, NoiseSchedule.Kind.VP, "-groups");

	private final int slices;

	private final NoiseSchedule.Kind noise;

	private final String suffix;

	/** @param suffix what names of bundled priors of this kind end with */
	PriorNeed(final int slices, final NoiseSchedule.Kind noise, final String suffix) {
		this.slices = slices;
		this.noise = noise;
		this.suffix = suffix;
	}

	/**
	 * A prior of this kind, chosen as in {@link PriorChoice#of}; the name of a bundled prior for patches stands for the one
	 * of this kind that was trained on the same volumes.
	 */
	PriorChoice choose(final Path given, final Intensity values) {
		final PriorChoice choice = PriorChoice.of(given, values);
		return choice.file() == null && Prior.BUNDLED.contains(choice.bundled()) ? new PriorChoice(choice.bundled() + suffix,
			null, choice.reason()) : choice;
	}

	/** @throws org.patchct.task.InvalidInputException if a prior is not of this kind */
	void require(final PriorSettings prior, final String method) {
		prior.require(slices, noise, method);
	}
}
