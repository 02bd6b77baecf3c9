package org.patchct.diffusion;

import java.nio.file.Files;
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
		return isForPatches(choice) ? bundled(choice) : choice;
	}

	/**
	 * The prior of this kind that goes with one for patches: for a file NAME.safetensors that beside it whose name ends with
	 * {@code -slices}, say, after NAME; for a bundled one that which was trained on the same volumes. Null if there is none.
	 */
	PriorChoice companion(final PriorChoice patches) {
		if (patches.file() == null) return isForPatches(patches) ? bundled(patches) : null;
		final String name = patches.file().getFileName().toString(), ending = name.substring(Math.max(0, name.lastIndexOf(
			'.')));
		final Path beside = patches.file().resolveSibling(name.substring(0, name.length() - ending.length()) + suffix + ending);
		return Files.exists(beside) ? new PriorChoice(null, beside, "beside " + name) : null;
	}

	private static boolean isForPatches(final PriorChoice choice) {
		return choice.file() == null && Prior.BUNDLED.contains(choice.bundled());
	}

	private PriorChoice bundled(final PriorChoice patches) {
		return new PriorChoice(patches.bundled() + suffix, null, patches.reason());
	}

	/** @throws org.patchct.task.InvalidInputException if a prior is not of this kind */
	void require(final PriorSettings prior, final String method) {
		prior.require(slices, noise, method);
	}
}
