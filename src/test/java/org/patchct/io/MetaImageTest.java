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

class MetaImageTest {

	@TempDir
	Path folder;

	private final List<String> warnings = new ArrayList<>();

	/** 3 x 2 x 2 voxels of one byte, 0 to 11. */
	private static final String SMALL = """
		ObjectType = Image
		NDims = 3
		BinaryData = True
		BinaryDataByteOrderMSB = False
		CompressedData = False
		TransformMatrix = 1 0 0 0 1 0 0 0 1
		Offset = -10 20 30
		CenterOfRotation = 0 0 0
		AnatomicalOrientation = RAI
		ElementSpacing = 0.5 0.75 2
		DimSize = 3 2 2
		ElementType = MET_UCHAR
		ElementDataFile = LOCAL
		""";

	private static final byte[] DATA = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

	private Volume read(final String name, final byte[] bytes) throws IOException {
		return MetaImage.read(Files.write(folder.resolve(name), bytes), Progress.SILENT, warnings::add);
	}

	private Volume read(final String header) throws IOException {
		return read("a.mha", VoxelBytes.file(header, DATA));
	}

	private static void assertCounted(final Volume volume) {
		for (int i = 0; i < DATA.length; i++)
			assertEquals(i, Layouts.planes(volume.img())[i / 6][i % 6]);
	}

	@Test
	void readsWhatItkWrites() throws IOException {
		final Volume volume = read(SMALL);
		assertEquals(new Grid(3, 2, 2, 0.5, 0.75, 2), volume.grid());
		assertEquals("a", volume.name());
		assertEquals(List.of(), warnings);
		assertCounted(volume);
		assertCounted(read(SMALL.replace("\n", "\r\n")));
		assertEquals(volume.grid(), read(SMALL.replace("NDims = 3", "NDims = 4").replace("0.75 2", "0.75 2 1").replace("3 2 2",
			"3 2 2 1").replace("1 0 0 0 1 0 0 0 1", "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1")).grid());
	}

	@ParameterizedTest
	@CsvSource({ "CHAR,1,false,-128,127", "UCHAR,1,false,0,255", "SHORT,2,false,-32768,32767", "USHORT,2,false,0,65535",
		"INT,4,false,-2147483648,2147483647", "UINT,4,false,0,4294967295", "LONG,4,false,-2147483648,2147483647",
		"ULONG,4,false,0,4294967295", "LONG_LONG,8,false,-9.2e18,9.2e18", "ULONG_LONG,8,false,3,1.8e19",
		"FLOAT,4,true,-1e30,1e30", "DOUBLE,8,true,-1e30,1e30" })
	void readsEveryTypeInBothByteOrders(final String type, final int bytes, final boolean floating, final double min,
		final double max) throws IOException
	{
		for (final ByteOrder order : new ByteOrder[] { ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN })
			for (final boolean packed : new boolean[] { false, true }) {
				final double[] values = { min, max, 0, 1, 2, 3, 7, 100, 101, 102, 103, 104 };
				final byte[] data = VoxelBytes.numbers(bytes, floating, order, values);
				String header = SMALL.replace("UCHAR", type);
				if (order == ByteOrder.BIG_ENDIAN) header = header.replace("MSB = False", "MSB = True");
				if (packed) header = header.replace("CompressedData = False", "CompressedData = True");
				final float[][] planes = Layouts.planes(read("t.mha", VoxelBytes.file(header, packed ? VoxelBytes.deflated(data)
					: data)).img());
				for (int i = 0; i < values.length; i++)
					assertEquals((float) values[i], planes[i / 6][i % 6], type + ", voxel " + i);
			}
	}

	@Test
	void readsVoxelsBesideTheHeaderAndPassesOverTheirStart() throws IOException {
		final Path raw = Files.write(folder.resolve("the data.zraw"), VoxelBytes.deflated(DATA));
		final String detached = SMALL.replace("LOCAL", "the data.zraw");
		assertCounted(read("a.mhd", detached.replace("CompressedData = False", "CompressedData = True").getBytes()));
		assertEquals(raw, DetachedData.of(folder.resolve("a.mhd")));
		Files.write(raw, VoxelBytes.file("xyz", DATA));
		for (final String size : new String[] { "3", "-1" })
			assertCounted(read("a.mhd", detached.replace("Offset", "HeaderSize = " + size + "\nOffset").getBytes()));
		Files.delete(raw);
		assertTrue(assertThrows(InvalidInputException.class, () -> read("a.mhd", detached.getBytes())).getMessage().contains(
			"the data.zraw"));
	}

