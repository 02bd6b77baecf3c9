package org.patchct.imagej;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an installation put into a Fiji folder, so that it can be taken out again: {@code mvn install} with the property
 * {@code scijava.app.directory} calls it before and after the copying, and {@code mvn -Premove} to remove.
 * <p>
 * Only files that Fiji did not have go into the record. A library that replaced another version of itself stays, since
 * Fiji needs it.
 */
public final class FijiFolder {

	/** The list of what was installed, in the Fiji folder: a path a line. */
	static final String RECORD = "PatchCT-files.txt";

	private final Path fiji, before;

	/**
	 * @param fiji Fiji's folder
	 * @param before where the list of its files is kept while files are copied
	 */
	FijiFolder(final Path fiji, final Path before) {
		this.fiji = fiji;
		this.before = before;
	}

	/** @param args before, after or remove; Fiji's folder; where the list of files is kept in between */
	public static void main(final String... args) throws IOException {
		final FijiFolder folder = new FijiFolder(Path.of(args[1]), Path.of(args[2]));
		switch (args[0]) {
			case "before" -> folder.list();
			case "after" -> folder.record();
			case "remove" -> folder.remove().forEach(file -> System.out.println("Removed " + file));
			default -> throw new IllegalArgumentException(args[0]);
		}
	}

	/** Lists the files that are there before the installation. */
	void list() throws IOException {
		if (!Files.isDirectory(fiji)) throw new IOException("There is no folder " + fiji +
			": give that of Fiji, with -Dscijava.app.directory=FOLDER.");
		Files.createDirectories(before.toAbsolutePath().getParent());
		Files.write(before, files());
	}

	/** Records the files that the installation has added to those listed, and to those of an earlier one. */
	void record() throws IOException {
		final Set<String> had = new TreeSet<>(Files.readAllLines(before)), ours = recorded();
		had.removeAll(ours);
		final Set<String> libraries = had.stream().map(FijiFolder::library).collect(Collectors.toSet());
		final List<String> record = files().stream().filter(file -> !libraries.contains(library(file)) && !file.equals(
			RECORD)).toList();
		Files.write(fiji.resolve(RECORD), record);
	}

	/**
	 * Removes what was recorded, and folders that it leaves empty.
	 *
	 * @return the files that were there
	 */
	List<String> remove() throws IOException {
		if (!Files.exists(fiji.resolve(RECORD))) throw new IOException("There is no " + fiji.resolve(RECORD) +
			": PatchCT was not installed there by Maven. Give Fiji's folder with -Dscijava.app.directory=FOLDER.");
		final List<String> removed = new ArrayList<>();
		for (final String name : recorded()) {
			final Path file = fiji.resolve(name).normalize();
			if (!file.startsWith(fiji.normalize())) throw new IOException(RECORD + " names a file elsewhere: " + name);
			if (Files.deleteIfExists(file)) removed.add(name);
			removeIfEmpty(file.getParent());
		}
		Files.delete(fiji.resolve(RECORD));
		return removed;
	}

	private void removeIfEmpty(final Path folder) throws IOException {
		// Fiji's own folders stay.
		if (fiji.normalize().equals(folder.getParent()) || fiji.normalize().equals(folder)) return;
		try {
			Files.delete(folder);
		}
		catch (final DirectoryNotEmptyException | NoSuchFileException e) {
			// Others have files in it, or it has gone with an earlier file.
		}
	}

	private Set<String> recorded() throws IOException {
		return Files.exists(fiji.resolve(RECORD)) ? new TreeSet<>(Files.readAllLines(fiji.resolve(RECORD)))
			: new TreeSet<>();
	}

	private List<String> files() throws IOException {
		try (Stream<Path> found = Files.walk(fiji)) {
			return found.filter(Files::isRegularFile).map(file -> fiji.relativize(file).toString().replace('\\', '/')).sorted()
				.toList();
		}
	}

	/** A file's name without folder and version, by which two versions of a library are known. */
	private static String library(final String file) {
		return file.substring(file.lastIndexOf('/') + 1).replaceFirst("-\\d.*\\.jar$", ".jar");
	}
}
