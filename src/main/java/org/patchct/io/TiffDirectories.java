package org.patchct.io;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import org.patchct.task.InvalidInputException;

/**
 * The directories of a TIFF file (Adobe, TIFF revision 6.0, 1992, section 2). ImageJ's reader believes what they say: it
 * reads tables as long as they announce and follows directories in a circle, so they are looked through before.
 */
public final class TiffDirectories {

	/** Bytes of a value by its type; 0 for types that do not exist. */
	private static final int[] BYTES = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };

	private static final int HEADER = 8, ENTRY = 12;

	/** Byte order and the number 42 in it. */
	private static final Set<Integer> MAGIC = Set.of(0x49492a00, 0x4d4d002a);

	/** Entries of a directory, at most: ImageJ's reader gives up on more. */
	private static final int MOST_ENTRIES = 1000;

	private TiffDirectories() { }

	/** Whether a file begins as TIFF files do. */
	public static boolean isTiff(final Path path) {
		try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
			return file.length() >= HEADER && MAGIC.contains(file.readInt());
		}
		catch (final IOException e) {
			throw unreadable(path, e);
		}
	}

	/**
	 * Checks that every directory and every table that it announces lies within the file.
	 *
	 * @throws InvalidInputException if not, or the file is no TIFF file
	 */
	public static void requireSound(final Path path) {
		try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
			final long length = file.length();
			if (!isTiff(path)) throw new InvalidInputException("\"" + path + "\" is no TIFF file. Save it again.");
			final ByteBuffer header = read(file, 0, HEADER);
			final ByteOrder order = header.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
			final Set<Long> seen = new HashSet<>();
			for (long at = Integer.toUnsignedLong(header.order(order).getInt(4)); at != 0;) {
				if (!seen.add(at)) throw damaged(path, "its directories run in a circle");
				if (at + 2 > length) throw damaged(path, "a directory is beyond its end");
				final int entries = read(file, at, 2).order(order).getShort(0) & 0xffff;
				if (entries < 1 || entries > MOST_ENTRIES || at + 2 + (long) ENTRY * entries > length) throw damaged(path,
					"a directory has " + entries + " entries");
				// Where the next directory is left out, there is none.
				final boolean more = at + 2 + (long) ENTRY * entries + 4 <= length;
				final ByteBuffer directory = read(file, at + 2, ENTRY * entries + (more ? 4 : 0)).order(order);
				for (int i = 0; i < entries; i++)
					requireWithin(path, directory, ENTRY * i, length);
				at = more ? Integer.toUnsignedLong(directory.getInt(ENTRY * entries)) : 0;
			}
		}
		catch (final IOException e) {
			throw unreadable(path, e);
		}
	}

	private static void requireWithin(final Path path, final ByteBuffer directory, final int entry, final long length) {
		final int tag = directory.getShort(entry) & 0xffff, type = directory.getShort(entry + 2) & 0xffff;
		final long values = Integer.toUnsignedLong(directory.getInt(entry + 4));
		final long bytes = values * (type < BYTES.length ? BYTES[type] : 0);
		if (bytes == 0 && values > 1 || bytes > 4 && Integer.toUnsignedLong(directory.getInt(entry + 8)) + bytes > length)
			throw damaged(path, "its tag " + tag + " announces " + values + " values of type " + type);
	}

	private static ByteBuffer read(final RandomAccessFile file, final long at, final int bytes) throws IOException {
		final byte[] data = new byte[bytes];
		file.seek(at);
		file.readFully(data);
		return ByteBuffer.wrap(data);
	}

	private static InvalidInputException unreadable(final Path path, final IOException cause) {
		return new InvalidInputException("Cannot read \"" + path + "\": " + cause.getMessage() + ".", cause);
	}

	private static InvalidInputException damaged(final Path path, final String why) {
		return new InvalidInputException("\"" + path + "\" is damaged: " + why + ". Copy or save it again.");
	}
}
