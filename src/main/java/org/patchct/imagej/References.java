package org.patchct.imagej;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

import ij.ImagePlus;
import ij.WindowManager;

import org.patchct.evaluate.Benchmark.Reference;
import org.patchct.io.DicomFolder;
import org.patchct.io.InputFiles;
import org.patchct.io.WholeFile;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;
import org.scijava.Context;

/** Volumes named by a text: one, or several in a folder or a list. */
public final class References {

	/** Separates volumes of a list; unlike the comma it is rare in the names of files. */
	public static final String SEPARATOR = ";";

	private final Path output;

	private final Context context;

	private final Consumer<String> log;

	private References(final Path output, final Context context, final Consumer<String> log) {
		this.output = output;
		this.context = context;
		this.log = log;
	}

	/**
	 * Finds volumes; they are opened later, so one that cannot be used is told of when its turn comes.
	 *
	 * @param text title of an open image, path of a file, of a folder of DICOM slices, or of a folder of those (hidden files
	 *          and {@code output} are left out); or several of these separated by {@value #SEPARATOR}
	 * @param output where results go
	 * @param context where the readers are
	 * @param log told what had to be assumed of a volume
	 * @return a single volume with no folder of its own; else each with one, named after it
	 * @throws InvalidInputException if a folder is empty or cannot be read
	 */
	public static List<Reference> of(final String text, final Path output, final Context context,
		final Consumer<String> log)
	{
		final References references = new References(output.toAbsolutePath(), context, log);
		final boolean list = text.contains(SEPARATOR) && WindowManager.getImage(text) == null && !new File(text)
			.exists();
		if (!list && !references.isFolderOfVolumes(text)) return List.of(references.reference(text, ""));
		final List<String> found = new ArrayList<>();
		for (final String part : list ? text.split(SEPARATOR) : new String[] { text }) {
			if (part.isBlank()) continue;
			if (references.isFolderOfVolumes(part.strip())) references.members(Path.of(part.strip())).forEach(file -> found.add(
				file.toString()));
			else found.add(part.strip());
		}
		final Set<String> taken = new HashSet<>();
		return found.stream().map(part -> references.reference(part, unlike(taken, name(part)))).toList();
	}

	private boolean isFolderOfVolumes(final String text) {
		return WindowManager.getImage(text) == null && new File(text).isDirectory() && members(Path.of(text)).stream()
			.noneMatch(DicomFolder::isDicom);
	}

	private List<Path> members(final Path folder) {
		return VolumeFolder.files(folder).stream().filter(file -> !output.startsWith(file.toAbsolutePath())).toList();
	}

	private Reference reference(final String titleOrPath, final String folder) {
		final Function<Progress, Volume> open = progress -> {
			final ImagePlus image = WindowManager.getImage(titleOrPath);
			return image == null ? VolumeOpener.open(Path.of(titleOrPath), null, context, progress, log) : Images.toVolume(
				image, log);
		};
		return new Reference(folder.isEmpty() ? name(titleOrPath) : folder, folder, open);
	}

	/** A path's or title's last part without the extension of a volume. */
	private static String name(final String titleOrPath) {
		return WholeFile.name(InputFiles.withoutExtension(new File(titleOrPath).getName()));
	}

	/** The name with a number if it is taken, also if but for upper and lower case. */
	private static String unlike(final Set<String> taken, final String name) {
		String unlike = name;
		for (int i = 2; !taken.add(unlike.toLowerCase(Locale.ROOT)); i++)
			unlike = name + " (" + i + ")";
		return unlike;
	}
}
