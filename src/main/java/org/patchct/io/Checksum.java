package org.patchct.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Short names of data that differ when the data do: the first 16 hexadecimal digits of their SHA-256. */
public final class Checksum {

	private static final int DIGITS = 16;

	private static final int CHUNK = 1 << 16;

	private Checksum() { }

	/** Of everything that is left in a stream, which stays open. */
	public static String of(final InputStream stream) throws IOException {
		final MessageDigest digest = sha256();
		final byte[] chunk = new byte[CHUNK];
		for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk))
			digest.update(chunk, 0, n);
		return text(digest);
	}

	/** Of a volume's values, voxel sizes and units, not of its name. */
	public static String of(final Volume volume) {
		final MessageDigest digest = sha256();
		digest.update((volume.grid() + " " + volume.intensity()).getBytes(StandardCharsets.UTF_8));
		for (final float[] plane : Layouts.planes(volume.img())) {
			final ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * plane.length);
			bytes.asFloatBuffer().put(plane);
			digest.update(bytes);
		}
		return text(digest);
	}

	private static String text(final MessageDigest digest) {
		return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
	}

	private static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (final NoSuchAlgorithmException e) {
			throw new IllegalStateException("every Java has SHA-256", e);
		}
	}
}
