package org.patchct.task;

import java.util.Locale;

/** Refuses what cannot fit before the first byte is allocated. */
public final class Memory {

	private Memory() { }

	/**
	 * Checks that the Java heap could hold an image if it held nothing else.
	 *
	 * @param what the image, to begin the message
	 * @param voxels number of 32-bit voxels
	 * @throws InvalidInputException if it could not
	 */
	public static void requireRoom(final String what, final double voxels) {
		final double bytes = 4 * voxels, heap = Runtime.getRuntime().maxMemory();
		if (bytes > heap) throw new InvalidInputException(tooLarge(what, bytes));
	}

	/**
	 * What to throw when memory ran out although {@link #requireRoom} had let it pass, or could not be asked.
	 *
	 * @param what what was being read, within the message
	 */
	public static InvalidInputException ranOut(final String what, final OutOfMemoryError cause) {
		return new InvalidInputException("There is not enough free memory for " + what +
			". Close other images, or raise the limit with Edit > Options > Memory & Threads.", cause);
	}

	/** The message for an image of {@code bytes} bytes that does not fit into memory. */
	public static String tooLarge(final String what, final double bytes) {
		return String.format(Locale.ROOT, "%s needs %.3g GB of memory, and Java may use %.3g GB. Reduce or crop it, or raise " +
			"the limit with Edit > Options > Memory & Threads (java -Xmx on the command line).", what, bytes / 1e9, Runtime
				.getRuntime().maxMemory() / 1e9);
	}
}
