package org.patchct.io;

import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ChunkedDataset;

import org.patchct.scan.Planes;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.ViewAngles;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;

/**
 * Scans in HDF5 files: DataExchange ({@code exchange/data}, {@code data_white}, {@code data_dark}, {@code theta}), and
 * other files with arrays of such names, MATLAB's version 7.3 among them.
 */
public final class Hdf5Scan {

	/** Groups within groups that are looked into. */
	private static final int DEPTH = 8;

	/** Deflate never expands more than this (zlib technical details: 1032:1), the other filters less. */
	static final long MOST_EXPANSION = 1032;

	private Hdf5Scan() { }

	/** Whether a file's name is that of an HDF5 file. */
	public static boolean isNamed(final Path file) {
		return file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(h5|hdf5?|nxs|nx)");
	}

	/**
	 * Finds a scan in a file; its images are read later.
	 *
	 * @param variable path of the measured values in the file; null or empty to find them
	 * @throws InvalidInputException if the file is missing, damaged, or holds no scan
	 */
	public static RawScan open(final Path file, final String variable) {
		InputFiles.require(file);
		final HdfFile hdf = guarded(file, () -> opened(file));
		try {
			return guarded(file, () -> scan(file, hdf, variable));
		}
		catch (final RuntimeException | Error e) {
			hdf.close();
			throw e;
		}
	}

	/**
	 * jHDF makes room for a part of a file before it looks whether the file is long enough, but not where the file is a
	 * buffer. Of a file that fits into no buffer, no part is longer than the file.
	 */
	private static HdfFile opened(final Path file) {
		try (FileChannel channel = FileChannel.open(file)) {
			if (channel.size() <= Integer.MAX_VALUE) return HdfFile.fromByteBuffer(channel.map(MapMode.READ_ONLY, 0, channel
				.size()));
		}
		catch (final IOException e) {
			// Some network folders let no file be mapped.
		}
		return new HdfFile(file);
	}

	private static RawScan scan(final Path file, final HdfFile hdf, final String variable) {
		final ScanVariables variables = new ScanVariables("\"" + file + "\"");
		collect(hdf, variables, 0);
		final String data = variables.data(variable), angles = variables.angles(data);
		return new RawScan(InputFiles.title(file), planes(file, hdf, data), planes(file,
			hdf, variables.flats(data)), planes(file, hdf, variables.darks(data)), angles == null ? null : angles(file, hdf
				.getDatasetByPath(angles)), 0, hdf::close);
	}

	private static void collect(final Group group, final ScanVariables variables, final int depth) {
		for (final Node node : group.getChildren().values()) {
			if (node instanceof Group inner && depth < DEPTH) collect(inner, variables, depth + 1);
			// What has no numbers, and links that lead nowhere, are of no concern.
			if (node instanceof Dataset dataset && numeric(dataset)) variables.add(node.getPath(), dataset
				.getDimensionsAsLong());
		}
	}

	private static boolean numeric(final Dataset dataset) {
		final Class<?> type = dataset.getJavaType();
		return !dataset.isEmpty() && !dataset.isCompound() && !dataset.isVariableLength() && (type.isPrimitive() ||
			Number.class.isAssignableFrom(type));
	}

	private static double[] angles(final Path file, final Dataset dataset) {
		if (dataset.getSize() > ScanGeometry.MAX_VIEWS) throw new InvalidInputException("\"" + file + "\" holds " + dataset
			.getSize() + " view angles: it may be at most " + ScanGeometry.MAX_VIEWS + ".");
		requireHeld(file, dataset);
		final double[] angles = new double[(int) dataset.getSize()];
		flatten(dataset.getData(), angles, 0);
		final Attribute unit = dataset.getAttribute("units");
		final String text = unit == null ? "" : String.valueOf(unit.getData()).toLowerCase(Locale.ROOT);
		if (text.startsWith("rad")) return Arrays.stream(angles).map(Math::toDegrees).toArray();
		return text.startsWith("deg") ? angles : ViewAngles.degrees(angles);
	}

	private static Planes planes(final Path file, final HdfFile hdf, final String name) {
		if (name == null) return null;
		final Dataset dataset = hdf.getDatasetByPath(name);
		final long[] size = dataset.getDimensionsAsLong();
		final String what = "\"" + file + "\", " + name;
		// A leading 1 changes nothing.
		int unused = 0;
		while (size.length - unused > 3 && size[unused] == 1)
			unused++;
		if (size.length - unused > 3) throw new InvalidInputException(what + " has " + size.length +
			" dimensions: an image or a stack of images is needed.");
		final int[] last = { 1, 1, 1 };
		for (int d = unused; d < size.length; d++) {
			if (size[d] < 1 || size[d] > Integer.MAX_VALUE) throw new InvalidInputException(what + " has the size " + Arrays
				.toString(size) + ": each must be at least 1.");
			last[3 - size.length + d] = (int) size[d];
		}
		requireHeld(file, dataset);
		return new DatasetPlanes(file, what, dataset, last[2], last[1], last[0]);
	}

