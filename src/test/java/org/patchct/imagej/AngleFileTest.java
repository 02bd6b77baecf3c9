package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import ij.IJ;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.io.FileMutations;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanPlan;
import org.patchct.task.InvalidInputException;

/** View angles in text files. */
class AngleFileTest {

	private static final int VIEWS = 36;

	@TempDir
	Path folder;

	private Path scan;

	@BeforeEach
	void writeScan() {
		scan = folder.resolve("scan.tif");
		Tiff.save(IJ.createImage("scan", "16-bit ramp", 5, 3, VIEWS), scan);
	}

	/** The angles with which a scan would be imported. */
	private double[] angles(final Path file) {
		try (RawScan raw = ScanOpener.open(scan, null, null, null, file.toFile())) {
			return ScanPlan.of(raw, null, 0, 180, false, false).angles();
		}
	}

	private static String text() {
		final StringBuilder text = new StringBuilder("# degrees\n");
		for (int i = 0; i < VIEWS; i++)
			text.append(i * 5).append(i % 3 == 0 ? ".25" : "").append(i % 4 == 3 ? "\r\n" : i % 4 == 1 ? ", " : " ");
		return text.toString();
	}

	@Test
	void separatorsCommentsAndTheMarkOfAnEditorDoNotCount() throws IOException {
		final double[] expected = numbers(Files.writeString(folder.resolve("a.txt"), text()));
		assertEquals(VIEWS, expected.length);
		assertArrayEquals(expected, angles(folder.resolve("a.txt")));
		assertArrayEquals(expected, angles(Files.writeString(folder.resolve("b.csv"), "\uFEFF, " + text() + " # end")));
	}

	/** Java's parser of numbers takes all but the last two. */
	@ParameterizedTest
	@ValueSource(strings = { "10d", "10F", "0x1p3", "10\u0000", "NaN", "Infinity", "1e999", "1.2.3", "--5" })
	void whatIsNoDecimalNumberIsRefused(final String word) throws IOException {
		final Path file = Files.writeString(folder.resolve("a.txt"), text().replace("20 ", word + " "));
		final String said = assertThrows(InvalidInputException.class, () -> angles(file)).getMessage();
		assertTrue(said.contains("holds \"" + word + "\" where view angle 4 should be") || word.equals("1e999") && said
			.contains("not all finite numbers"), said);
	}

	@Test
	void mutatedFilesAreReadAsWrittenOrRefused() throws IOException {
		final byte[] whole = text().getBytes(StandardCharsets.UTF_8);
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.txt"), whole, whole.length, 400,
			file -> {
				final double[] read = angles(file);
				assertArrayEquals(numbers(file), read, 1e-9);
			});
		assertTrue(outcome.opened() > 10 && outcome.refused() > 200, outcome.toString());
	}

	/** What a file says, read in another way: decimal numbers and nothing else. */
	private static double[] numbers(final Path file) {
		final List<Double> numbers = new ArrayList<>();
		try {
			for (final String line : Files.readString(file).split("\r\n|[\n\r]")) {
				final String data = line.contains("#") ? line.substring(0, line.indexOf('#')) : line;
				for (final String word : data.split("[\\s,;]"))
					if (!word.isEmpty()) numbers.add(new BigDecimal(word).doubleValue());
			}
		}
		catch (final IOException e) {
			throw new AssertionError(e);
		}
		return numbers.stream().mapToDouble(x -> x).toArray();
	}
}
