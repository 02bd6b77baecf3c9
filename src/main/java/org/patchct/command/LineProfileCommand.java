package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.Line;

import java.util.ArrayList;
import java.util.List;

import org.patchct.evaluate.GreyWindow;
import org.patchct.imagej.Images;
import org.patchct.imagej.LineProfile;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Values of several volumes along one line. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Line Profile...",
	headless = true,
	description = "Plots the values of several volumes along the same line, and lists them in a table (the table of results " +
		"where there is no display). The plot is titled \"Profiles from (x, y) to (x, y) in slice N\".")
public class LineProfileCommand extends CtCommand {

	@Parameter(label = "Volumes (titles, separated by semicolons)", required = false, persist = false,
		description = "Titles of open images of the same size, voxel size and unit, such as images=[FBP of scan (20 views); " +
			"scan]; the active image if left out.")
	private String images = "";

	@Parameter(label = "From (x, y)", required = false, persist = false,
		description = "Such as 10,32: column and row of a voxel, from 0; if left out, the start of the line that is selected " +
			"in the active image, else that of the middle row.")
	private String from = "";

	@Parameter(label = "To (x, y)", required = false, persist = false,
		description = "The other end, if left out as above.")
	private String to = "";

	@Parameter(label = "Slice (0: automatic)", min = "0", persist = false,
		description = "From 1; 0 for the one that shows in the active image if it is among the volumes, else the middle one.")
	private int slice;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void prepare() {
		final ImagePlus active = WindowManager.getCurrentImage();
		if (active == null) return;
		if (images.isBlank()) images = active.getTitle();
		if (active.getRoi() instanceof Line line && from.isBlank() && to.isBlank()) {
			from = point(active, line.x1d, line.y1d);
			to = point(active, line.x2d, line.y2d);
		}
	}

	@Override
	protected void execute() {
		final List<Volume> volumes = new ArrayList<>();
		int shown = 0;
		for (final String title : images.split(";")) {
			final ImagePlus image = WindowManager.getImage(title.strip());
			if (image == null) throw new InvalidInputException(title.isBlank() ? NO_IMAGE : "Volumes, images=[" + images +
				"]: no open image is titled \"" + title.strip() + "\". Open images: " + String.join(", ", WindowManager
					.getImageTitles()) + ".");
			volumes.add(Images.toVolume(image, IJ::log));
			if (image == WindowManager.getCurrentImage()) shown = image.getCurrentSlice();
		}
		final Volume first = volumes.get(0);
		final int middle = first.grid().ny() / 2, chosen = slice > 0 ? slice : shown > 0 ? shown : (first.grid().nz() + 1) / 2;
		final double[] start = point(from, 0, middle), end = point(to, first.grid().nx() - 1, middle);
		result = new LineProfile(start[0], start[1], end[0], end[1], chosen).plot(volumes).getImagePlus();
	}

	/** Selections may reach the outer edge of the last voxel. */
	private static String point(final ImagePlus image, final double x, final double y) {
		return GreyWindow.number(Math.min(x, image.getWidth() - 1)) + "," + GreyWindow.number(Math.min(y, image.getHeight() -
			1));
	}

	private static double[] point(final String text, final double x, final double y) {
		if (text.isBlank()) return new double[] { x, y };
		try {
			final String[] parts = text.strip().split("\\s*,\\s*");
			if (parts.length == 2) return new double[] { Double.parseDouble(parts[0]), Double.parseDouble(parts[1]) };
		}
		catch (final NumberFormatException e) {
			// Reported below like any other text that is no point.
		}
		throw new InvalidInputException("End of the line \"" + text + "\": give column and row, such as 10,32.");
	}
}
