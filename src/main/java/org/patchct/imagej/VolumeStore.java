package org.patchct.imagej;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

import ij.ImagePlus;

import org.patchct.evaluate.Comparison;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Volume;

/**
 * Volumes as TIFF files that keep how they were made.
 *
 * @param note adds what else is to be known of an image before it is written
 * @param log told which files are damaged
 */
public record VolumeStore(Consumer<ImagePlus> note, Consumer<String> log) implements Comparison.Store {

	@Override
	public void write(final Volume volume, final Path file, final Map<String, String> lines) {
		final ImagePlus image = Images.toImagePlus(volume);
		Images.recipe(image, lines);
		note.accept(image);
		Tiff.save(image, file);
	}

	@Override
	public Saved read(final Path file) {
		if (!Files.exists(file)) return null;
		try {
			final ImagePlus image = Tiff.open(file);
			return new Saved(Images.toVolume(image), key -> Images.line(image, key));
		}
		catch (final InvalidInputException e) {
			log.accept(e.getMessage());
			return null;
		}
	}
}
