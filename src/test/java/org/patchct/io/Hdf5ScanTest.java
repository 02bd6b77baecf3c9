package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.scan.RawScan;
import org.patchct.task.InvalidInputException;

class Hdf5ScanTest {

	@TempDir
	Path folder;

	private static short[][][] stack(final int count, final int height, final int width, final int start) {
		final short[][][] stack = new short[count][height][width];
		for (int k = 0; k < count; k++)
			for (int j = 0; j < height; j++)
				for (int i = 0; i < width; i++)
					stack[k][j][i] = (short) (start + i + 10 * j + 100 * k);
		return stack;
	}

	private Path exchange(final String units, final double[] theta) {
		final Path file = folder.resolve("scan.h5");
		try (WritableHdfFile hdf = HdfFile.write(file)) {
			final WritableGroup exchange = hdf.putGroup("exchange");
			exchange.putDataset("data", stack(6, 3, 8, 1000));
			exchange.putDataset("data_white", stack(2, 3, 8, 3000));
			exchange.putDataset("data_dark", stack(1, 3, 8, 0));
			exchange.putDataset("theta", theta).putAttribute("units", units);
			hdf.putGroup("measurement").putDataset("larger", new float[40][50]);
		}
		return file;
	}

	@Test
	void readsDataExchange() {
		try (RawScan scan = Hdf5Scan.open(exchange("deg", new double[] { 0, 30, 60, 90, 120, 150 }), null)) {
			assertEquals("scan", scan.name());
			assertEquals("8 x 3 x 6", scan.data().size());
			assertEquals("8 x 3 x 2", scan.flats().size());
			assertEquals("8 x 3 x 1", scan.darks().size());
			assertArrayEquals(new double[] { 0, 30, 60, 90, 120, 150 }, scan.angles());
			final float[] plane = scan.data().read(4);
			for (int i = 0; i < plane.length; i++)
				assertEquals(1400 + i % 8 + 10 * (i / 8), plane[i]);
		}
	}

	@Test
	void takesRadiansAndAnArrayOfChoice() {
		final Path file = exchange("rad", new double[] { 0, 0.5, 1, 1.5, 2, 2.5 });
		try (RawScan scan = Hdf5Scan.open(file, "exchange/data"); RawScan other = Hdf5Scan.open(file,
			"/measurement/larger"))
		{
			assertEquals(Math.toDegrees(2.5), scan.angles()[5], 1e-9);
			assertEquals("50 x 40 x 1", other.data().size());
		}
		final String said = assertThrows(InvalidInputException.class, () -> Hdf5Scan.open(file, "exchange/dat"))
			.getMessage();
		assertTrue(said.contains("no array \"exchange/dat\"") && said.contains("/exchange/data_white"), said);
	}

	@Test
	void findsArraysByTheirNames() {
		final Path file = folder.resolve("lab.nxs");
		try (WritableHdfFile hdf = HdfFile.write(file)) {
			final WritableGroup entry = hdf.putGroup("entry");
			entry.putDataset("projections", new float[5][4][9]);
			entry.putDataset("flat_field", new float[4][9]);
			entry.putDataset("name", "bone");
		}
		try (RawScan scan = Hdf5Scan.open(file, "")) {
			assertEquals("9 x 4 x 5", scan.data().size());
			assertEquals("9 x 4 x 1", scan.flats().size());
			assertNull(scan.darks());
			assertNull(scan.angles());
		}
	}

	@Test
	void saysWhatIsWrong() throws IOException {
		final Path none = folder.resolve("none.h5"), text = Files.writeString(folder.resolve("text.h5"), "not HDF5");
		final Path empty = folder.resolve("empty.h5");
		try (WritableHdfFile hdf = HdfFile.write(empty)) {
			hdf.putGroup("exchange");
		}
		for (final Path file : new Path[] { none, text, empty }) {
			final String said = assertThrows(InvalidInputException.class, () -> Hdf5Scan.open(file, null)).getMessage();
			assertTrue(said.contains(file.getFileName().toString()), said);
		}
	}

	@Test
	void mutatedFilesOpenOrAreRefused() throws IOException {
		final byte[] whole = Files.readAllBytes(exchange("deg", new double[] { 0, 30, 60, 90, 120, 150 }));
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.h5"), whole, whole.length, 300,
			file -> FileMutations.readAll(Hdf5Scan.open(file, null)));
		assertTrue(outcome.opened() > 20 && outcome.refused() > 40, outcome.toString());
	}

	/** Of an old version of the format, in compressed pieces. */
	@Test
	void mutatedRealFilesOpenOrAreRefused() throws IOException {
		final Path tooth = Path.of(System.getProperty("patchct.data", "../shared/data"), "projections", "tooth.h5");
		Assumptions.assumeTrue(Files.exists(tooth), "measured scans are absent: " + tooth);
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.h5"), Files.readAllBytes(tooth), 4096, 60,
			file -> FileMutations.readAll(Hdf5Scan.open(file, null)));
		assertTrue(outcome.opened() > 5 && outcome.refused() > 5, outcome.toString());
	}

	@Test
	void fileThatHoldsLessThanItAnnouncesIsRefused() throws IOException {
		final byte[] whole = Files.readAllBytes(exchange("deg", new double[] { 0, 30, 60, 90, 120, 150 }));
		final Path file = Files.write(folder.resolve("half.h5"), Arrays.copyOf(whole, whole.length / 2));
		final String said = assertThrows(InvalidInputException.class, () -> FileMutations.readAll(Hdf5Scan.open(file,
			"measurement/larger"))).getMessage();
		assertTrue(said.contains("half.h5"), said);
	}
}
