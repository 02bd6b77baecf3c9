package org.patchct.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.patchct.task.InvalidInputException;

/** What readers of all formats ask of a file. */
public final class InputFiles {

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

	/** A file's name without folder and extension. */
	public static String title(final Path file) {
		return file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
	}
}
