package org.patchct.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.jhdf.checksum.ChecksumUtils;

/** MATLAB files of version 7.3: HDF5 files behind the header that MATLAB writes; addresses in them count from a base. */
public final class MatlabBytes {

	private static final int HEADER = 512;

	private MatlabBytes() { }

	/** @param hdf5 a file whose superblock is of version 0, 2 or 3; it is changed */
	public static byte[] version73(final byte[] hdf5) {
		final ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.writeBytes(Arrays.copyOf("MATLAB 7.3 MAT-file, Platform: GLNXA64".getBytes(StandardCharsets.US_ASCII), HEADER));
		final ByteBuffer superblock = ByteBuffer.wrap(hdf5).order(ByteOrder.LITTLE_ENDIAN);
		final int end = hdf5.length + HEADER;
		// The version is at byte 8. Base address and end of file: at 24 and 40 in version 0, else at 12 and 28.
		if (hdf5[8] == 0) superblock.putLong(24, HEADER).putLong(40, end);
		else {
			superblock.putLong(12, HEADER).putLong(28, end);
			superblock.putInt(44, ChecksumUtils.checksum(Arrays.copyOf(hdf5, 44)));
		}
		out.writeBytes(hdf5);
		return out.toByteArray();
	}
}
