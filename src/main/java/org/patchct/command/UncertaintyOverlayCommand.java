package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;
import ij.measure.Calibration;

import java.io.File;

import org.patchct.evaluate.GreyWindow;
import org.patchct.evaluate.UncertaintyOverlay;
import org.patchct.imagej.Images;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Shows where a reconstruction is uncertain. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Uncertainty Overlay...",
	headless = true,
	description = "Lays the standard deviation that CT Patch Diffusion... shows in colours over its mean, as an RGB stack " +
		"titled \"Uncertainty on VOLUME\" with a legend at the right.")
public class UncertaintyOverlayCommand extends CtCommand {

	@Parameter(label = "Volume", required = false, persist = false,
		description = "The mean, shown as black to white in its present display range; the active image if left out.")
	private ImagePlus image;

	@Parameter(label = "Uncertainty (file or title of an image)", required = false, persist = false,
		description = "The standard deviation: the title of an open image or a file, of the volume's size and unit.")
	private File uncertainty;

	@Parameter(label = "Opacity (%)", min = "0", max = "100", persist = false,
		description = "0 to 100: how much of the grey value the colours hide.")
	private double opacity = 60;

	@Parameter(label = "Threshold (0: a fifth of the scale)", min = "0", persist = false,
		description = "0 or greater: the standard deviation from which voxels are coloured.")
	private double threshold;

	@Parameter(label = "End of the scale (0: automatic)", min = "0", persist = false,
		description = "0 or greater: the standard deviation that has the last colour.")
	private double most;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected boolean suits(final ImagePlus open) {
		return !open.getTitle().startsWith(PatchDiffusionCommand.UNCERTAINTY);
	}

	@Override
	protected void prepare() {
		uncertainty = orOtherImage(uncertainty, image, title -> title.startsWith(PatchDiffusionCommand.UNCERTAINTY));
	}

	@Override
	protected void execute() {
		final Calibration values = require(image).getCalibration();
		final GreyWindow window = new GreyWindow(values.getCValue(image.getDisplayRangeMin()), values.getCValue(image
			.getDisplayRangeMax()));
		final Volume mean = Images.toVolume(image, IJ::log);
		withProgress(progress -> {
			final Volume deviation = reference(uncertainty, progress);
			final UncertaintyOverlay overlay = UncertaintyOverlay.of(deviation, window, opacity / 100, threshold, most);
			result = Images.rgb("Uncertainty on " + mean.name(), overlay.slices(mean, deviation), overlay.width(mean.grid()), mean
				.grid());
		});
	}
}
