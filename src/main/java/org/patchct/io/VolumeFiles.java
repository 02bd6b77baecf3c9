package org.patchct.io;

import java.nio.file.Path;
import java.util.Locale;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;

/** Volumes in the formats of other programs. */
public final class VolumeFiles {

	public static final String ENDINGS = "its name must end with .nii, .nii.gz, .nrrd or .mha. For TIFF use File > Save " +
		"As > Tiff...";

	private VolumeFiles() { }

	/**
	 * Writes a volume in the format that the file's name ends with, whole or not at all. Its meaning goes into the header,
	 * to 8 digits, and {@code read} of each format finds it there.
	 *
	 * @throws InvalidInputException if the name ends otherwise, voxels are NaN or infinite, the format cannot hold the
	 *           volume, or the file cannot be written
	 * @throws org.patchct.task.CancelledException if the user cancelled; no file is left then
	 */
	public static void write(final Volume volume, final Path file, final SavedType type, final Progress progress) {
		final String name = file.toString().toLowerCase(Locale.ROOT);
		if (Nifti.isNamed(file)) Nifti.write(volume, file, type, progress);
		else if (name.endsWith(".nrrd")) Nrrd.write(volume, file, type, progress);
		else if (name.endsWith(".mha")) MetaImage.write(volume, file, type, progress);
		else throw new InvalidInputException("Cannot write \"" + file + "\": " + ENDINGS);
	}
}
