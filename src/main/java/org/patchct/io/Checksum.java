package org.patchct.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Short names of volumes that differ when the volumes do: the first 16 hexadecimal digits of their SHA-256. */
public final class Checksum {

	private static final int DIGITS = 16;

	private Checksum() { }

	/** Of a volume's values, voxel sizes and units, not of its name. */
	public static String of(final Volume volume) {
		final MessageDigest digest;
		try {
			digest = MessageDigest.getInstance("SHA-256");
		}
		catch (final NoSuchAlgorithmException e) {
			throw new IllegalStateException("every Java has SHA-256", e);
		}
		digest.update((volume.grid() + " " + volume.intensity()).getBytes(StandardCharsets.UTF_8));
		for (final float[] plane : Layouts.planes(volume.img())) {
			final ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * plane.length);
			bytes.asFloatBuffer().put(plane);
			digest.update(bytes);
		}
		return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
	}
}
