package org.patchct.io;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

import org.patchct.task.InvalidInputException;

/** Files that are written whole or not at all. */
public final class WholeFile {

	private static final String SUFFIX = ".part";

	private WholeFile() { }

	/** Writes a file of the given name. */
	@FunctionalInterface
	public interface Writer {

		void write(Path file) throws IOException;
	}

	/**
	 * Lets {@code writer} write a temporary file beside {@code target} and moves it there in one step. When anything fails
	 * the temporary file is removed and what was at {@code target} before stays.
	 *
	 * @throws InvalidInputException if the folder is missing or cannot be written to, or the disk is full
	 */
	public static void write(final Path target, final Writer writer) {
		final Path file = target.toAbsolutePath();
		final Path folder = file.getParent();
		if (folder == null || Files.isDirectory(file)) throw new InvalidInputException("Cannot write \"" + target +
			"\": it is a folder. Give the name of a file.");
		if (!Files.isDirectory(folder)) throw new InvalidInputException("Cannot write \"" + target +
			"\": there is no folder \"" + folder + "\". Create it or choose another.");
		final Path temporary = folder.resolve(prefix(file) + UUID.randomUUID() + SUFFIX);
		try {
			writer.write(temporary);
			try {
				Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
			}
			catch (final AtomicMoveNotSupportedException e) {
				Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
			}
		}
		catch (final IOException e) {
			throw new InvalidInputException("Cannot write \"" + target + "\": " + reason(e) +
				". Check that its folder can be written to and that the disk is not full.", e);
		}
		finally {
			try {
				Files.deleteIfExists(temporary);
			}
			catch (final IOException e) {
				// The failure that left the file behind has been reported; a stray hidden file must not replace it.
			}
		}
	}

	/**
	 * Removes temporary files that {@link #write} left beside {@code target} when its process was killed. Nobody else may be
	 * writing {@code target} meanwhile.
	 */
	public static void removeLeftovers(final Path target) {
		final Path file = target.toAbsolutePath();
		if (file.getParent() == null || !Files.isDirectory(file.getParent())) return;
		final String prefix = prefix(file);
		try (DirectoryStream<Path> beside = Files.newDirectoryStream(file.getParent(), path -> path.getFileName().toString()
			.startsWith(prefix) && path.toString().endsWith(SUFFIX)))
		{
			for (final Path leftover : beside)
				Files.deleteIfExists(leftover);
		}
		catch (final IOException | DirectoryIteratorException e) {
			// They only take room; a folder that cannot be written to is reported when the file is.
		}
	}

	/** Text as part of a file's name: without characters that file systems refuse. */
	public static String name(final String text) {
		return text.replaceAll("[\\\\/:*?\"<>|]", "-");
	}

	private static String prefix(final Path file) {
		return "." + file.getFileName() + ".";
	}

	/**
	 * Makes a folder if it is missing, and checks before long work that files can be created in it.
	 *
	 * @throws InvalidInputException if not
	 */
	public static void requireFolder(final Path folder) {
		try {
			Files.createDirectories(folder);
			Files.delete(Files.createTempFile(folder, "write-test", null));
		}
		catch (final IOException e) {
			throw new InvalidInputException("Output folder \"" + folder + "\" cannot be written to (" + e.getClass()
				.getSimpleName() + "). Choose a folder in which you may create files.", e);
		}
	}

	private static String reason(final IOException e) {
		return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : e.getMessage() == null ? e.getClass()
			.getSimpleName() : e.getMessage();
	}
}
