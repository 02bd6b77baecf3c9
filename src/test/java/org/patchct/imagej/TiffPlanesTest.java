package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import ij.ImagePlus;
import ij.ImageStack;
import ij.process.FloatProcessor;
import ij.process.ShortProcessor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.io.FileMutations;
import org.patchct.scan.RawScan;
import org.patchct.task.InvalidInputException;

class TiffPlanesTest {

	@TempDir
	Path folder;

	private static ImagePlus stack(final int width, final int height, final int count) {
		final ImageStack stack = new ImageStack(width, height);
		for (int k = 0; k < count; k++) {
			final short[] pixels = new short[width * height];
			for (int i = 0; i < pixels.length; i++)
				pixels[i] = (short) (60000 + i + 100 * k);
			stack.addSlice(new ShortProcessor(width, height, pixels, null));
		}
		return new ImagePlus("stack", stack);
	}

	@Test
	void readsAStackWithItsPixelSize() {
		final ImagePlus image = stack(8, 3, 5);
		image.getCalibration().setUnit("um");
		image.getCalibration().pixelWidth = 7.5;
		Tiff.save(image, folder.resolve("scan.tif"));
		try (RawScan scan = ScanOpener.open(folder.resolve("scan.tif"), null, null, null, null)) {
			assertEquals("scan", scan.name());
			assertEquals("8 x 3 x 5", scan.data().size());
			assertEquals(0.0075, scan.pixel(), 1e-6);
			assertEquals(60000 + 300 + 23, scan.data().read(3)[23]);
		}
	}

	@Test
	void readsAFolderInTheOrderOfNumbers() throws IOException {
		for (int k = 0; k < 12; k++)
			Tiff.save(new ImagePlus("view", new FloatProcessor(4, 2, new float[] { k, 0, 0, 0, 0, 0, 0, 0 })), folder.resolve(
				"view_" + k + ".tif"));
		Files.writeString(folder.resolve("notes.txt"), "left out");
		final TiffPlanes planes = new TiffPlanes(folder);
		assertEquals("4 x 2 x 12", planes.size());
		for (int k = 0; k < 12; k++)
			assertEquals(k, planes.read(k)[0]);
	}

	@Test
	void readingTwiceGivesTheSame() {
		Tiff.save(new ImagePlus("one", new FloatProcessor(2, 2, new float[] { 1, 2, 3, 4 })), folder.resolve("one.tif"));
		final TiffPlanes planes = new TiffPlanes(folder.resolve("one.tif"));
		planes.read(0)[2] = 100;
		assertArrayEquals(new float[] { 1, 2, 3, 4 }, planes.read(0));
	}

	@Test
	void saysWhatIsWrong() throws IOException {
		refused("no file or folder", folder.resolve("none.tif"));
		refused("holds no TIFF files", Files.createDirectory(folder.resolve("empty")));
		refused("is of no known format", Files.writeString(folder.resolve("scan.doc"), "?"));
		refused("is no TIFF file", Files.writeString(folder.resolve("text.tif"), "not TIFF"));
		final Path mixed = Files.createDirectory(folder.resolve("mixed"));
		Tiff.save(stack(8, 3, 1), mixed.resolve("a.tif"));
		Tiff.save(stack(7, 3, 1), mixed.resolve("b.tif"));
		refused("all images of a scan must be of one size", mixed);
		final Path angles = Files.writeString(folder.resolve("angles.txt"), "0 1 two");
		final String said = assertThrows(InvalidInputException.class, () -> ScanOpener.open(mixed, null, null, null, angles
			.toFile())).getMessage();
		assertTrue(said.contains("\"two\" where view angle 2 should be"), said);
	}

	private static void refused(final String message, final Path path) {
		final String said = assertThrows(InvalidInputException.class, () -> FileMutations.readAll(ScanOpener.open(path, null,
			null, null, null))).getMessage();
		assertTrue(said.contains(message), said);
	}

	@Test
	void mutatedFilesOpenOrAreRefused() throws IOException {
		Tiff.save(stack(8, 6, 5), folder.resolve("scan.tif"));
		final byte[] whole = Files.readAllBytes(folder.resolve("scan.tif"));
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.tif"), whole, 250, 400,
			file -> FileMutations.readAll(ScanOpener.open(file, null, null, null, null)));
		assertTrue(outcome.opened() > 40 && outcome.refused() > 40, outcome.toString());
	}
}
