package org.patchct.io;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.patchct.scan.Planes;
import org.patchct.scan.RawScan;
import org.patchct.task.InvalidInputException;

import com.sun.management.ThreadMXBean;

/**
 * Damaged copies of a file: each must open, or be refused as invalid input, within seconds and within the memory that the
 * file's size explains.
 */
public final class FileMutations {

	/**
	 * What reading a file may allocate, one thing after the other: buffers whatever its size, of which 1.8 MB were measured
	 * at most, and for each byte its value as a float and copies of that, 2.4 bytes measured.
	 */
	private static final long SPARE_BYTES = 8L << 20, MOST_PER_BYTE = 16;

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

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
				accept(file, reading);
				opened++;
			}
			catch (final InvalidInputException e) {
				refused++;
			}
		}
		return new Outcome(opened, refused);
	}

	/** Reads a file on a thread of its own, which must be done in time and must not allocate more than it may. */
	public static void accept(final Path file, final Consumer<Path> reading) throws IOException {
		final long most = SPARE_BYTES + MOST_PER_BYTE * Files.size(file);
		final AtomicLong allocated = new AtomicLong();
		try {
			assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
				final long before = THREADS.getCurrentThreadAllocatedBytes();
				try {
					reading.accept(file);
				}
				finally {
					allocated.set(THREADS.getCurrentThreadAllocatedBytes() - before);
				}
			});
		}
		finally {
			assertTrue(allocated.get() <= most, () -> file + " of " + (most - SPARE_BYTES) / MOST_PER_BYTE + " bytes took " +
				allocated + " bytes of memory");
		}
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
