package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.io.File;

import org.patchct.imagej.Images;
import org.patchct.imagej.VolumeOpener;
import org.patchct.task.InvalidInputException;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Opens a volume with its voxel size and its units. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Open Volume...",
	headless = true,
	description = "Opens a volume with its voxel size and Hounsfield units: NIfTI, NRRD, MetaImage, TIFF, a DICOM " +
		"folder, and whatever else this ImageJ can open.")
public class OpenVolumeCommand extends CtCommand {

	public static final String NO_PATH = "No file was given: name one with path=[file or folder].";

	@Parameter(label = "File or DICOM folder", style = FileWidget.FILE_AND_DIRECTORY_STYLE, required = false,
		persist = false, description = "A .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd or .tif file, or a folder of DICOM files.")
	private File path;

	@Parameter(label = "DICOM series (empty: the only one)", required = false, persist = false,
		description = "Which series of a DICOM folder: its number or UID. A folder with several lists them when none is " +
			"chosen.")
	private String series = "";

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		if (path == null) throw new InvalidInputException(NO_PATH);
		withProgress(progress -> result = Images.toImagePlus(VolumeOpener.open(path.toPath(), series, context(), progress,
			IJ::log)));
	}
}
