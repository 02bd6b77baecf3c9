package org.patchct.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;

/** Headers of text and numbers after them, put together independently of the readers. */
final class VoxelBytes {

	private VoxelBytes() { }

	/** Numbers in {@code bytes} bytes each, floating point or not. */
	static byte[] numbers(final int bytes, final boolean floating, final ByteOrder order, final double... values) {
		final ByteBuffer buffer = ByteBuffer.allocate(bytes * values.length).order(order);
		for (final double value : values)
			switch (bytes) {
				case 1 -> buffer.put((byte) (long) value);
				case 2 -> buffer.putShort((short) (long) value);
				case 4 -> {
					if (floating) buffer.putFloat((float) value);
					else buffer.putInt((int) (long) value);
				}
				default -> {
					if (floating) buffer.putDouble(value);
					// Casts of a double end at 2^63 - 1, where unsigned ones go on.
					else buffer.putLong(value < 0x1p63 ? (long) value : (long) (value - 0x1p63) | Long.MIN_VALUE);
				}
			}
		return buffer.array();
	}

	static byte[] file(final String header, final byte[] data) {
		final byte[] text = header.getBytes(StandardCharsets.UTF_8), file = java.util.Arrays.copyOf(text, text.length +
			data.length);
		System.arraycopy(data, 0, file, text.length, data.length);
		return file;
	}

	static byte[] deflated(final byte[] bytes) throws IOException {
		final ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (DeflaterOutputStream zip = new DeflaterOutputStream(out)) {
			zip.write(bytes);
		}
		return out.toByteArray();
	}
}