	/** Nothing is allocated by a header's word alone: the file must be able to hold what it announces. */
	private static void requireHeld(final Path file, final Dataset dataset) {
		double bytes = dataset.getDataType().getSize();
		for (final long n : dataset.getDimensionsAsLong())
			bytes *= n;
		final long length = file.toFile().length();
		final long most = dataset instanceof ChunkedDataset ? length * MOST_EXPANSION : length;
		if (!(bytes <= most)) throw new InvalidInputException(String.format(Locale.ROOT,
			"\"%s\" is truncated: it announces %.0f bytes of %s, and has %d itself. Copy or download it again.", file, bytes,
			dataset.getPath(), length));
		if (dataset instanceof ChunkedDataset chunked) {
			double chunk = dataset.getDataType().getSize();
			for (final int n : chunked.getChunkDimensions())
				chunk *= n;
			if (!(chunk > 0 && chunk <= Math.min(most, Integer.MAX_VALUE))) throw new InvalidInputException(String.format(
				Locale.ROOT, "\"%s\" is damaged: %s is in pieces of %.0f bytes.", file, dataset.getPath(), chunk));
			Memory.requireRoom("A piece of \"" + file + "\"", chunk / Float.BYTES);
		}
	}

	/** Images of a dataset; neighbouring ones that are stored together are read together. */
	private static final class DatasetPlanes implements Planes {

		private final Path file;

		private final String name;

		private final Dataset dataset;

		private final int width, height, count;

		/** Images that a piece of the file holds. */
		private final int together;

		private int first = -1;

		private float[] piece;

		DatasetPlanes(final Path file, final String name, final Dataset dataset, final int width, final int height,
			final int count)
		{
			this.file = file;
			this.name = name;
			this.dataset = dataset;
			this.width = width;
			this.height = height;
			this.count = count;
			final int rank = dataset.getDimensions().length;
			final int stored = dataset instanceof ChunkedDataset chunked && rank >= 3 ? chunked.getChunkDimensions()[rank - 3]
				: 1;
			final long mostTogether = Math.max(1, (1 << 28) / ((long) width * height));
			together = (int) Math.max(1, Math.min(Math.min(stored, count), mostTogether));
		}

		@Override
		public String name() {
			return name;
		}

		@Override
		public int width() {
			return width;
		}

		@Override
		public int height() {
			return height;
		}

		@Override
		public int count() {
			return count;
		}

		@Override
		public float[] read(final int k) {
			final int start = k - k % together, size = Math.multiplyExact(width, height);
			if (start != first) {
				piece = guarded(file, () -> slab(start, Math.min(together, count - start)));
				first = start;
			}
			return Arrays.copyOfRange(piece, (k - start) * size, (k - start + 1) * size);
		}

		private float[] slab(final int start, final int n) {
			final int rank = dataset.getDimensions().length;
			final long[] from = new long[rank];
			final int[] extent = new int[rank];
			Arrays.fill(extent, 1);
			extent[rank - 1] = width;
			if (rank >= 2) extent[rank - 2] = height;
			if (rank >= 3) {
				extent[rank - 3] = n;
				from[rank - 3] = start;
			}
			final float[] values = new float[Math.multiplyExact(n, Math.multiplyExact(width, height))];
			if (flatten(dataset.getData(from, extent), values, 0) != values.length) throw new InvalidInputException(name +
				" has fewer values than it announces.");
			return values;
		}
	}

	/** Copies nested arrays of numbers into a flat one, and returns the index after the last. */
	private static int flatten(final Object from, final Object to, final int at) {
		if (from instanceof float[] values && to instanceof float[]) {
			System.arraycopy(values, 0, to, at, values.length);
			return at + values.length;
		}
		int next = at;
		for (int i = 0; i < Array.getLength(from); i++) {
			final Object element = Array.get(from, i);
			if (element.getClass().isArray()) next = flatten(element, to, next);
			else if (to instanceof float[] values) values[next++] = ((Number) element).floatValue();
			else((double[]) to)[next++] = ((Number) element).doubleValue();
		}
		return next;
	}

	/** jHDF reports damage by exceptions of many kinds. */
	private static <T> T guarded(final Path file, final Supplier<T> reading) {
		try {
			return reading.get();
		}
		catch (final InvalidInputException e) {
			throw e;
		}
		catch (final OutOfMemoryError e) {
			throw Memory.ranOut("\"" + file + "\", or it is damaged", e);
		}
		catch (final RuntimeException | StackOverflowError | AssertionError | NoClassDefFoundError e) {
			throw new InvalidInputException("\"" + file + "\" is no HDF5 file, or is damaged, or uses a part of the format " +
				"that cannot be read (" + e.getMessage() + "). Check it with h5dump, or save it again.", e);
		}
	}
}
