package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

import ij.ImagePlus;
import ij.gui.NewImage;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.imagej.BatchFolder.Part;
import org.patchct.imagej.BatchFolder.Row;
import org.patchct.imagej.BatchFolder.Status;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;

class BatchFolderTest {

	@TempDir
	Path folder;

	private Path input, output;

	private final List<String> log = new ArrayList<>(), worked = new ArrayList<>();

	@BeforeEach
	void makeInput() throws Exception {
		input = Files.createDirectory(folder.resolve("in"));
		output = folder.resolve("out");
		for (final String name : List.of("b.tif", "a.nii.gz", "c.raw"))
			Files.writeString(input.resolve(name), name);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 7, 50 })
	void partsAreDisjointAndComplete(final int of) {
		final List<Integer> all = IntStream.range(0, 31).boxed().toList(), found = new ArrayList<>();
		for (int number = 1; number <= of; number++) {
			final List<Integer> part = Part.parse(number + "/" + of).of(all);
			assertTrue(Math.abs(part.size() - 31.0 / of) < 1, number + "/" + of + " has " + part.size());
			found.addAll(part);
		}
		assertEquals(31, found.size());
		assertEquals(new TreeSet<>(all), new TreeSet<>(found));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "3", "0/4", "5/4", "1/0", "-1/2", "a/b", "1/2/3", "1/9999999" })
	void partThatMakesNoSenseIsRefused(final String text) {
		assertEquals("Part \"" + text + "\": it must be N/M with N from 1 to M, such as 3/10; 1/1 for all files.",
			assertThrows(InvalidInputException.class, () -> Part.parse(text)).getMessage());
	}

	@Test
	void resultsHaveTheNamesOfTheirFilesAndNoTwoTheSame() throws Exception {
		Files.writeString(input.resolve("B.nii"), "another b");
		Files.writeString(input.resolve(".hidden"), "");
		assertEquals(4, run("recipe", "1/1").size());
		assertEquals(List.of("B.nii", "a.nii.gz", "b.tif", "c.raw"), worked);
		for (final String name : List.of("B.nii_My-method.tif", "a_My-method.tif", "b.tif_My-method.tif",
			"c_My-method.tif"))
			assertTrue(Files.exists(output.resolve(name)), name);
	}

	@Test
	void finishedResultsAreSkippedUntilTheirRecipeOrFileChanges() throws Exception {
		run("recipe", "1/1");
		worked.clear();
		assertEquals(3, BatchFolder.count(run("recipe", "1/1"), Status.SKIPPED));
		assertEquals(List.of(), worked);
		Files.writeString(input.resolve("b.tif"), "changed");
		final List<Row> again = run("recipe", "1/1");
		assertEquals(List.of("b.tif"), worked);
		assertTrue(again.get(1).message().startsWith("made again, since its recipe was another: recipe; input b.tif of 5"),
			again.toString());
		worked.clear();
		log.clear();
		assertEquals(3, BatchFolder.count(run("other", "1/1"), Status.DONE));
		assertTrue(log.get(1).startsWith("a.nii.gz: made again, since its recipe was another: recipe; input "), log
			.toString());
	}

	@Test
	void damagedResultIsMadeAgainAndAForeignOneIsLeftAlone() throws Exception {
		run("recipe", "1/1");
		final Path result = output.resolve("c_My-method.tif"), foreign = output.resolve("b_My-method.tif");
		final byte[] whole = Files.readAllBytes(result);
		Files.write(result, java.util.Arrays.copyOf(whole, whole.length / 2));
		Tiff.save(image(), foreign);
		final byte[] before = Files.readAllBytes(foreign);
		final List<Row> rows = run("recipe", "1/1");
		assertEquals(List.of(Status.SKIPPED, Status.FAILED, Status.DONE), rows.stream().map(Row::status).toList());
		assertTrue(rows.get(1).message().contains("is there, and not made by a batch: move it away"), rows.toString());
		assertEquals("made again, since its result was damaged", rows.get(2).message());
		assertEquals(before.length, Files.size(foreign));
		assertEquals(whole.length, Files.size(result));
	}

	@Test
	void failuresOfEveryKindAreReportedAndTheRestGoesOn() throws Exception {
		final List<Row> rows = new BatchFolder(input, output, "My/method", "recipe", Part.parse("1/1"), log::add).run((file,
			progress) -> {
			switch (file.getFileName().toString()) {
				case "a.nii.gz" -> throw new InvalidInputException("No good, \"a\".");
				case "b.tif" -> throw new OutOfMemoryError();
				default -> throw new IllegalStateException("a fault of ours");
			}
		}, Progress.SILENT);
		assertEquals(3, BatchFolder.count(rows, Status.FAILED));
		final List<String> table = Files.readAllLines(output.resolve("batch_My-method.csv"));
		assertEquals("file,status,seconds,message", table.get(0));
		assertTrue(table.get(1).matches("a\\.nii\\.gz,failed,\\d\\.\\d+,\"No good, \"\"a\"\"\\.\""), table.get(1));
		assertTrue(table.get(2).contains("Out of memory"), table.get(2));
		assertTrue(table.get(3).contains("Internal error, please report it with the log: java.lang.IllegalStateException: a"),
			table.get(3));
		assertTrue(log.toString().contains("at org.patchct.imagej.BatchFolderTest"), log.toString());
	}

	@Test
	void cancellingStopsTheBatch() {
		final List<String> begun = new ArrayList<>();
		assertThrows(CancelledException.class, () -> new BatchFolder(input, output, "FBP", "recipe", Part.parse("1/1"), log::add)
			.run((file, progress) -> {
				begun.add(file.getFileName().toString());
				if (begun.size() == 2) throw new CancelledException();
				return Map.of(BatchFolder.RESULT, image());
			}, Progress.SILENT));
		assertEquals(2, begun.size());
		assertTrue(Files.exists(output.resolve("a_FBP.tif")));
		assertFalse(Files.exists(output.resolve("b_FBP.tif")));
	}

	@Test
	void foldersThatMakeNoSenseAreRefused() {
		assertThrows(InvalidInputException.class, () -> new BatchFolder(folder.resolve("none"), output, "FBP", "", Part.parse(
			"1/1"), log::add));
		final InvalidInputException same = assertThrows(InvalidInputException.class, () -> new BatchFolder(input, input
			.resolve("../in"), "FBP", "", Part.parse("1/1"), log::add));
		assertTrue(same.getMessage().startsWith("Input and output are the same folder"), same.getMessage());
	}

	private List<Row> run(final String recipe, final String part) {
		return new BatchFolder(input, output, "My/method", recipe, Part.parse(part), log::add).run((file, progress) -> {
			worked.add(file.getFileName().toString());
			return Map.of(BatchFolder.RESULT, image());
		}, Progress.SILENT);
	}

	private static ImagePlus image() {
		return NewImage.createFloatImage("result", 4, 4, 4, NewImage.FILL_RAMP);
	}
}
