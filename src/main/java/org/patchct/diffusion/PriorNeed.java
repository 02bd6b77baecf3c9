package org.patchct.diffusion;

import java.nio.file.Path;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Intensity;

/** What a method needs its prior to see, and under which noise. */
enum PriorNeed {

	/** Of patch diffusion. */
	PATCHES("3-D patches", 0, NoiseSchedule.Kind.VP, ""),

	/** Of DDS. */
	SLICES("single slices", 1, NoiseSchedule.Kind.VP, "-slices"),

	/** Of DiffusionMBIR. */
	SLICES_VE("single slices", 1, NoiseSchedule.Kind.VE, "-slices-ve"),

	/** Of DiffusionBlend. */
	GROUPS("groups of 3 slices", 3, NoiseSchedule.Kind.VP, "-groups");

	private final String sees;

	private final int slices;

	private final NoiseSchedule.Kind noise;

	private final String suffix;

	PriorNeed(final String sees, final int slices, final NoiseSchedule.Kind noise, final String suffix) {
		this.sees = sees;
		this.slices = slices;
		this.noise = noise;
		this.suffix = suffix;
	}

	/** A prior of this kind, chosen as in {@link PriorChoice#of}. */
	PriorChoice choose(final Path given, final Intensity values) {
		final PriorChoice choice = PriorChoice.of(given, values);
		return given == null ? new PriorChoice(choice.bundled() + suffix, null, choice.reason()) : choice;
	}

	/** @throws InvalidInputException if a prior is not of this kind */
	void require(final PriorSettings prior, final String method) {
		final NoiseSchedule.Kind given = prior.schedule().kind();
		if (prior.slices() == slices && given == noise) return;
		String seen = "groups of " + prior.slices() + " slices";
		for (final PriorNeed kind : values())
			if (kind.slices == prior.slices()) seen = kind.sees;
		throw new InvalidInputException("The prior \"" + prior.name() + "\" knows " + seen + " with the noise schedule " +
			given + "; " + method + " needs one for " + sees + " with " + noise + ", such as the bundled " + PriorChoice.BODY +
			suffix + " and " + PriorChoice.MOUSE + suffix + ".");
	}
}
