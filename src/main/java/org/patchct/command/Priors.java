package org.patchct.command;

import java.io.File;

import org.patchct.diffusion.PatchDiffusion;
import org.patchct.network.Prior;

/** Priors as commands' inputs name them. */
final class Priors {

	/** Description of the input, for dialogs. */
	static final String DESCRIPTION = "A .safetensors file written by CT Train Prior..., or the name of a bundled prior; " +
		"empty for " + PatchDiffusion.DEFAULT_PRIOR + ", the bundled prior of the human body.";

	static final String LABEL = "Prior (empty: the bundled one)";

	private Priors() { }

	/**
	 * Opens a prior: the file, or the bundled prior if that is its name and there is no such file.
	 *
	 * @param prior null for the default one
	 * @throws org.patchct.task.InvalidInputException if there is neither, or the file is damaged
	 */
	static Prior open(final File prior, final String device) {
		if (prior == null) return Prior.bundled(PatchDiffusion.DEFAULT_PRIOR, device);
		if (!prior.exists() && prior.getPath().matches("[a-z0-9-]+")) return Prior.bundled(prior.getPath(), device);
		return Prior.open(prior.toPath(), device);
	}
}
