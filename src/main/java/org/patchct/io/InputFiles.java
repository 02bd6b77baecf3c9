package org.patchct.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;

/** What readers of all formats ask of a file. */
public final class InputFiles {

	/** Extensions of the formats that volumes come in. */
	private static final String EXTENSION =
		"(?i)(\\.nii)?\\.(nii|gz|nrrd|nhdr|mha|mhd|tiff?|dcm|zip|png|raw)$";

	private InputFiles() { }

	/** @throws InvalidInputException if there is no such file */
	public static void require(final Path file) {
		if (!Files.isRegularFile(file)) throw new InvalidInputException("There is no file \"" + file + "\".");
	}

	/** @throws InvalidInputException if there is no such file */
	public static InputStream stream(final Path file) throws IOException {
		require(file);
		return Files.newInputStream(file);
	}

	/** What reads a file. */
	@FunctionalInterface
	interface Reading<T> {

		T read() throws IOException;
	}

	/**
	 * Reads a file and says what is wrong with it as invalid input.
	 *
	 * @throws InvalidInputException if it is truncated, cannot be read, or memory runs out
	 */
	static <T> T reading(final Path file, final Reading<T> reading) {
		try {
			return reading.read();
		}
		catch (final EOFException e) {
			throw new InvalidInputException("\"" + file + "\" is truncated: it ends before its last voxel. Copy or " +
				"download it again.", e);
		}
		catch (final IOException e) {
			throw new InvalidInputException("Cannot read \"" + file + "\": " + e.getMessage() +
				". Check that it may be read and is not damaged.", e);
		}
		catch (final OutOfMemoryError e) {
			throw Memory.ranOut("\"" + file + "\"", e);
		}
	}

	/** A file's name without folder and extension, which may be two as in {@code .nii.gz}. */
	public static String title(final Path file) {
		return file.getFileName().toString().replaceFirst("(?i)(\\.nii)?\\.[^.]*$", "");
	}

	/** A name, which need not be a file's, without the extension of a volume. */
	public static String withoutExtension(final String name) {
		return name.replaceFirst(EXTENSION, "");
	}
}
