package org.patchct.command;

import org.patchct.recon.Fbp;
import org.patchct.recon.RampFilter.Window;
import org.patchct.recon.Reconstructor;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Filtered back-projection. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT FBP...",
	headless = true,
	description = "Filtered back-projection of a projection stack: instant, exact for many noise-free views, streaky for " +
		"few. The result is titled \"FBP of SCAN (N views)\".")
public class FbpCommand extends ReconstructCommand {

	@Parameter(label = "Ramp filter window", persist = false,
		description = "Ram-Lak, Shepp-Logan, Cosine, Hamming or Hann: from the sharpest and noisiest to the smoothest.")
	private Window window = Window.RAM_LAK;

	@Override
	protected String method() {
		return Fbp.NAME;
	}

	@Override
	protected Reconstructor reconstructor() {
		return new Fbp(window);
	}
}
