package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.io.File;
import java.util.Map;

import org.patchct.evaluate.ColourMap;
import org.patchct.evaluate.Difference;
import org.patchct.imagej.Images;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Where a result differs from its reference. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Difference Map...",
	headless = true,
	description = "Subtracts a reference from a volume: blue is too low, red too high. The result is titled \"Difference of " +
		"VOLUME and REFERENCE\"; PSNR, SSIM, mean and largest difference go to the log and its information.")
public class DifferenceMapCommand extends CtCommand {

	@Parameter(label = "Volume", required = false, persist = false,
		description = "A stack, such as a reconstruction; the active image if left out.")
	private ImagePlus image;

	@Parameter(label = "Reference (file, folder or title of an image)", required = false, persist = false,
		description = "The truth: the title of an open image, or the path of a file or DICOM folder. It must have the volume's " +
			"size, voxel size and unit.")
	private File reference;

	@Parameter(label = "Range of the colours (0: automatic)", min = "0", persist = false,
		description = "0 or greater: the difference that has the deepest colours, in the volume's units.")
	private double range;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void prepare() {
		reference = orOtherImage(reference, image, title -> true);
	}

	@Override
	protected void execute() {
		final Volume volume = Images.toVolume(require(image), IJ::log);
		withProgress(progress -> {
			final Difference difference = Difference.of(volume, reference(reference, progress), progress);
			IJ.log(difference.map().name() + ": " + difference);
			result = Images.toImagePlus(difference.map());
			final double end = range > 0 ? range : difference.end();
			Images.colour(result, ColourMap.BLUE_RED, -end, end);
			Images.recipe(result, Map.of("Difference", difference.toString()));
		});
	}
}
