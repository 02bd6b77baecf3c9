package org.patchct.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
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
		final List<Volume> volumes = new ArrayList<>();
		forEach(folder, size, context, progress, log, (volume, part) -> {
			volumes.add(volume);
			Memory.requireRoom("Folder \"" + folder + "\" up to \"" + volume.name() + "\"", volumes.stream().mapToDouble(v -> v
				.grid().voxels()).sum());
		});
		return volumes;
	}

	/**
	 * Opens volumes as {@link #open(Path, int, Context, Progress, Consumer)} does, and keeps none.
	 *
	 * @param use given each volume, and the progress to report to meanwhile; its exceptions end the work
	 */
	public static void forEach(final Path folder, final int size, final Context context, final Progress progress,
		final Consumer<String> log, final BiConsumer<Volume, Progress> use)
	{
		final List<Path> files = files(folder);
		boolean any = false;
		for (int i = 0; i < files.size(); i++) {
			progress.checkCancelled();
			progress.update("Opening " + files.get(i).getFileName(), (double) i / files.size());
			final Volume volume = openOrNull(files.get(i), size, context, progress.quiet(), log);
			if (volume == null) continue;
			any = true;
			use.accept(volume, progress.part((double) i / files.size(), (i + 1.0) / files.size()));
		}
		if (!any) throw new InvalidInputException("None of the " + files.size() + " files in \"" + folder +
			"\" can be used; the log says why. " + VolumeOpener.FORMATS);
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

	private static Volume openOrNull(final Path file, final int size, final Context context, final Progress progress,
		final Consumer<String> log)
	{
		try {
			return Resampling.toCubic(VolumeOpener.open(file, null, context, progress, log), size, progress);
		}
		catch (final InvalidInputException e) {
			log.accept("Left out \"" + file.getFileName() + "\": " + e.getMessage());
			return null;
		}
	}
}
