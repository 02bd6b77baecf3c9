package org.patchct.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Intensities;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** A volume's voxels on their way into a file, little-endian: slope · stored number + intercept is the value. */
record SavedVoxels(Volume volume, SavedType type, double slope, double intercept) {

	private static final int CHUNK = 1 << 16;

	/** @throws InvalidInputException if voxels are NaN or infinite */
	static SavedVoxels of(final Volume volume, final SavedType type) {
		final Intensities.Range range = Intensities.range(volume.name(), volume.img());
		final boolean whole = volume.intensity().isHounsfield() && range.min() >= Short.MIN_VALUE && range
			.max() <= Short.MAX_VALUE;
		if (type == SavedType.FLOAT32 || whole) return new SavedVoxels(volume, type, 1, 0);
		if (!(range.max() > range.min())) return new SavedVoxels(volume, type, 1, (float) range.min());
		// Floats, as NIfTI keeps them.
		final double slope = (float) ((range.max() - range.min()) / 65535);
		return new SavedVoxels(volume, type, slope, (float) (range.min() - Short.MIN_VALUE * slope));
	}

	/**
	 * For formats that cannot say how values are scaled.
	 *
	 * @throws InvalidInputException if they would have to be, or voxels are NaN or infinite
	 */
	static SavedVoxels unscaled(final Volume volume, final SavedType type, final String format) {
		final SavedVoxels voxels = of(volume, type);
		if (voxels.slope != 1 || voxels.intercept != 0) throw new InvalidInputException("The values of \"" + volume.name() +
			"\" are no Hounsfield units within 16 bits and would have to be scaled to be integers, which " + format +
			" cannot say. Save it as floating point, or as NIfTI.");
		return voxels;
	}

	void write(final OutputStream out, final Progress progress) throws IOException {
		final byte[] chunk = new byte[CHUNK * type.bytes];
		final ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
		final double factor = 1 / slope;
		final float[][] planes = Layouts.planes(volume.img());
		for (int k = 0; k < planes.length; k++) {
			progress.checkCancelled();
			progress.update("Writing", (double) k / planes.length);
			final float[] plane = planes[k];
			for (int i = 0; i < plane.length; i += CHUNK) {
				final int n = Math.min(CHUNK, plane.length - i);
				for (int j = 0; j < n; j++) {
					if (type == SavedType.FLOAT32) buffer.putFloat(4 * j, plane[i + j]);
					else buffer.putShort(2 * j, (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round((plane[i +
						j] - intercept) * factor))));
				}
				out.write(chunk, 0, n * type.bytes);
			}
		}
	}
}
