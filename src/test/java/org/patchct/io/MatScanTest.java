package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;

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
		final Path file = Files.write(folder.resolve("new.mat"), MatlabBytes.version73(Files.readAllBytes(hdf5())));
		try (RawScan scan = MatScan.open(file, "sino")) {
			assertEquals("3 x 2 x 1", scan.data().size());
			assertArrayEquals(new float[] { 1, 2, 3, 4, 5, 6 }, scan.data().read(0));
			assertArrayEquals(new double[] { 0, 90 }, scan.angles());
		}
	}

	private Path hdf5() {
		final Path file = folder.resolve("plain.h5");
		try (WritableHdfFile hdf = HdfFile.write(file)) {
			hdf.putDataset("sino", new double[][] { { 1, 2, 3 }, { 4, 5, 6 } });
			hdf.putDataset("angles", new double[][] { { 0 }, { 90 } });
		}
		return file;
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

	@Test
	void mutatedFilesOfVersion73OpenOrAreRefused() throws IOException {
		final byte[] whole = MatlabBytes.version73(Files.readAllBytes(hdf5()));
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.mat"), whole, whole.length, 300,
			file -> FileMutations.readAll(MatScan.open(file, null)));
		assertTrue(outcome.opened() > 20 && outcome.refused() > 40, outcome.toString());
	}

	/** In the old version of HDF5 that MATLAB writes, in compressed pieces as it does. */
	@Test
	void mutatedRealFilesOfVersion73OpenOrAreRefused() throws IOException {
		final Path tooth = measured("tooth.h5");
		final byte[] whole = MatlabBytes.version73(Files.readAllBytes(tooth));
		final Path file = Files.write(folder.resolve("tooth.mat"), whole);
		try (RawScan scan = MatScan.open(file, null); RawScan same = Hdf5Scan.open(tooth, null)) {
			assertEquals("640 x 2 x 181", scan.data().size());
			assertArrayEquals(same.data().read(77), scan.data().read(77));
		}
		final FileMutations.Outcome outcome = FileMutations.run(file, whole, 4096, 60, copy -> FileMutations.readAll(MatScan
			.open(copy, null)));
		assertTrue(outcome.opened() > 5 && outcome.refused() > 5, outcome.toString());
	}

	private static Path measured(final String name) {
		final Path file = Path.of(System.getProperty("patchct.data", "../shared/data"), "projections", name);
		Assumptions.assumeTrue(Files.exists(file), "measured scans are absent: " + file);
		return file;
	}

	/** Compressed by MATLAB itself. */
	@Test
	void mutatedRealFilesOpenOrAreRefused() throws IOException {
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.mat"), Files.readAllBytes(measured(
			"dendrites.mat")), 2048, 30, file -> FileMutations.readAll(MatScan.open(file, null)));
		assertTrue(outcome.refused() > 10, outcome.toString());
	}
}
