package org.patchct.command;

import org.patchct.imagej.Help;
import org.patchct.imagej.TextDialog;
import org.patchct.imagej.Versions;
import org.scijava.command.Command;
import org.scijava.plugin.Plugin;

/** Tells how to cite this program and its method. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Cite PatchCT",
	headless = true,
	description = "Shows what to cite in publications, as text and as BibTeX.")
public class CiteCommand extends CtCommand {

	/** The publication of the method. */
	public static final String PAPER = "Yang, Hu, Fessler, Shen: Local Patches Meet Global Context: Scalable 3D " +
		"Diffusion Priors for CT Reconstruction. 2025.";

	@Override
	protected void execute() {
		final String version = Versions.patchCt(), url = Help.project();
		TextDialog.show(title(), """
			If PatchCT helps your work, cite the method,

			%s

			and this software,

			PatchCT, version %s. %s

			@misc{yang2025patches,
			  author = {Yang and Hu and Fessler and Shen},
			  title = {Local Patches Meet Global Context: Scalable {3D} Diffusion Priors for {CT} Reconstruction},
			  year = {2025}
			}

			@misc{patchct,
			  author = {{PatchCT developers}},
			  title = {{PatchCT}: sparse-view {CT} reconstruction for {Fiji}},
			  note = {Version %s},
			  howpublished = {\\url{%s}}
			}
			""".formatted(PAPER, version, url, version, url));
	}
}
