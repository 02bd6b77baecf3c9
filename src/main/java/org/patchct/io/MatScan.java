package org.patchct.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.patchct.scan.Planes;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.ViewAngles;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;

import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * Scans in MATLAB files, versions 5 and 7.3. MATLAB's first index is the fastest: an array of 1260 × 360 is an image of
 * 360 lines of 1260 values.
 */
public final class MatScan {

	/** Length of the header's text. */
	private static final int TEXT = 116;

	private MatScan() { }

	/** Whether a file's name is that of a MATLAB file. */
	public static boolean isNamed(final Path file) {
		return file.toString().toLowerCase(Locale.ROOT).endsWith(".mat");
	}

	/**
	 * Finds a scan in a file.
	 *
	 * @param variable name of the measured values; null or empty to find them
	 * @throws InvalidInputException if the file is missing, damaged, too large for memory, or holds no scan
	 */
	public static RawScan open(final Path file, final String variable) {
		InputFiles.require(file);
		try {
			final byte[] header;
			try (var in = Files.newInputStream(file)) {
				header = in.readNBytes(TEXT);
			}
			// Version 7.3 is HDF5 behind a header of this text.
			if (new String(header, StandardCharsets.ISO_8859_1).startsWith("MATLAB 7.3")) return Hdf5Scan.open(file,
				variable);
			return scan(file, variable);
		}
		catch (final OutOfMemoryError e) {
			throw Memory.ranOut("\"" + file + "\", or it is damaged", e);
		}
		catch (final InvalidInputException e) {
			throw e;
		}
		catch (final IOException | RuntimeException | StackOverflowError | AssertionError e) {
			for (Throwable cause = e; cause != null; cause = cause.getCause())
				if (cause instanceof InvalidInputException invalid) throw invalid;
			throw new InvalidInputException("\"" + file + "\" is no MATLAB file of version 5 or 7.3, or is damaged (" + e
				.getMessage() + "). Save it again, for example with save -v7.", e);
		}
	}

	private static RawScan scan(final Path file, final String variable) throws IOException {
		final ScanVariables variables = new ScanVariables("\"" + file + "\"");
		read(file, header -> {
			if (numeric(header)) variables.add(header.getName(), Arrays.stream(header.getDimensions()).asLongStream()
				.toArray());
			return false;
		});
		final String data = variables.data(variable), flats = variables.flats(data), darks = variables.darks(data);
		final String angles = variables.angles(data);
		final List<String> wanted = new ArrayList<>(Arrays.asList(data, flats, darks, angles));
		wanted.removeIf(Objects::isNull);
		final Mat5File mat = read(file, header -> numeric(header) && wanted.contains(header.getName()));
		return new RawScan(InputFiles.title(file), planes(file, mat, data), planes(file,
			mat, flats), planes(file, mat, darks), angles == null ? null : angles(mat.getMatrix(angles)), 0, mat);
	}

	private static boolean numeric(final Mat5Reader.EntryHeader header) {
		return header.getType().compareTo(MatlabType.Double) >= 0 && header.getType().compareTo(MatlabType.UInt64) <= 0 &&
			!header.isComplex();
	}

	private static Mat5File read(final Path file, final Mat5Reader.EntryFilter filter) throws IOException {
		final long mostBytes = Files.size(file) * Hdf5Scan.MOST_EXPANSION;
		try (Source source = Sources.openFile(file.toFile())) {
			return Mat5.newReader(source).setEntryFilter(filter).disableSubsystemProcessing().setBufferAllocator(
				new BoundedBuffers(file, mostBytes)).readMat();
		}
	}

	/** Nothing is allocated by a header's word alone: the file must be able to hold what it announces. */
	private record BoundedBuffers(Path file, long mostBytes) implements BufferAllocator {

		@Override
		public ByteBuffer allocate(final int bytes) {
			if (bytes < 0 || bytes > mostBytes) throw new InvalidInputException("\"" + file + "\" is truncated: it announces " +
				Integer.toUnsignedLong(bytes) + " bytes of a variable. Copy or download it again.");
			Memory.requireRoom("A variable of \"" + file + "\"", bytes / (double) Float.BYTES);
			return ByteBuffer.allocate(bytes);
		}

		@Override
		public void release(final ByteBuffer buffer) { }
	}

	private static double[] angles(final Matrix matrix) {
		if (matrix.getNumElements() > ScanGeometry.MAX_VIEWS) throw new InvalidInputException("There are " + matrix
			.getNumElements() + " view angles: it may be at most " + ScanGeometry.MAX_VIEWS + ".");
		final double[] angles = new double[matrix.getNumElements()];
		for (int i = 0; i < angles.length; i++)
			angles[i] = matrix.getDouble(i);
		return ViewAngles.degrees(angles);
	}

	private static Planes planes(final Path file, final Mat5File mat, final String name) {
		if (name == null) return null;
		final Matrix matrix = mat.getMatrix(name);
		final int[] size = matrix.getDimensions();
		if (size.length > 3) throw new InvalidInputException("\"" + file + "\", " + name + " has " + size.length +
			" dimensions: an image or a stack of images is needed.");
		// A row vector is one line, as a column vector is.
		final boolean row = size.length == 2 && size[0] == 1;
		return new MatrixPlanes("\"" + file + "\", " + name, matrix, row ? size[1] : size[0], row ? 1 : size[1],
			size.length == 3 ? size[2] : 1);
	}

	private record MatrixPlanes(String name, Matrix matrix, int width, int height, int count) implements Planes {

		@Override
		public float[] read(final int k) {
			final float[] plane = new float[width * height];
			for (int i = 0; i < plane.length; i++)
				plane[i] = matrix.getFloat(i + plane.length * k);
			return plane;
		}
	}
}
