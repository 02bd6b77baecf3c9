package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class DicomFolderTest {

	private static final String SERIES = "1.2.3.4";

	@TempDir
	Path folder;

	private final List<String> warnings = new ArrayList<>();

	/** A CT slice of 3 × 2 voxels of 0.8 (x) by 0.6 (y) mm, stored values 24 + 100 · slice + index, HU by −1024. */
	private static DicomBytes slice(final DicomBytes file, final String series, final int number, final double z) {
		return voxels(head(file, series, number).text(0x00200032, "DS", "-10.5\\20\\" + z).text(0x00200037, "DS",
			"1\\0\\0\\0\\1\\0"), number);
	}

	private static DicomBytes head(final DicomBytes file, final String series, final int number) {
		// The sequences hold tags of other series that must not be taken for this one's.
		return file.text(0x00080060, "CS", "CT").text(0x0008103E, "LO", "Chest").definedSequence(0x00081115, 0x0020000E,
			"UI", "9.9.9").sequence(0x00082112, 0x00200032, "DS", "7\\7\\7").text(0x00180050, "DS", "2.5").text(0x0020000E,
				"UI", series).text(0x00200011, "IS", "5").text(0x00200013, "IS", "" + number);
	}

	private static DicomBytes voxels(final DicomBytes file, final int number) {
		final int[] values = new int[6];
		for (int i = 0; i < 6; i++)
			values[i] = 24 + 100 * number + i;
		return file.number(0x00280002, 1).number(0x00280010, 2).number(0x00280011, 3).text(0x00280030, "DS", "0.6\\0.8")
			.number(0x00280100, 16).number(0x00280101, 12).number(0x00280103, 0).text(0x00281052, "DS", "-1024").text(
				0x00281053, "DS", "1").pixels(16, values);
	}

	private void put(final String name, final DicomBytes bytes) throws IOException {
		Files.write(folder.resolve(name), bytes.bytes());
	}

	/** Five slices whose names and numbers run against their positions. */
	private void scan(final String syntax) throws IOException {
		final String[] names = { "q.dcm", "a", "z.ima", "IM0001", "m.dcm" };
		for (int i = 0; i < 5; i++)
			put(names[i], slice(new DicomBytes(syntax), SERIES, 5 - i, -30 + 2.5 * i));
		Files.writeString(folder.resolve("readme.txt"), "not a slice".repeat(30));
	}

	private Volume open() {
		return DicomFolder.open(folder, null, Progress.SILENT, warnings::add);
	}

	private void refused(final String... parts) {
		final String said = assertThrows(InvalidInputException.class, this::open).getMessage();
		for (final String part : parts)
			assertTrue(said.contains(part), said);
	}

	@ParameterizedTest
	@ValueSource(strings = { DicomBytes.EXPLICIT, DicomBytes.IMPLICIT, DicomBytes.BIG })
	void sortsSlicesByPositionAndGivesHounsfieldUnits(final String syntax) throws IOException {
		scan(syntax);
		final Volume volume = open();
		assertEquals(new Grid(3, 2, 5, 0.8, 0.6, 2.5), volume.grid());
		assertEquals(Intensity.HU, volume.intensity());
		assertEquals(folder.getFileName().toString(), volume.name());
		final float[][] planes = Layouts.planes(volume.img());
		for (int k = 0; k < 5; k++)
			for (int i = 0; i < 6; i++)
				assertEquals(-1000 + 100 * (5 - k) + i, planes[k][i]);
		assertTrue(warnings.isEmpty(), warnings::toString);
	}

	@Test
	void sortsByTheNormalOfObliqueSlices() throws IOException {
		// Sagittal slices: rows along y, columns along −z, so the normal is −x.
		for (int i = 0; i < 3; i++)
			put("s" + i, voxels(head(new DicomBytes(DicomBytes.EXPLICIT), SERIES, i).text(0x00200032, "DS", 4 * i + "\\1\\2")
				.text(0x00200037, "DS", "0\\1\\0\\0\\0\\-1"), i));
		final Volume volume = open();
		assertEquals(4, volume.grid().dz(), 1e-9);
		assertEquals(-1000 + 200, Layouts.planes(volume.img())[0][0]);
	}

	@Test
	void readsFilesWithoutPreamble() throws IOException {
		for (int i = 0; i < 2; i++)
			put("old" + i, slice(DicomBytes.bare(), SERIES, i, i));
		assertEquals(2, open().grid().nz());
	}

	@ParameterizedTest
	@CsvSource({ "8,8,0,200,200", "8,8,1,200,-56", "16,16,0,65535,65535", "16,16,1,65535,-1", "16,12,0,61441,1",
		"16,12,1,2048,-2048", "32,32,1,-7,-7", "32,32,0,-1,4294967295" })
	void decodesEveryWayOfStoringIntegers(final int allocated, final int stored, final int signed, final int value,
		final double expected) throws IOException
	{
		for (final String syntax : new String[] { DicomBytes.EXPLICIT, DicomBytes.BIG })
			for (int i = 0; i < 2; i++) {
				put("s" + i, new DicomBytes(syntax).text(0x00200013, "IS", "" + i).number(0x00280010, 1).number(0x00280011, 2)
					.number(0x00280100, allocated).number(0x00280101, stored).number(0x00280103, signed).text(0x00281052, "DS",
						"10").text(0x00281053, "DS", "0.5").pixels(allocated, value, 0));
				if (i == 1) assertArrayEquals(new float[] { (float) (0.5 * expected + 10), 10 }, Layouts.planes(open()
					.img())[0]);
			}
	}

	@Test
	void fallsBackOnSliceLocationThenInstanceNumber() throws IOException {
		for (int i = 0; i < 3; i++)
			put("n" + i, voxels(head(new DicomBytes(DicomBytes.EXPLICIT), SERIES, 3 - i), 3 - i));
		final Volume numbered = open();
		assertEquals(2.5, numbered.grid().dz(), 1e-9);
		assertEquals(-900, Layouts.planes(numbered.img())[0][0]);
		for (int i = 0; i < 3; i++)
			put("n" + i, voxels(head(new DicomBytes(DicomBytes.EXPLICIT), SERIES, 3 - i).text(0x00201041, "DS", "" + 1.25 *
				i), 3 - i));
		final Volume located = open();
		assertEquals(1.25, located.grid().dz(), 1e-9);
		assertEquals(-700, Layouts.planes(located.img())[0][0]);
	}

	@Test
	void namesTheGapOfAMissingSlice() throws IOException {
		scan(DicomBytes.EXPLICIT);
		Files.delete(folder.resolve("z.ima"));
		refused("missing", "\"a\" (-27.5 mm)", "\"IM0001\" (-22.5 mm)", "step there is 5 mm", "elsewhere 2.5 mm");
	}

	@Test
	void namesDoubledSlices() throws IOException {
		scan(DicomBytes.EXPLICIT);
		Files.copy(folder.resolve("a"), folder.resolve("copy of a"));
		refused("same place", "\"a\"", "\"copy of a\"");
	}

	@Test
	void refusesUnevenSpacing() throws IOException {
		scan(DicomBytes.EXPLICIT);
		put("m.dcm", slice(new DicomBytes(DicomBytes.EXPLICIT), SERIES, 1, -19.5));
		refused("unevenly spaced", "\"m.dcm\" (-19.5 mm)");
	}

	@Test
	void listsSeveralSeriesAndOpensTheOneChosen() throws IOException {
		scan(DicomBytes.EXPLICIT);
		for (int i = 0; i < 3; i++)
			put("other" + i, slice(new DicomBytes(DicomBytes.EXPLICIT), "5.6", 50 + i, i));
		refused("2 series", "1: 5 slices of 3 x 2, series number 5, \"Chest\", " + SERIES, "2: 3 slices", "5.6");
		for (final String choice : new String[] { "2", "5.6", " 5.6 " })
			assertEquals(3, DicomFolder.open(folder, choice, Progress.SILENT, warnings::add).grid().nz());
		assertEquals(5, DicomFolder.open(folder, SERIES, Progress.SILENT, warnings::add).grid().nz());
		assertThrows(InvalidInputException.class, () -> DicomFolder.open(folder, "3", Progress.SILENT, warnings::add));
	}

	@Test
	void passesOverAScoutInTheSameSeriesAndSaysSo() throws IOException {
		scan(DicomBytes.EXPLICIT);
		put("scout", voxels(head(new DicomBytes(DicomBytes.EXPLICIT), SERIES, 9).text(0x00200032, "DS", "0\\0\\0").text(
			0x00200037, "DS", "1\\0\\0\\0\\0\\-1"), 9));
		assertEquals(5, open().grid().nz());
		assertEquals(1, warnings.size());
	}

	@ParameterizedTest
	@CsvSource({ "1.2.840.10008.1.2.4.70, 'JPEG lossless'", "1.2.840.10008.1.2.4.90, 'JPEG 2000 lossless'",
		"1.2.840.10008.1.2.5, 'RLE lossless'", "1.2.840.10008.1.2.1.99, 'deflate'", "1.2.840.10008.1.2.4.999, ''" })
	void namesTheCompressionOfCompressedSlices(final String syntax, final String name) throws IOException {
		for (int i = 0; i < 2; i++)
			put("c" + i, slice(new DicomBytes(syntax), SERIES, i, i));
		refused(syntax, name, "Decompress");
	}

	@Test
	void refusesWhatIsNoVolume() throws IOException {
		refused("holds no DICOM images among its 0 files");
		put("one", slice(new DicomBytes(DicomBytes.EXPLICIT), SERIES, 1, 0));
		refused("single DICOM slice");
		put("two", new DicomBytes(DicomBytes.EXPLICIT).text(0x0020000E, "UI", "2").text(0x00280008, "IS", "40").number(
			0x00280010, 1).number(0x00280011, 1).pixels(16, 1));
		Files.delete(folder.resolve("one"));
		refused("40 frames");
		put("two", new DicomBytes(DicomBytes.EXPLICIT).number(0x00280002, 3).number(0x00280010, 1).number(0x00280011, 1)
			.pixels(16, 1));
		refused("colour");
		assertThrows(InvalidInputException.class, () -> DicomFolder.open(folder.resolve("none"), null, Progress.SILENT,
			warnings::add));
	}

	@Test
	void refusesATruncatedSlice() throws IOException {
		scan(DicomBytes.EXPLICIT);
		final byte[] bytes = Files.readAllBytes(folder.resolve("a"));
		Files.write(folder.resolve("a"), Arrays.copyOf(bytes, bytes.length - 1));
		refused("truncated", "a\"");
	}

	@Test
	void warnsOfATiltedGantry() throws IOException {
		for (int i = 0; i < 4; i++)
			put("t" + i, voxels(head(new DicomBytes(DicomBytes.EXPLICIT), SERIES, i).text(0x00200032, "DS", "0\\" + 0.5 * i +
				"\\" + 2 * i).text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"), i));
		assertEquals(2, open().grid().dz(), 1e-9);
		assertTrue(warnings.get(0).contains("tilted"), warnings::toString);
	}

	@Test
	void mutatedFilesOpenOrAreRefusedButNeverFailOtherwise() throws IOException {
		final Random random = new Random(11);
		scan(DicomBytes.EXPLICIT);
		final byte[] whole = Files.readAllBytes(folder.resolve("a"));
		final UnaryOperator<byte[]> damage = bytes -> {
			final byte[] mutated = Arrays.copyOf(bytes, random.nextInt(3) == 0 ? random.nextInt(bytes.length) : bytes.length);
			for (int flips = 1 + random.nextInt(4); flips > 0 && mutated.length > 128; flips--)
				mutated[128 + random.nextInt(mutated.length - 128)] ^= (byte) (1 << random.nextInt(8));
			return mutated;
		};
		int opened = 0, refused = 0;
		for (int round = 0; round < 300; round++) {
			Files.write(folder.resolve("a"), damage.apply(whole));
			try {
				assertTimeoutPreemptively(Duration.ofSeconds(5), this::open);
				opened++;
			}
			catch (final InvalidInputException e) {
				refused++;
			}
		}
		assertTrue(opened > 20 && refused > 20, opened + " opened, " + refused + " refused");
	}
}
