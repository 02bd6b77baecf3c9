package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.checksum.ChecksumUtils;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patchct.scan.RawScan;
import org.patchct.task.InvalidInputException;

import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

class MatScanTest {

	@TempDir
	Path folder;

	private static Matrix matrix(final MatlabType type, final int start, final int... size) {
		final Matrix matrix = Mat5.newMatrix(size, type);
		for (int i = 0; i < matrix.getNumElements(); i++)
			matrix.setDouble(i, start + i);
		return matrix;
	}

	private Path scan(final MatlabType type) throws IOException {
		final Path file = folder.resolve("scan.mat");
		final Mat5File mat = Mat5.newMatFile();
		mat.addArray("comment", Mat5.newString("a scan"));
		mat.addArray("sino", matrix(type, 3, 7, 5, 2));
		mat.addArray("flats", matrix(type, 100, 7, 2));
		mat.addArray("thetaDeg", matrix(MatlabType.Double, 10, 5, 1));
		try (var sink = Sinks.newStreamingFile(file.toFile())) {
			mat.writeTo(sink);
		}
		return file;
	}

	@ParameterizedTest
	@EnumSource(value = MatlabType.class, names = { "Double", "Single", "Int8", "UInt8", "Int16", "UInt16", "Int32",
		"UInt32" })
	void readsNumbersOfEveryKind(final MatlabType type) throws IOException {
		try (RawScan scan = MatScan.open(scan(type), null)) {
			assertEquals("scan", scan.name());
			assertEquals("7 x 5 x 2", scan.data().size());
			assertEquals("7 x 2 x 1", scan.flats().size());
			assertArrayEquals(new double[] { 10, 11, 12, 13, 14 }, scan.angles());
			final float[] plane = scan.data().read(1);
			for (int i = 0; i < plane.length; i++)
				assertEquals(3 + 35 + i, plane[i]);
		}
	}

	@Test
	void readsVersion73() throws IOException {
		final Path hdf5 = folder.resolve("plain.h5");
		try (WritableHdfFile hdf = HdfFile.write(hdf5)) {
			hdf.putDataset("sino", new double[][] { { 1, 2, 3 }, { 4, 5, 6 } });
			hdf.putDataset("angles", new double[][] { { 0 }, { 90 } });
		}
		final Path file = Files.write(folder.resolve("new.mat"), version73(Files.readAllBytes(hdf5)));
		try (RawScan scan = MatScan.open(file, "sino")) {
			assertEquals("3 x 2 x 1", scan.data().size());
			assertArrayEquals(new float[] { 1, 2, 3, 4, 5, 6 }, scan.data().read(0));
			assertArrayEquals(new double[] { 0, 90 }, scan.angles());
		}
	}

	/** An HDF5 file behind the header that MATLAB writes; addresses in it count from a base address. */
	private static byte[] version73(final byte[] hdf5) throws IOException {
		final ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(Arrays.copyOf("MATLAB 7.3 MAT-file, Platform: GLNXA64".getBytes(StandardCharsets.US_ASCII), 512));
		// Superblock version 2 or 3: base address at byte 12, end of file at 28, checksum at 44.
		final ByteBuffer superblock = ByteBuffer.wrap(hdf5).order(ByteOrder.LITTLE_ENDIAN);
		superblock.putLong(12, 512).putLong(28, hdf5.length + 512);
		superblock.putInt(44, ChecksumUtils.checksum(Arrays.copyOf(hdf5, 44)));
		out.write(hdf5);
		return out.toByteArray();
	}

	@Test
	void saysWhatIsWrong() throws IOException {
		final Path text = Files.writeString(folder.resolve("text.mat"), "no MATLAB file");
		assertTrue(assertThrows(InvalidInputException.class, () -> MatScan.open(text, null)).getMessage().contains(
			"text.mat"));
		final String said = assertThrows(InvalidInputException.class, () -> MatScan.open(scan(MatlabType.Double), "sinus"))
			.getMessage();
		assertTrue(said.contains("no array \"sinus\"") && said.contains("flats, sino, thetaDeg"), said);
	}

	@Test
	void mutatedFilesOpenOrAreRefused() throws IOException {
		final byte[] whole = Files.readAllBytes(scan(MatlabType.Single));
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.mat"), whole, whole.length, 300,
			file -> FileMutations.readAll(MatScan.open(file, null)));
		assertTrue(outcome.opened() > 20 && outcome.refused() > 50, outcome.toString());
	}

	/** Compressed by MATLAB itself. */
	@Test
	void mutatedRealFilesOpenOrAreRefused() throws IOException {
		final Path dendrites = Path.of(System.getProperty("patchct.data", "../shared/data"), "projections",
			"dendrites.mat");
		Assumptions.assumeTrue(Files.exists(dendrites), "measured scans are absent: " + dendrites);
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.mat"), Files.readAllBytes(dendrites), 2048,
			30, file -> FileMutations.readAll(MatScan.open(file, null)));
		assertTrue(outcome.refused() > 10, outcome.toString());
	}
}
