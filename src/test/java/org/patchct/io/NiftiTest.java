package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class NiftiTest {

	@TempDir
	Path folder;

	/** NIfTI code, bits, and how a value is stored. */
	private enum Stored {
		UINT8(2, 8, 0, 255), INT8(256, 8, -128, 127), INT16(4, 16, -32768, 32767), UINT16(512, 16, 0, 65535), INT32(8, 32,
			-2147483648d, 2147483647d), UINT32(768, 32, 0, 4294967295d), FLOAT32(16, 32, -1e30, 1e30), FLOAT64(64, 64, -1e30,
				1e30);

		final int code, bits;

		final double min, max;

		Stored(final int code, final int bits, final double min, final double max) {
			this.code = code;
			this.bits = bits;
			this.min = min;
			this.max = max;
		}

		void put(final ByteBuffer to, final int voxel, final double value) {
			final int at = 352 + voxel * bits / 8;
			switch (this) {
				case UINT8, INT8 -> to.put(at, (byte) (long) value);
				case INT16, UINT16 -> to.putShort(at, (short) (long) value);
				case INT32, UINT32 -> to.putInt(at, (int) (long) value);
				case FLOAT32 -> to.putFloat(at, (float) value);
				case FLOAT64 -> to.putDouble(at, value);
			}
		}
	}

	static Stream<Arguments> everyTypeInBothByteOrders() {
		return Stream.of(Stored.values()).flatMap(type -> Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN).map(
			order -> Arguments.of(type, order)));
	}

	@ParameterizedTest
	@MethodSource("everyTypeInBothByteOrders")
	void readsEveryTypeInBothByteOrders(final Stored type, final ByteOrder order) throws IOException {
		final NiftiBytes nifti = new NiftiBytes(order, type.code, type.bits, 3, 2, 2).scaling(0.5f, -3);
		final double[] values = { type.min, type.max, 0, 1, 2, 3, 7, 100, 101, 102, 103, 104 };
		for (int i = 0; i < values.length; i++)
			type.put(nifti.file, i, values[i]);
		for (final boolean zipped : new boolean[] { false, true }) {
			final byte[] bytes = zipped ? NiftiBytes.zipped(nifti.bytes()) : nifti.bytes();
			final Volume volume = Nifti.read(Files.write(folder.resolve(zipped ? "a.nii.gz" : "a.nii"), bytes));
			final float[][] planes = Layouts.planes(volume.img());
			for (int i = 0; i < values.length; i++)
				assertEquals((float) (0.5 * values[i] - 3), planes[i / 6][i % 6], "voxel " + i);
			assertEquals("a", volume.name());
		}
	}

	@Test
	void convertsVoxelSizesToMillimetres() throws IOException {
		final Grid expected = new Grid(2, 2, 2, 0.5, 0.75, 3);
		final double[][] cases = { { 0, 1 }, { 1, 0.001 }, { 2, 1 }, { 3, 1000 }, { 2 + 8, 1 } };
		for (final double[] c : cases) {
			final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 2, 2).spacing(0.5 * c[1], -0.75 * c[1],
				3 * c[1], (int) c[0]);
			final Grid grid = Nifti.read(write(nifti)).grid();
			assertArrayEquals(new double[] { expected.dx(), expected.dy(), expected.dz() }, new double[] { grid.dx(), grid
				.dy(), grid.dz() }, 1e-9, "units code " + c[0]);
		}
	}

	@Test
	void ignoresASlopeOfZeroOrNaN() throws IOException {
		for (final float slope : new float[] { 0, Float.NaN }) {
			final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 2, 8, 2, 1, 1).scaling(slope, 5);
			nifti.file.put(352, (byte) 9);
			assertEquals(9, Layouts.planes(Nifti.read(write(nifti)).img())[0][0]);
		}
	}

	@Test
	void acceptsATrailingDimensionOfOneAndExtensionsBeforeTheVoxels() throws IOException {
		final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 2, 8, 16, 1, 2, 1);
		nifti.file.putFloat(108, 368);
		nifti.file.put(368, (byte) 77);
		final Volume volume = Nifti.read(write(nifti, 16));
		assertEquals(new Grid(16, 1, 2, 1, 1, 1), volume.grid());
		assertEquals(77, Layouts.planes(volume.img())[0][0]);
	}

	@Test
	void takesValuesForHounsfieldUnitsWhenAirIsAmongThem() throws IOException {
		final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 4, 16, 2, 2, 2);
		nifti.file.putShort(352, (short) -1000);
		assertEquals(Intensity.HU, Nifti.read(write(nifti)).intensity());
		nifti.file.putShort(352, (short) 1000);
		assertEquals("grey", Nifti.read(write(nifti)).intensity().unit());
	}

	@ParameterizedTest
	@EnumSource(SavedType.class)
	void writesWhatItReads(final SavedType type) {
		final Grid grid = new Grid(5, 4, 3, 0.7, 0.8, 1.25);
		for (final Intensity intensity : new Intensity[] { Intensity.HU, Intensity.ATTENUATION, Intensity.grey(-3, 12.5) })
			for (final String name : new String[] { "v.nii", "v.nii.gz" }) {
				final Volume volume = new Volume("v", Layouts.newImage(5, 4, 3), grid, intensity);
				final Random random = new Random(1);
				final boolean whole = intensity.isHounsfield();
				volume.img().forEach(voxel -> voxel.setReal(whole ? random.nextInt(2000) : intensity.denormalise(random
					.nextDouble())));
				final Path file = folder.resolve(name);
				Nifti.write(volume, file, type);
				final Volume read = Nifti.read(file);
				assertEquals(grid, read.grid());
				assertEquals(intensity, read.intensity());
				final double step = type == SavedType.FLOAT32 || whole ? 0 : (intensity.high() - intensity.low()) / 65535;
				final float[][] expected = Layouts.planes(volume.img()), actual = Layouts.planes(read.img());
				for (int k = 0; k < 3; k++)
					for (int i = 0; i < 20; i++)
						assertEquals(expected[k][i], actual[k][i], 0.51 * step);
			}
	}

	@Test
	void writesAConstantVolumeAsIntegers() {
		final Volume volume = new Volume("c", Layouts.newImage(2, 2, 2), Grid.cube(2, 1), Intensity.ATTENUATION);
		volume.img().forEach(voxel -> voxel.set(0.25f));
		Nifti.write(volume, folder.resolve("c.nii"), SavedType.INT16);
		assertEquals(0.25f, Layouts.planes(Nifti.read(folder.resolve("c.nii")).img())[1][3]);
	}

	static Stream<Arguments> damage() {
		return Stream.of(damage("magic word", f -> f.put(345, (byte) '?')), damage("first word", f -> f.putInt(0, 7)), damage(
			"NIfTI-2", f -> f.putInt(0, 540)), damage("NIfTI pair", f -> f.put(345, (byte) 'i')), damage("-4", f -> f
				.putShort(42, (short) -4)), damage("is 0", f -> f.putShort(44, (short) 0)), damage("several volumes", f -> f
					.putShort(40, (short) 4).putShort(48, (short) 2)), damage("2 dimensions", f -> f.putShort(40, (short) 2)),
			damage("99 dimensions", f -> f.putShort(40, (short) 99)), damage("type 128", f -> f.putShort(70, (short) 128)),
			damage("type 32", f -> f.putShort(70, (short) 32)), damage("17 bits", f -> f.putShort(72, (short) 17)), damage(
				"truncated", f -> f.putShort(42, (short) 5)), damage("truncated", f -> f.putShort(42, (short) 32767).putShort(44,
					(short) 32767).putShort(46, (short) 32767)), damage("voxel size", f -> f.putFloat(84, 0)), damage("voxel size",
						f -> f.putFloat(84, Float.NaN)), damage("voxel size", f -> f.putFloat(84, Float.POSITIVE_INFINITY)), damage(
							"inside the header", f -> f.putFloat(108, 100)), damage("inside the header", f -> f.putFloat(108,
								Float.NaN)), damage("truncated", f -> f.putFloat(108, 1e12f)), damage("scaled by Infinity", f -> f
									.putFloat(112, Float.POSITIVE_INFINITY)), damage("NaN or infinite", f -> f.putFloat(352, Float.NaN)),
			damage("NaN or infinite", f -> f.putFloat(352, Float.NEGATIVE_INFINITY)));
	}

	private static Arguments damage(final String message, final Consumer<ByteBuffer> what) {
		return Arguments.of(message, what);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("damage")
	void refusesADamagedFileWithTheReason(final String message, final Consumer<ByteBuffer> what) throws IOException {
		final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 16, 32, 4, 4, 4);
		what.accept(nifti.file);
		for (final boolean zipped : new boolean[] { false, true }) {
			final Path file = Files.write(folder.resolve(zipped ? "b.nii.gz" : "b.nii"), zipped ? NiftiBytes.zipped(nifti
				.bytes()) : nifti.bytes());
			final String said = assertThrows(InvalidInputException.class, () -> Nifti.read(file)).getMessage();
			assertTrue(said.contains(message), said);
			assertTrue(said.contains(message.startsWith("NaN") ? "b" : file.getFileName().toString()), said);
		}
	}

	@Test
	void refusesAVolumeLargerThanMemory() throws IOException {
		// Compressed, a small file can hold a volume that no memory can: only the check on memory refuses it.
		final int slices = (int) (1.1 * Runtime.getRuntime().maxMemory() / 4e6);
		final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 2, 8, 1, 1, 1);
		nifti.file.putShort(42, (short) 1000).putShort(44, (short) 1000).putShort(46, (short) slices);
		final byte[] start = NiftiBytes.zipped(nifti.bytes());
		final Path file = Files.write(folder.resolve("large.nii.gz"), java.util.Arrays.copyOf(start, slices * 1000));
		final String said = assertThrows(InvalidInputException.class, () -> Nifti.read(file)).getMessage();
		assertTrue(said.contains("GB of memory") && said.contains("1000 x 1000 x " + slices), said);
	}

	@Test
	void saysWhichFileIsMissing() {
		final String said = assertThrows(InvalidInputException.class, () -> Nifti.read(folder.resolve("none.nii")))
			.getMessage();
		assertTrue(said.contains("none.nii"), said);
	}

	@Test
	void leavesTheOldFileWhenWritingFails() throws IOException {
		final Path file = Files.writeString(folder.resolve("old.nii"), "old");
		final Volume volume = new Volume("n", Layouts.newImage(2, 2, 2), Grid.cube(2, 1), Intensity.HU);
		volume.img().forEach(voxel -> voxel.set(Float.NaN));
		assertThrows(InvalidInputException.class, () -> Nifti.write(volume, file, SavedType.FLOAT32));
		assertEquals("old", Files.readString(file));
		assertThrows(InvalidInputException.class, () -> WholeFile.write(file, temporary -> {
			Files.writeString(temporary, "half");
			throw new IOException("disk full");
		}));
		assertEquals("old", Files.readString(file));
		try (Stream<Path> files = Files.list(folder)) {
			assertEquals(1, files.count(), "no temporary file is left");
		}
	}

	@Test
	void refusesAFolderThatIsMissing() {
		final Volume volume = new Volume("n", Layouts.newImage(2, 2, 2), Grid.cube(2, 1), Intensity.HU);
		final String said = assertThrows(InvalidInputException.class, () -> Nifti.write(volume, folder.resolve(
			"no/such/v.nii"), SavedType.FLOAT32)).getMessage();
		assertTrue(said.contains("no folder"), said);
	}

	@Test
	void mutatedFilesOpenOrAreRefusedButNeverFailOtherwise() throws IOException {
		final Random random = new Random(42);
		final NiftiBytes nifti = new NiftiBytes(ByteOrder.LITTLE_ENDIAN, 4, 16, 8, 7, 6).scaling(1, -1024);
		for (int i = 0; i < 8 * 7 * 6; i++)
			nifti.file.putShort(352 + 2 * i, (short) random.nextInt(4096));
		int opened = 0, refused = 0;
		for (int round = 0; round < 600; round++) {
			byte[] bytes = nifti.bytes().clone();
			final boolean zipped = round % 2 == 1;
			// Odd rounds of the first half damage the compressed stream, others the header's words.
			if (zipped && round < 300) bytes = NiftiBytes.zipped(bytes);
			final int reach = zipped && round < 300 ? bytes.length : 352;
			for (int flips = 1 + random.nextInt(4); flips > 0; flips--)
				bytes[random.nextInt(reach)] ^= (byte) (1 << random.nextInt(8));
			if (random.nextInt(4) == 0) bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
			if (zipped && round >= 300) bytes = NiftiBytes.zipped(bytes);
			final Path file = Files.write(folder.resolve(zipped ? "m.nii.gz" : "m.nii"), bytes);
			try {
				assertTimeoutPreemptively(Duration.ofSeconds(5), () -> Nifti.read(file));
				opened++;
			}
			catch (final InvalidInputException e) {
				refused++;
			}
		}
		assertTrue(opened > 50 && refused > 50, opened + " opened, " + refused + " refused");
	}

	@Test
	void opensRealScans() throws IOException {
		final Path ct = Path.of(System.getProperty("patchct.data", "../shared/data"), "ct");
		Assumptions.assumeTrue(Files.isDirectory(ct), "real scans are absent: " + ct);
		final Volume chest = Nifti.read(ct.resolve("chest_cptac_lscc.nii.gz"));
		assertEquals(256, chest.grid().nx());
		assertEquals(99, chest.grid().nz());
		assertEquals(1.13, chest.grid().dx(), 0.01);
		assertEquals(3, chest.grid().dz(), 0.01);
		assertEquals(Intensity.HU, chest.intensity());
	}

	private Path write(final NiftiBytes nifti) throws IOException {
		return write(nifti, 0);
	}

	private Path write(final NiftiBytes nifti, final int extra) throws IOException {
		return Files.write(folder.resolve("t.nii"), java.util.Arrays.copyOf(nifti.bytes(), nifti.bytes().length + extra));
	}
}
