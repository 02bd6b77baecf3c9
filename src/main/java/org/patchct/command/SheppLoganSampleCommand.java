package org.patchct.command;

import ij.ImagePlus;

import org.patchct.command.PhantomCommand.Phantom;
import org.patchct.imagej.Images;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** A sample image that needs no download. */
@Plugin(type = Command.class, menuPath = CtCommand.SAMPLES + "CT Shepp-Logan",
	headless = true,
	description = "The 3-D Shepp-Logan phantom, 128 x 128 x 128 voxels; CT Phantom... makes other sizes.")
public class SheppLoganSampleCommand extends CtCommand {

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		withProgress(progress -> result = Images.toImagePlus(Phantom.SHEPP_LOGAN.volume(128, 1, progress)));
	}
}
