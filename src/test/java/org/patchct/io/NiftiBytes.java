package org.patchct.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPOutputStream;

/** NIfTI-1 files put together field by field from the format's definition, independently of {@link Nifti#write}. */
final class NiftiBytes {

	final ByteBuffer file;

	NiftiBytes(final ByteOrder order, final int datatype, final int bits, final int... dims) {
		long voxels = 1;
		for (final int d : dims)
			voxels *= d;
		file = ByteBuffer.allocate(352 + (int) (voxels * bits / 8)).order(order);
		file.putInt(0, 348);
		file.putShort(40, (short) dims.length);
		for (int i = 0; i < dims.length; i++) {
			file.putShort(42 + 2 * i, (short) dims[i]);
			file.putFloat(80 + 4 * i, 1);
		}
		file.putShort(70, (short) datatype);
		file.putShort(72, (short) bits);
		file.putFloat(108, 352);
		file.put(344, new byte[] { 'n', '+', '1', 0 });
	}

	NiftiBytes spacing(final double x, final double y, final double z, final int units) {
		file.putFloat(80, (float) x).putFloat(84, (float) y).putFloat(88, (float) z);
		file.put(123, (byte) units);
		return this;
	}

	NiftiBytes scaling(final float slope, final float intercept) {
		file.putFloat(112, slope).putFloat(116, intercept);
		return this;
	}

	byte[] bytes() {
		return file.array();
	}

	static byte[] zipped(final byte[] bytes) throws IOException {
		final ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
			zip.write(bytes);
		}
		return out.toByteArray();
	}
}