	@Test
	void takesVoxelSizesScalesAndMeaning() throws IOException {
		assertEquals(0.5, read(SMALL.replace("ElementSpacing", "ElementSize")).grid().dx());
		assertEquals(List.of(), warnings);
		assertEquals(1, read(SMALL.replace("ElementSpacing", "Other")).grid().dx());
		assertTrue(warnings.get(0).contains("has no voxel size"));
		final Volume scaled = read(SMALL.replace("Offset", "ElementToIntensityFunctionSlope = 100\n" +
			"ElementToIntensityFunctionOffset = -1000\nOffset"));
		assertEquals(100, Layouts.planes(scaled.img())[1][5]);
		assertEquals(Intensity.HU, scaled.intensity());
		assertEquals(Intensity.ATTENUATION, read(SMALL.replace("Offset", "Comment = " + IntensityText.of(
			Intensity.ATTENUATION) + "\nOffset")).intensity());
	}

	@Test
	void tellsOfTurnedAxesAndRefusesSlantedOnes() throws IOException {
		read(SMALL.replace("1 0 0 0 1 0 0 0 1", "0.8 0.6 0 -0.6 0.8 0 0 0 1"));
		assertTrue(warnings.get(0).contains("is turned in space"));
		final String said = assertThrows(InvalidInputException.class, () -> read(SMALL.replace("1 0 0 0 1 0 0 0 1",
			"1 0 0 0 1 0 0 0.5 1"))).getMessage();
		assertTrue(said.contains("slanted axes 2 and 3"), said);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
		ObjectType = Image|ObjectType = Tube|type "Tube"
		ObjectType = Image|ObjectType Image|is no field
		DataFile = LOCAL|File = LOCAL|is no field
		LOCAL|LIST|several files
		LOCAL|a%03d.raw 1 9 1|several files
		LOCAL|b.raw|b.raw
		BinaryData = True|BinaryData = False|voxels as text
		BinaryData = True|BinaryData = Maybe|must be True or False
		CompressedData = False|CompressedData = True|Cannot read
		CompressedData = False|CompressedData = True!HeaderSize = -1|only uncompressed
		CompressedData = False|HeaderSize = 100000|truncated
		CompressedData = False|ElementNumberOfChannels = 3|several values
		UCHAR|STRING|MET_STRING
		NDims = 3|NDims = 2|instead of 2
		NDims = 3|NDims = 100000|dimensions
		NDims = 3||"NDims" is missing
		DimSize = 3 2 2|DimSize = 3 2 3|truncated
		DimSize = 3 2 2|DimSize = 3 2 -2|at least 1
		DimSize = 3 2 2|DimSize = 2000000000 2000000000 2000000000|more than 2^31
		0.5 0.75 2|0.5 0 2|voxel size
		0.5 0.75 2|0.5 NaN 2|voxel size
		0.5 0.75 2|0.5 Infinity 2|no number
		1 0 0 0 1 0 0 0 1|1 0 0 0 0 0 0 0 1|no direction for axis 2
		Offset = -10 20 30|Offset = 1!Offset = 2|there twice
		""")
	void refusesADamagedFileWithTheReason(final String from, final String to, final String message) {
		final String said = assertThrows(InvalidInputException.class, () -> read(SMALL.replace(from, to == null ? "" : to
			.replace('!', '\n')))).getMessage();
		assertTrue(said.contains(message), said);
	}

	@Test
	void mutatedFilesOpenOrAreRefused() throws IOException {
		int opened = 0, refused = 0;
		for (final boolean packed : new boolean[] { false, true }) {
			final String header = packed ? SMALL.replace("CompressedData = False", "CompressedData = True") : SMALL;
			final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.mha"), VoxelBytes.file(header, packed
				? VoxelBytes.deflated(DATA) : DATA), header.length(), 300, file -> MetaImage.read(file, Progress.SILENT,
					text -> { }));
			opened += outcome.opened();
			refused += outcome.refused();
		}
		assertTrue(opened > 50 && refused > 50, opened + " opened, " + refused + " refused");
	}
}
