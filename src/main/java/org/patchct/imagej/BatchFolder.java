package org.patchct.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ij.ImagePlus;

import org.patchct.io.Csv;
import org.patchct.io.DetachedData;
import org.patchct.io.WholeFile;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Mistake;
import org.patchct.task.Progress;

/**
 * The same work on every file of a folder, one result each. It can be killed at any moment and started again: results
 * appear whole, and those made from the same input by the same recipe are skipped. A file that cannot be used is noted
 * and left out. Several programs may work on one folder at the same time, each on its {@link Part}.
 */
public final class BatchFolder {

	/** Name of the image that marks a file as finished; the others are written before it. */
	public static final String RESULT = "result";

	/** Key of the line in a result's information that says what it was made from, and how. */
	static final String RECIPE_KEY = "PatchCT-batch";

	private static final String HEADER = "file,status,seconds,message";

	/** What became of a file. */
	public enum Status {
		DONE, SKIPPED, FAILED
	}

	/**
	 * A line of the table.
	 *
	 * @param file name in the input folder
	 * @param seconds that it took, 0 if it was skipped
	 * @param message the reason, or empty
	 */
	public record Row(String file, Status status, double seconds, String message) { }

	/**
	 * Every {@code of}-th file of the sorted list: part 1 of 3 has the first, the fourth, the seventh and so on. Parts know
	 * nothing of each other, are disjoint, and together have every file.
	 *
	 * @param number from 1 to {@code of}
	 * @param of how many parts there are
	 */
	public record Part(int number, int of) {

		private static final Pattern TEXT = Pattern.compile("(\\d{1,6})\\s*/\\s*(\\d{1,6})");

		/** @throws InvalidInputException unless the text is "N/M" with N from 1 to M */
		public static Part parse(final String text) {
			final Matcher matcher = TEXT.matcher(text.strip());
			final Part part = matcher.matches() ? new Part(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(
				2))) : null;
			if (part == null || part.number < 1 || part.number > part.of) throw new InvalidInputException("Part \"" + text +
				"\": it must be N/M with N from 1 to M, such as 3/10; 1/1 for all files.");
			return part;
		}

		<T> List<T> of(final List<T> all) {
			return IntStream.range(0, all.size()).filter(i -> i % of == number - 1).mapToObj(all::get).toList();
		}

