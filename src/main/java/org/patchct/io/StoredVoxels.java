package org.patchct.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensities;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Voxels as files store them: one number after the other, x fastest, then y, then z, and nothing in between. */
record StoredVoxels(Place place, Grid grid, Coding coding) {

	/** How a number is stored. */
	enum Type {
		UINT8(1), INT8(1), UINT16(2), INT16(2), UINT32(4), INT32(4), UINT64(8), INT64(8), FLOAT32(4), FLOAT64(8);

		final int bytes;

		Type(final int bytes) {
			this.bytes = bytes;
		}

		double get(final ByteBuffer from, final int i) {
			return switch (this) {
				case UINT8 -> from.get(i) & 0xff;
				case INT8 -> from.get(i);
				case UINT16 -> from.getShort(2 * i) & 0xffff;
				case INT16 -> from.getShort(2 * i);
				case UINT32 -> from.getInt(4 * i) & 0xffffffffL;
				case INT32 -> from.getInt(4 * i);
				case UINT64 -> unsigned(from.getLong(8 * i));
				case INT64 -> from.getLong(8 * i);
				case FLOAT32 -> from.getFloat(4 * i);
				case FLOAT64 -> from.getDouble(8 * i);
			};
		}

		/** Beyond 2^63 without the lowest bit, for which a double has no room. */
		private static double unsigned(final long bits) {
			return bits >= 0 ? bits : 2.0 * (bits >>> 1);
		}
	}

	/** What stored numbers mean: slope · number + intercept. */
	record Coding(Type type, ByteOrder order, double slope, double intercept) {

		Coding(final Type type, final ByteOrder order) {
			this(type, order, 1, 0);
		}
	}

	/**
	 * Where the voxels are.
	 *
	 * @param start bytes at the start of the file that are passed over
	 * @param packed whether a gzip or zlib stream begins there
	 * @param skip bytes that are passed over after that, of the unpacked ones if it is; {@link #AT_END} where the voxels
	 *          are the last bytes of a file that is not packed
	 */
	record Place(Path file, long start, boolean packed, long skip) { }

	static final long AT_END = -1;

	/** Deflate never expands more than this (zlib technical details: 1032:1), which bounds what a packed file can hold. */
	private static final long MOST_EXPANSION = 1032;

	private static final int CHUNK = 1 << 16;

	/** Largest array that every Java can make. */
	private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 8;

	/**
	 * Reads the volume, slice by slice.
	 *
	 * @param known what the values mean, null where that is to be judged by {@link Intensities#guess}
	 * @throws InvalidInputException if the file is missing, cannot hold the voxels, they are more than memory, or some are
	 *           NaN or infinite
	 * @throws EOFException if the file ends before the last voxel
	 */
	Volume read(final String title, final Intensity known, final Progress progress) throws IOException {
		InputFiles.require(place.file);
		requireHeld();
		try (InputStream in = open(place.file, place.start, place.packed)) {
			in.skipNBytes(place.skip == AT_END ? Files.size(place.file) - (long) bytes() : place.skip);
			final Img<FloatType> img = Layouts.wrap(readPlanes(in, progress), grid.nx(), grid.ny());
			final Intensity guess = Intensities.guess(title, img);
			return new Volume(title, img, grid, known == null ? guess : known);
		}
	}

	/** Bytes of a file from {@code start} on, unpacked if they are packed. */
	static InputStream open(final Path file, final long start, final boolean packed) throws IOException {
		final InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK);
		try {
			raw.skipNBytes(start);
			return !packed ? raw : isGzip(raw) ? new GZIPInputStream(raw, CHUNK) : new InflaterInputStream(raw);
		}
		catch (final IOException e) {
			raw.close();
			throw e;
		}
	}

	/** Whether a file begins as gzip streams do. */
	static boolean isGzip(final Path file) throws IOException {
		try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 2)) {
			return isGzip(in);
		}
	}

	private static boolean isGzip(final InputStream in) throws IOException {
		in.mark(2);
		final boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
		in.reset();
		return gzip;
	}

	/** Not as a long, which sides that a damaged header announces could overflow. */
	private double voxels() {
		return (double) grid.nx() * grid.ny() * grid.nz();
	}

	private double bytes() {
		return voxels() * coding.type.bytes;
	}

	/** Nothing is allocated by a header's word alone: the file must be able to hold what it announces. */
	private void requireHeld() throws IOException {
		final String what = "\"" + place.file + "\" (" + grid.nx() + " x " + grid.ny() + " x " + grid.nz() + " voxels)";
		if ((long) grid.nx() * grid.ny() > MOST_ELEMENTS) throw new InvalidInputException(what +
			" has slices of more than 2^31 voxels. Crop or reduce them.");
		final double announced = Math.max(0, place.skip) + bytes();
		final double held = Math.max(0, Files.size(place.file) - place.start) * (place.packed ? (double) MOST_EXPANSION : 1);
		if (announced > held) throw new InvalidInputException(String.format(Locale.ROOT,
			"%s is truncated: its header announces %.0f bytes, and the file holds %s%.0f. Copy or download it again.", what,
			announced, place.packed ? "at most " : "", held));
		Memory.requireRoom(what, voxels());
	}

	private float[][] readPlanes(final InputStream in, final Progress progress) throws IOException {
		final int size = grid.nx() * grid.ny(), bytes = coding.type.bytes;
		final float[][] planes = new float[grid.nz()][];
		final byte[] chunk = new byte[Math.min(CHUNK, size) * bytes];
		final ByteBuffer buffer = ByteBuffer.wrap(chunk).order(coding.order);
		for (int k = 0; k < planes.length; k++) {
			progress.checkCancelled();
			final float[] plane = new float[size];
			for (int i = 0; i < size;) {
				final int n = Math.min(CHUNK, size - i);
				if (in.readNBytes(chunk, 0, n * bytes) < n * bytes) throw new EOFException();
				for (int j = 0; j < n; j++)
					plane[i + j] = (float) (coding.slope * coding.type.get(buffer, j) + coding.intercept);
				i += n;
			}
			planes[k] = plane;
			progress.update("Reading", (k + 1.0) / planes.length);
		}
		return planes;
	}
}
