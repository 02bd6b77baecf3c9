package org.patchct.command;

import java.io.File;

import org.patchct.evaluate.Methods;
import org.patchct.recon.Fbp;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Reconstruction by any installed method with its defaults: the menu's entry for methods without a command. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Other Method...",
	headless = true,
	description = "Reconstruction by any method that is installed, also one that came in a jar of its own, with its " +
		"defaults. The result is titled \"METHOD of SCAN (N views)\".")
public class OtherMethodCommand extends ReconstructCommand {

	@Parameter(label = "Method", persist = false, description = "The name of an installed method.")
	private String method = Fbp.NAME;

	@Parameter(label = Priors.LABEL, required = false, persist = false,
		description = "A .safetensors file, or the name of a bundled prior; for methods that need one.")
	private File prior;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number; for methods that draw at random.")
	private long seed;

	@Override
	protected void prepare() {
		getInfo().getMutableInput("method", String.class).setChoices(Methods.names(pluginService));
	}

	@Override
	protected String method() {
		return method;
	}

	@Override
	protected Reconstructor reconstructor() {
		return Methods.find(pluginService, method).values().iterator().next();
	}

	@Override
	protected RunSettings settings() {
		return new RunSettings(super.settings().device(), seed, prior == null ? null : prior.toPath());
	}
}
