package org.patchct.command;

import ij.ImagePlus;

import org.patchct.command.PhantomCommand.Phantom;
import org.patchct.imagej.Images;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** A sample image that needs no download. */
@Plugin(type = Command.class, menuPath = CtCommand.SAMPLES + "CT Thorax",
	headless = true,
	description = "A random thorax in Hounsfield units, 128 x 128 x 128 voxels; CT Phantom... makes others.")
public class ThoraxSampleCommand extends CtCommand {

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		withProgress(progress -> result = Images.toImagePlus(Phantom.THORAX.volume(128, 1, progress)));
	}
}
