package org.patchct.command;

import org.patchct.recon.RunSettings;
import org.scijava.plugin.Parameter;

/** What the reconstruction commands with a diffusion prior share. */
public abstract class DiffusionCommand extends PriorCommand {

	@Parameter(label = "Random seed", persist = false,
		description = "Any whole number; the same seed on the same device gives the same result.")
	private long seed;

	@Override
	protected RunSettings settings() {
		final RunSettings run = super.settings();
		return new RunSettings(run.device(), seed, run.prior());
	}
}
