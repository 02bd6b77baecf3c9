package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

import org.patchct.scan.Planes;
import org.patchct.scan.RawScan;
import org.patchct.task.InvalidInputException;

/** Damaged copies of a file: each must open, or be refused as invalid input, within seconds. */
public final class FileMutations {

	/** How many copies could be opened, and how many were refused. */
	public record Outcome(int opened, int refused) { }

	private FileMutations() { }

	/**
	 * @param file where the copies are written, one after the other
	 * @param reach bytes at the start that are damaged in two of three rounds, where the headers are
	 */
	public static Outcome run(final Path file, final byte[] whole, final int reach, final int rounds,
		final Consumer<Path> reading) throws IOException
	{
		final Random random = new Random(42);
		int opened = 0, refused = 0;
		for (int round = 0; round < rounds; round++) {
			byte[] bytes = whole.clone();
			final int span = round % 3 == 2 ? bytes.length : Math.min(reach, bytes.length);
			for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
				final int at = random.nextInt(span);
				if (random.nextBoolean()) bytes[at] ^= (byte) (1 << random.nextInt(8));
				else bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0);
			}
			if (random.nextInt(4) == 0) bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
			Files.write(file, bytes);
			try {
				assertTimeoutPreemptively(Duration.ofSeconds(30), () -> reading.accept(file));
				opened++;
			}
			catch (final InvalidInputException e) {
				refused++;
			}
		}
		return new Outcome(opened, refused);
	}

	/** Reads everything that an import would read. */
	public static void readAll(final RawScan scan) {
		try (scan) {
			for (final Planes planes : new Planes[] { scan.data(), scan.flats(), scan.darks() })
				for (int k = 0; planes != null && k < Math.min(planes.count(), 50); k++)
					planes.read(k);
		}
	}
}