		@Override
		public String toString() {
			return number + "/" + of;
		}
	}

	/** What is done with each file. */
	@FunctionalInterface
	public interface Work {

		/**
		 * @return images by name, one of them {@value #RESULT}
		 * @throws InvalidInputException if the file cannot be used
		 * @throws CancelledException if the user cancelled
		 */
		Map<String, ImagePlus> of(Path file, Progress progress);
	}

	/** Paths compare in different ways on different systems, and parts on both must agree. */
	private static final Comparator<Path> ORDER = Comparator.comparing(file -> file.getFileName().toString());

	private final Path input, output, csv, log;

	private final String method, recipe;

	private final Part part;

	private final Consumer<String> told;

	/**
	 * @param input folder of files, and of folders that hold a DICOM series each
	 * @param output folder of the results, made if missing
	 * @param method name at the end of the results' names
	 * @param recipe everything that the results depend on besides their files; results of another recipe are made again
	 * @param told told every line of the log
	 * @throws InvalidInputException if there is no input folder, or the output folder is the same or cannot be written to
	 */
	public BatchFolder(final Path input, final Path output, final String method, final String recipe, final Part part,
		final Consumer<String> told)
	{
		this.input = input.toAbsolutePath().normalize();
		this.output = output.toAbsolutePath().normalize();
		this.method = WholeFile.name(method);
		this.recipe = recipe;
		this.part = part;
		this.told = told;
		if (!Files.isDirectory(input)) throw new InvalidInputException("There is no folder \"" + input +
			"\": give a folder of scans.");
		if (this.input.equals(this.output)) throw new InvalidInputException("Input and output are the same folder \"" +
			input + "\": results would be taken for scans. Choose another output folder.");
		WholeFile.requireFolder(output);
		final String base = "batch_" + this.method + (part.of == 1 ? "" : "_" + part.number + "of" + part.of);
		csv = this.output.resolve(base + ".csv");
		log = this.output.resolve(base + ".log");
	}

	/** Where the table is. */
	public Path table() {
		return csv;
	}

	/**
	 * Works on all files of the part, in the order of their names. After each, the table on disk is complete.
	 *
	 * @return the table
	 * @throws InvalidInputException if the input folder is empty, or log or table cannot be written
	 * @throws CancelledException if the user cancelled
	 */
	public List<Row> run(final Work work, final Progress progress) {
		WholeFile.removeLeftovers(csv);
		final Map<Path, String> names = names(files());
		final List<Path> files = part.of(names.keySet().stream().sorted(ORDER).toList());
		log(Versions.line() + ", part " + part + ": " + files.size() + " of " + names.size() + " files, " + recipe);
		final List<Row> rows = new ArrayList<>();
		for (int i = 0; i < files.size(); i++) {
			final Path file = files.get(i);
			progress.checkCancelled();
			final Row row = row(file, output.resolve(names.get(file) + "_" + method + ".tif"), work, progress.part((double) i /
				files.size(), (i + 1.0) / files.size()).named("File " + (i + 1) + " of " + files.size() + ", " + file
					.getFileName()));
			rows.add(row);
			if (row.status != Status.SKIPPED) writeTable(rows);
		}
		writeTable(rows);
		log(Stream.of(Status.values()).map(status -> count(rows, status) + " " + name(status)).reduce((a, b) -> a + ", " + b)
			.get());
		return rows;
	}

	/** How many files have come to this. */
	public static long count(final List<Row> rows, final Status status) {
		return rows.stream().filter(row -> row.status == status).count();
	}

	private static String name(final Status status) {
		return status.name().toLowerCase(Locale.ROOT);
	}

	private List<Path> files() {
		final List<Path> files;
		try (Stream<Path> list = Files.list(input)) {
			files = list.filter(file -> !file.getFileName().toString().startsWith(".") && !file.equals(output)).toList();
		}
		catch (final IOException e) {
			throw new InvalidInputException("Folder \"" + input + "\" cannot be read: give a folder of scans.", e);
		}
		if (files.isEmpty()) throw new InvalidInputException("Folder \"" + input + "\" is empty: give a folder of scans.");
		return DetachedData.leaveOut(files);
	}

	/** Files with the beginnings of their results' names: without extension, unless others would have the same. */
	private static Map<Path, String> names(final List<Path> files) {
		final Map<String, Integer> uses = new HashMap<>();
		for (final Path file : files)
			uses.merge(stem(file).toLowerCase(Locale.ROOT), 1, Integer::sum);
		final Map<Path, String> names = new HashMap<>();
		for (final Path file : files)
			names.put(file, uses.get(stem(file).toLowerCase(Locale.ROOT)) == 1 ? stem(file) : file.getFileName().toString());
		return names;
	}

	private static String stem(final Path file) {
		final String name = file.getFileName().toString();
		return Files.isDirectory(file) ? name : name.replaceFirst("(?i)(\\.nii)?\\.[^.]+$", "");
	}

	private Row row(final Path file, final Path target, final Work work, final Progress progress) {
		final String name = file.getFileName().toString();
		final long start = System.nanoTime();
		String message;
		try {
			final String wanted = recipe + "; input " + stamp(file);
			message = obstacle(target, wanted);
			if (message == null) {
				log(name + ": skipped, finished before");
				return new Row(name, Status.SKIPPED, 0, "finished before");
			}
			if (!message.isEmpty()) log(name + ": " + message);
			make(file, target, wanted, work, progress);
			final double seconds = (System.nanoTime() - start) / 1e9;
			log(String.format(Locale.ROOT, "%s: done in %.1f s", name, seconds));
			return new Row(name, Status.DONE, seconds, message);
		}
		catch (final CancelledException e) {
			log(name + ": cancelled");
			throw e;
		}
		catch (final InvalidInputException e) {
			message = e.getMessage();
		}
		catch (final OutOfMemoryError e) {
			message = "Out of memory: Java may use " + (Runtime.getRuntime().maxMemory() >> 20) + " MB.";
		}
		catch (final IOException e) {
			message = "Cannot read \"" + file + "\": " + e + ".";
		}
		catch (final RuntimeException e) {
			message = Mistake.report(e, this::log);
		}
		log(name + ": failed. " + message);
		return new Row(name, Status.FAILED, (System.nanoTime() - start) / 1e9, message);
	}

	/** Why there is something to do although there may be a result: null if it is finished, empty if it is missing. */
	private static String obstacle(final Path target, final String wanted) {
		if (!Files.exists(target)) return "";
		final String found;
		try {
			found = Images.line(Tiff.info(target), RECIPE_KEY);
		}
		catch (final InvalidInputException e) {
			return "made again, since its result was damaged";
		}
		if (found == null) throw new InvalidInputException("\"" + target +
			"\" is there, and not made by a batch: move it away, or choose another output folder.");
		return found.equals(wanted) ? null : "made again, since its recipe was another: " + found;
	}

	private void make(final Path file, final Path target, final String wanted, final Work work,
		final Progress progress)
	{
		WholeFile.removeLeftovers(target);
		final Map<String, ImagePlus> images = work.of(file, progress);
		final String base = target.getFileName().toString().replaceFirst("\\.tif$", "");
		images.forEach((name, image) -> {
			if (!name.equals(RESULT)) Tiff.save(image, target.resolveSibling(base + "_" + name + ".tif"));
		});
		final ImagePlus result = images.get(RESULT);
		Images.recipe(result, Map.of(RECIPE_KEY, wanted));
		Tiff.save(result, target);
	}

	/**
	 * Size and time of a file and its detached voxels, or of all files in a folder together: whether it is still the
	 * same.
	 */
	private static String stamp(final Path file) throws IOException {
		long bytes = 0;
		FileTime newest = Files.getLastModifiedTime(file);
		for (final Path each : parts(file)) {
			bytes += Files.size(each);
			final FileTime time = Files.getLastModifiedTime(each);
			if (time.compareTo(newest) > 0) newest = time;
		}
		return file.getFileName() + " of " + bytes + " bytes, " + newest;
	}

	private static List<Path> parts(final Path file) throws IOException {
		if (Files.isDirectory(file)) try (Stream<Path> inside = Files.list(file)) {
			return inside.toList();
		}
		final Path voxels = DetachedData.of(file);
		return voxels == null || !Files.exists(voxels) ? List.of(file) : List.of(file, voxels);
	}

	private void writeTable(final List<Row> rows) {
		final StringBuilder text = new StringBuilder(HEADER + "\n");
		for (final Row row : rows)
			text.append(String.format(Locale.ROOT, "%s,%s,%.3f,%s\n", Csv.field(row.file), name(row.status), row.seconds, Csv
				.field(row.message)));
		WholeFile.write(csv, temporary -> Files.writeString(temporary, text));
	}

	private void log(final String line) {
		told.accept(line);
		try {
			Files.writeString(log, Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + line + "\n", StandardOpenOption.CREATE,
				StandardOpenOption.APPEND);
		}
		catch (final IOException e) {
			throw new InvalidInputException("Cannot write \"" + log + "\": " + e +
				". Check that its folder can be written to and that the disk is not full.", e);
		}
	}
}
