package org.patchct.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.patchct.task.InvalidInputException;

/** Files with the voxels of a header beside them: no volumes of their own. */
public final class DetachedData {

	private DetachedData() { }

	/** The file with a header's voxels, or null if they are in the same file, or it is not known. */
	public static Path of(final Path file) {
		try {
			final Path data = Nrrd.isNamed(file) ? Nrrd.dataFile(file) : MetaImage.isNamed(file) ? MetaImage.dataFile(file)
				: file;
			return data.equals(file) ? null : data.normalize();
		}
		catch (final IOException | InvalidInputException e) {
			// Told of when the file is opened.
			return null;
		}
	}

	/** The files that are not the voxels of another. */
	public static List<Path> leaveOut(final List<Path> files) {
		final Set<Path> detached = new HashSet<>();
		for (final Path file : files) {
			final Path data = of(file);
			if (data != null) detached.add(data);
		}
		return files.stream().filter(file -> !detached.contains(file.toAbsolutePath().normalize())).toList();
	}
}
