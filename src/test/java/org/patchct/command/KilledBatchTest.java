package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.imagej.HeadlessImageJ;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Launcher;
import org.patchct.imagej.Tiff;
import org.patchct.imagej.WithoutImages;

/** Batches in JVMs of their own, some of them killed without any chance to tidy up, and started again. */
class KilledBatchTest implements WithoutImages {

	private static final int FILES = 50, KILLS = 2;

	/** Files that are no volumes, and one that is cut off. */
	private static final Set<String> BAD = Set.of("v07.tif", "v23.tif", "v48.tif");

	/** Results of a child before it is killed; twice as many are fewer than a part has. */
	private static final int RESULTS = 6;

	private static final String KEYS = " method=SIRT options=[iterations=40 device=cpu] scan=[views=9]";

	@TempDir
	Path folder;

	private Path input, output;

	@Test
	@Timeout(300)
	void twoPartsOfAKilledBatchMakeEveryResultOnce() throws Exception {
		makeVolumes();
		final Map<String, Object> made = new HashMap<>();
		for (int kill = 0; kill < KILLS; kill++) {
			final Process child = start("1/2");
			try (BufferedReader lines = child.inputReader()) {
				int done = 0;
				for (String line; done < RESULTS && (line = lines.readLine()) != null;)
					if (line.contains(": done in ")) done++;
				assertEquals(RESULTS, done);
				child.toHandle().destroyForcibly();
				child.waitFor();
			}
			for (final Path result : results())
				assertEquals(identity(result), made.merge(name(result), identity(result), (before, now) -> before),
					"made again: " + result);
			assertTrue(made.size() >= RESULTS * (kill + 1) && made.size() < FILES / 2, made.size() + " results");
		}
		final List<Process> children = List.of(start("1/2"), start("2/2"));
		for (final Process child : children)
			try (BufferedReader lines = child.inputReader()) {
				while (lines.readLine() != null);
				assertEquals(1, child.waitFor(), "bad files make it fail");
			}
		final List<Path> results = results();
		assertEquals(FILES - BAD.size(), results.size());
		for (final Path result : results)
			assertEquals(made.getOrDefault(name(result), identity(result)), identity(result), "made again: " + result);
		assertEachWasMadeOnce();
		assertTables();
		assertRight("v00");
		assertRight("v01");
		try (Stream<Path> files = Files.list(output)) {
			assertEquals(FILES - BAD.size() + 4, files.count(), "results, two logs and two tables");
		}
	}

	/** By the logs; the last result before a kill may be there without its line. */
	private void assertEachWasMadeOnce() throws IOException {
		final List<String> done = new ArrayList<>();
		for (final String part : List.of("1of2", "2of2"))
			for (final String line : Files.readAllLines(output.resolve("batch_SIRT_" + part + ".log")))
				if (line.contains(": done in ")) done.add(line.replaceFirst("\\S+ (\\S+): done in .*", "$1"));
		assertEquals(done.size(), new HashSet<>(done).size(), done.toString());
		assertTrue(done.size() >= FILES - BAD.size() - KILLS, done.toString());
	}

	private void assertTables() throws IOException {
		final Set<String> failed = new HashSet<>(), others = new HashSet<>();
		for (final String part : List.of("1of2", "2of2"))
			for (final String row : Files.readAllLines(output.resolve("batch_SIRT_" + part + ".csv"))) {
				final String[] fields = row.split(",", 4);
				if (fields[1].equals("failed")) {
					failed.add(fields[0]);
					assertTrue(fields[3].contains(fields[0]), row);
				}
				else if (fields[1].matches("done|skipped")) others.add(fields[0]);
			}
		assertEquals(BAD, failed);
		assertEquals(FILES - BAD.size(), others.size());
	}

	/** What the commands make one by one. */
	private void assertRight(final String name) {
		final HeadlessMacro.Result result = HeadlessMacro.run("run('CT Open Volume...', 'path=" + input.resolve(name +
			".tif") + "'); run('CT Simulate Projections...', 'views=9'); run('CT SIRT...', 'iterations=40 device=cpu');");
		assertTrue(result.ok(), result.err());
		final ImagePlus expected = WindowManager.getCurrentImage(), found = Tiff.open(output.resolve(name + "_SIRT.tif"));
		for (int k = 1; k <= expected.getStackSize(); k++)
			assertArrayEquals((float[]) expected.getStack().getPixels(k), (float[]) found.getStack().getPixels(k));
	}

	private void makeVolumes() throws IOException {
		input = Files.createDirectory(folder.resolve("in"));
		output = folder.resolve("out");
		final StringBuilder macro = new StringBuilder();
		for (int i = 0; i < FILES; i++)
			macro.append(String.format("run('CT Phantom...', 'size=16 seed=%d'); saveAs('Tiff', '%s/v%02d.tif'); close();\n", i,
				input, i));
		final HeadlessMacro.Result result = HeadlessMacro.run(macro.toString());
		assertTrue(result.ok(), result.err());
		Files.writeString(input.resolve("v07.tif"), "no volume");
		Files.write(input.resolve("v23.tif"), new byte[0]);
		final Path cut = input.resolve("v48.tif"), whole = folder.resolve("whole");
		Files.move(cut, whole, StandardCopyOption.REPLACE_EXISTING);
		Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(whole), 9000));
		assertFalse(Files.size(whole) <= 9000);
	}

	private Process start(final String part) throws IOException {
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
			"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", HeadlessImageJ.JVM_FLAG, "-cp", System.getProperty(
				"java.class.path"), Launcher.class.getName(), "--run", "CT Batch Reconstruct...", "input=" + input + " output=" +
					output + " part=" + part + KEYS).redirectError(ProcessBuilder.Redirect.DISCARD).start();
	}

	private List<Path> results() throws IOException {
		try (Stream<Path> files = Files.list(output)) {
			return files.filter(file -> name(file).endsWith("_SIRT.tif") && !name(file).startsWith(".")).sorted().toList();
		}
	}

	private static String name(final Path file) {
		return file.getFileName().toString();
	}

	/** The same only as long as nobody writes the file again. */
	private static Object identity(final Path file) throws IOException {
		return List.of(Files.getLastModifiedTime(file), String.valueOf(Files.readAttributes(file,
			java.nio.file.attribute.BasicFileAttributes.class).fileKey()));
	}
}
