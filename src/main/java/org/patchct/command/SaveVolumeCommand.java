package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.io.File;

import org.patchct.imagej.Images;
import org.patchct.io.SavedType;
import org.patchct.io.VolumeFiles;
import org.patchct.task.InvalidInputException;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Saves a volume for other programs. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Save Volume...",
	headless = true,
	description = "Saves a volume with its voxel size for other programs: NIfTI, NRRD or MetaImage.")
public class SaveVolumeCommand extends CtCommand {

	public static final String NO_PATH = "No file was given: name one with path=[file]; " + VolumeFiles.ENDINGS;

	@Parameter(label = "Volume", required = false, persist = false,
		description = "Title of an open image; the active one if left out.")
	private ImagePlus image;

	@Parameter(label = "File", style = FileWidget.SAVE_STYLE, required = false, persist = false,
		description = "A name that ends with .nii, .nii.gz, .nrrd or .mha. A file that is there is replaced.")
	private File path;

	@Parameter(label = "Voxels", persist = false,
		description = "Floating point: exact, 32 bits. Integers: 16 bits, Hounsfield units rounded; other values are " +
			"scaled, which only NIfTI can say.")
	private SavedType type = SavedType.FLOAT32;

	@Override
	protected void execute() {
		require(image);
		if (path == null) throw new InvalidInputException(NO_PATH);
		withProgress(progress -> VolumeFiles.write(Images.toVolume(image, IJ::log), path.toPath(), type, progress));
		IJ.log("Written to " + path.getAbsolutePath());
	}
}
