package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class NrrdTest {

	@TempDir
	Path folder;

	private final List<String> warnings = new ArrayList<>();

	/** 3 x 2 x 2 voxels of one byte, 0 to 11. */
	private static final String SMALL = """
		NRRD0004
		# Complete NRRD file format specification at:
		# http://teem.sourceforge.net/nrrd/format.html
		type: unsigned char
		dimension: 3
		space: left-posterior-superior
		sizes: 3 2 2
		space directions: (0.5,0,0) (0,0.75,0) (0,0,2)
		kinds: domain domain domain
		encoding: raw
		space origin: (-10,20,30)

		""";

	private static final byte[] DATA = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

	private Volume read(final String name, final byte[] bytes) throws IOException {
		return Nrrd.read(Files.write(folder.resolve(name), bytes), Progress.SILENT, warnings::add);
	}

	private Volume read(final String header) throws IOException {
		return read("a.nrrd", VoxelBytes.file(header, DATA));
	}

	private String refused(final String header) {
		final String said = assertThrows(InvalidInputException.class, () -> read(header)).getMessage();
		assertTrue(said.contains("a.nrrd"), said);
		return said;
	}

	private static void assertCounted(final Volume volume) {
		for (int i = 0; i < DATA.length; i++)
			assertEquals(i, Layouts.planes(volume.img())[i / 6][i % 6]);
	}

	@Test
	void readsWhatSlicerWrites() throws IOException {
		final Volume volume = read(SMALL);
		assertEquals(new Grid(3, 2, 2, 0.5, 0.75, 2), volume.grid());
		assertEquals("a", volume.name());
		assertEquals("grey", volume.intensity().unit());
		assertEquals(List.of(), warnings);
		assertCounted(volume);
		assertCounted(read(SMALL.replace("\n", "\r\n")));
	}

	@ParameterizedTest
	@CsvSource({ "signed char,1,false,-128,127", "uint8,1,false,0,255", "short,2,false,-32768,32767",
		"unsigned short,2,false,0,65535", "int32_t,4,false,-2147483648,2147483647", "uint,4,false,0,4294967295",
		"int64,8,false,-9.2e18,9.2e18", "unsigned long long,8,false,3,1.8e19", "float,4,true,-1e30,1e30",
		"double,8,true,-1e30,1e30" })
	void readsEveryTypeInBothByteOrders(final String type, final int bytes, final boolean floating, final double min,
		final double max) throws IOException
	{
		for (final ByteOrder order : new ByteOrder[] { ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN })
			for (final boolean packed : new boolean[] { false, true }) {
				final double[] values = { min, max, 0, 1, 2, 3, 7, 100, 101, 102, 103, 104 };
				final byte[] data = VoxelBytes.numbers(bytes, floating, order, values);
				final String header = SMALL.replace("unsigned char", type).replace("raw", packed ? "gzip" : "raw").replace(
					"kinds:", "endian: " + (order == ByteOrder.BIG_ENDIAN ? "big" : "little") + "\nkinds:");
				final float[][] planes = Layouts.planes(read("t.nrrd", VoxelBytes.file(header, packed ? NiftiBytes.zipped(data)
					: data)).img());
				for (int i = 0; i < values.length; i++)
					assertEquals((float) values[i], planes[i / 6][i % 6], type + ", voxel " + i);
			}
	}

	@Test
	void readsDataBesideTheHeaderAndPassesOverItsStart() throws IOException {
		Files.write(folder.resolve("the data.raw"), VoxelBytes.file("one\ntwo\nxyz", DATA));
		final String detached = SMALL.replace("kinds", "data file: the data.raw\nline skip: 2\nbyte skip: 3\nkinds");
		assertCounted(read("a.nhdr", detached.getBytes()));
		assertCounted(read("a.nhdr", detached.stripTrailing().replace("line skip: 2\nbyte skip: 3", "byteskip: -1")
			.getBytes()));
		Files.write(folder.resolve("the data.raw"), NiftiBytes.zipped(VoxelBytes.file("xyz", DATA)));
		assertCounted(read("a.nhdr", detached.replace("raw\nspace origin", "gz\nspace origin").replace("line skip: 2\n", "")
			.getBytes()));
		assertEquals(folder.resolve("the data.raw"), DetachedData.of(folder.resolve("a.nhdr")));
		Files.delete(folder.resolve("the data.raw"));
		assertTrue(assertThrows(InvalidInputException.class, () -> read("a.nhdr", detached.getBytes())).getMessage().contains(
			"the data.raw"));
	}

	@Test
	void takesVoxelSizesInTheirUnits() throws IOException {
		final String directions = "space directions: (0.5,0,0) (0,0.75,0) (0,0,2)";
		assertEquals(500, read(SMALL.replace("kinds", "space units: \"m\" \"m\" \"m\"\nkinds")).grid().dx());
		final String spacings = SMALL.replace(directions, "spacings: 1 2 -3\nunits: \"mm\" \"cm\" \"um\"");
		assertEquals(new Grid(3, 2, 2, 1, 20, 0.003), read(spacings).grid());
		assertEquals(List.of(), warnings);
		assertEquals(new Grid(3, 2, 2, 1, 2, 3), read(spacings.replaceAll("units.*", "units: \"pixel\" \"\" \"\"")).grid());
		assertTrue(warnings.remove(0).contains("\"pixel\", which is no known length"));
		assertEquals(Grid.cube(2, 1).dx(), read(SMALL.replace(directions + "\n", "")).grid().dx());
		assertTrue(warnings.remove(0).contains("has no voxel size"));
	}

	@Test
	void leavesOutAxesOfLength1() throws IOException {
		final Grid expected = new Grid(3, 2, 2, 0.5, 0.75, 2);
		final String four = SMALL.replace("dimension: 3", "dimension: 4");
		assertEquals(expected, read(four.replace("sizes: ", "sizes: 1 ").replace("ions: ", "ions: none ")).grid());
		assertEquals(expected, read(four.replace("3 2 2", "3 2 2 1").replace("0,2)", "0,2) (nan,nan,nan)")).grid());
		assertTrue(refused(four.replace("sizes: ", "sizes: 2 ").replace("ions: ", "ions: none ")).contains(
			"4 dimensions (2 x 3 x 2 x 2)"));
	}

	@Test
	void tellsOfTurnedAxesAndRefusesSlantedOnes() throws IOException {
		assertEquals(new Grid(3, 2, 2, 5, 5, 2), read(SMALL.replace("(0.5,0,0) (0,0.75,0)", "(3,4,0) (-4,3,0)")).grid());
		assertTrue(warnings.get(0).contains("is turned in space"));
		assertTrue(refused(SMALL.replace("(0,0,2)", "(0,0.5,2)")).contains("slanted axes 2 and 3"));
	}

	@Test
	void takesTheMeaningOfValuesFromTheHeader() throws IOException {
		assertEquals(Intensity.HU, read(SMALL.replace("kinds", "sample units: \"HU\"\nkinds")).intensity());
		assertEquals(Intensity.ATTENUATION, read(SMALL.replace("kinds", "PatchCT-intensity:=" + IntensityText.of(
			Intensity.ATTENUATION) + "\nkinds")).intensity());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
		NRRD0004|NRRD0009|does not begin with NRRD0001
		NRRD0004|PNG|does not begin with NRRD0001
		kinds:|kinds=|is no field
		type: unsigned char|type: block|type "block"
		type: unsigned char|type: short|"endian" is missing
		type: unsigned char|type: short!endian: middle|"endian" is "middle"
		type: |sort: |"type" is missing
		encoding: raw|encoding: bzip2|encoding "bzip2"
		encoding: raw|encoding: gzip|incorrect header
		encoding: raw|encoding: gzip!byte skip: -1|only raw data
		encoding: raw|encoding: raw!byte skip: -2|at least -1
		encoding: raw|encoding: raw!line skip: 9|fewer than the 9 lines
		encoding: raw|encoding: raw!encoding: raw|there twice
		encoding: raw|encoding: raw!data file: LIST|several files
		encoding: raw|encoding: raw!data file: a%03d.raw 1 9 1|several files
		encoding: raw|encoding: raw!data file: b.raw|b.raw
		dimension: 3|dimension: 2|instead of 2
		dimension: 3|dimension: 99|1 to 16
		sizes: 3 2 2|sizes: 3 2|instead of 3
		sizes: 3 2 2|sizes: 3 2 3|truncated
		sizes: 3 2 2|sizes: 3 0 2|at least 1
		sizes: 3 2 2|sizes: 3 2 x|whole number
		sizes: 3 2 2|sizes: 3 2 9999999999|longer than 2^31
		sizes: 3 2 2|sizes: 2000000000 2000000000 2000000000|more than 2^31
		(0,0,2)||fewer entries
		(0,0,2)|none|voxel size
		(0,0,2)|(0,0,0)|voxel size
		(0,0,2)|(0,0,inf)|no number
		(0,0,2)|(0,nan,2)|holds NaN
		""")
	void refusesADamagedFileWithTheReason(final String from, final String to, final String message) {
		final String said = refusedAny(SMALL.replace(from.replace('!', '\n'), to == null ? "" : to.replace('!', '\n')));
		assertTrue(said.contains(message), said);
	}

	private String refusedAny(final String header) {
		return assertThrows(InvalidInputException.class, () -> read(header)).getMessage();
	}

	@Test
	void refusesAHeaderWithoutEndAndVolumesLargerThanMemory() throws IOException {
		assertTrue(refused(SMALL.stripTrailing() + "#".repeat(1 << 21)).contains("its header does not end"));
		final long slices = Runtime.getRuntime().maxMemory() / 4_000_000 + 10;
		final Path file = folder.resolve("l.nrrd");
		Files.write(file, VoxelBytes.file(SMALL.replace("3 2 2", "1000 1000 " + slices).replace("raw", "gzip"), NiftiBytes
			.zipped(new byte[1 << 20])));
		final byte[] bytes = Files.readAllBytes(file);
		final String said = assertThrows(InvalidInputException.class, () -> read("l.nrrd", java.util.Arrays.copyOf(bytes,
			(int) slices * 1000))).getMessage();
		assertTrue(said.contains("GB of memory"), said);
	}

	@Test
	void mutatedFilesOpenOrAreRefused() throws IOException {
		int opened = 0, refused = 0;
		for (final boolean packed : new boolean[] { false, true }) {
			final String header = SMALL.replace("raw", packed ? "gzip" : "raw");
			final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.nrrd"), VoxelBytes.file(header, packed
				? NiftiBytes.zipped(DATA) : DATA), header.length(), 300, file -> Nrrd.read(file, Progress.SILENT, text -> { }));
			opened += outcome.opened();
			refused += outcome.refused();
		}
		assertTrue(opened > 50 && refused > 50, opened + " opened, " + refused + " refused");
	}
}
