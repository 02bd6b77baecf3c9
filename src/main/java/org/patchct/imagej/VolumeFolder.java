package org.patchct.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.patchct.io.DetachedData;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;
import org.scijava.Context;

/** All volumes of a folder. */
public final class VolumeFolder {

	private VolumeFolder() { }

	/**
	 * Opens every file of a folder, and every folder in it as a DICOM series, in the order of their names. Those that cannot
	 * be used are reported and left out.
	 *
	 * @param size voxels along the longest side that they are resampled to with cubic voxels; 0 as they are
	 * @param context where the readers are; null for ours and ImageJ's
	 * @param log told what was assumed of a file, and which is left out for what reason
	 * @throws InvalidInputException if the folder cannot be read or is empty, no file can be used, or all together do not
	 *           fit into memory
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public static List<Volume> open(final Path folder, final int size, final Context context, final Progress progress,
		final Consumer<String> log)
	{
		final List<Path> files = files(folder);
		final List<Volume> volumes = new ArrayList<>();
		double voxels = 0;
		for (final Path file : files) {
			progress.checkCancelled();
			progress.update("Opening " + file.getFileName(), (double) volumes.size() / files.size());
			final Volume volume = open(file, size, context, log);
			if (volume == null) continue;
			voxels += volume.grid().voxels();
			Memory.requireRoom("Folder \"" + folder + "\" up to \"" + file.getFileName() + "\"", voxels);
			volumes.add(volume);
		}
		if (volumes.isEmpty()) throw new InvalidInputException("None of the " + files.size() + " files in \"" + folder +
			"\" can be used; the log says why. " + VolumeOpener.FORMATS);
		return volumes;
	}

	/**
	 * The files and folders in a folder in the order of their names, but for hidden ones and voxels that lie beside their
	 * header.
	 *
	 * @throws InvalidInputException if there are none, or the folder cannot be read
	 */
	static List<Path> files(final Path folder) {
		try (Stream<Path> list = Files.list(folder)) {
			final List<Path> files = list.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
			if (files.isEmpty()) throw new InvalidInputException("Folder \"" + folder +
				"\" is empty: give a folder of volumes.");
			return DetachedData.leaveOut(files);
		}
		catch (final IOException e) {
			throw new InvalidInputException("Folder \"" + folder + "\" cannot be read: give a folder of volumes.", e);
		}
	}

	private static Volume open(final Path file, final int size, final Context context, final Consumer<String> log) {
		try {
			return Resampling.toCubic(VolumeOpener.open(file, null, context, Progress.SILENT, log), size);
		}
		catch (final InvalidInputException e) {
			log.accept("Left out \"" + file.getFileName() + "\": " + e.getMessage());
			return null;
		}
	}
}
