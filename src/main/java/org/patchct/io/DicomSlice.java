package org.patchct.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.patchct.task.InvalidInputException;

/**
 * The header of a DICOM file with one slice, and its voxels. ImageJ's reader is not used because its result depends on
 * the user's preferences and because it takes tags inside sequences for the slice's own (ij.plugin.DICOM of 1.54p).
 * Encoding after DICOM PS3.5, chapter 7 and annex A, files after PS3.10, chapter 7.
 */
final class DicomSlice {

	/** Transfer syntaxes. Explicit little endian is also that of group 2, and of the headers of compressed files. */
	private static final String IMPLICIT_LITTLE = "1.2.840.10008.1.2", EXPLICIT_LITTLE = "1.2.840.10008.1.2.1",
			EXPLICIT_BIG = "1.2.840.10008.1.2.2", DEFLATED = "1.2.840.10008.1.2.1.99";

	private static final Map<String, String> COMPRESSED = Map.ofEntries(Map.entry(DEFLATED, "deflate"), Map
		.entry("1.2.840.10008.1.2.4.50", "JPEG baseline"), Map.entry("1.2.840.10008.1.2.4.51", "JPEG extended"), Map.entry(
			"1.2.840.10008.1.2.4.57", "JPEG lossless"), Map.entry("1.2.840.10008.1.2.4.70",
				"JPEG lossless, first-order prediction"), Map.entry("1.2.840.10008.1.2.4.80", "JPEG-LS lossless"), Map.entry(
					"1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless"), Map.entry("1.2.840.10008.1.2.4.90",
						"JPEG 2000 lossless"), Map.entry("1.2.840.10008.1.2.4.91", "JPEG 2000"), Map.entry(
							"1.2.840.10008.1.2.4.201", "High-throughput JPEG 2000 lossless"), Map.entry("1.2.840.10008.1.2.5",
								"RLE lossless"));

	static final int MODALITY = 0x00080060, SERIES_DESCRIPTION = 0x0008103E, THICKNESS = 0x00180050, SPACING = 0x00180088,
			SERIES = 0x0020000E, SERIES_NUMBER = 0x00200011, INSTANCE = 0x00200013, POSITION = 0x00200032,
			ORIENTATION = 0x00200037, LOCATION = 0x00201041, PIXEL_SPACING = 0x00280030, RESCALE_TYPE = 0x00281054;

	private static final int SYNTAX = 0x00020010, SAMPLES = 0x00280002, FRAMES = 0x00280008, ROWS = 0x00280010,
			COLUMNS = 0x00280011, ALLOCATED = 0x00280100, STORED = 0x00280101, REPRESENTATION = 0x00280103,
			INTERCEPT = 0x00281052, SLOPE = 0x00281053, PIXELS = 0x7FE00010;

	private static final Set<Integer> WANTED = Set.of(MODALITY, SERIES_DESCRIPTION, THICKNESS, SPACING, SERIES,
		SERIES_NUMBER, INSTANCE, POSITION, ORIENTATION, LOCATION, PIXEL_SPACING, RESCALE_TYPE, SYNTAX, SAMPLES, FRAMES, ROWS,
		COLUMNS, ALLOCATED, STORED, REPRESENTATION, INTERCEPT, SLOPE);

	private static final int ITEM = 0xFFFEE000, ITEM_END = 0xFFFEE00D, SEQUENCE_END = 0xFFFEE0DD;

	/** Value representations whose length has four bytes, PS3.5, table 7.1-1. */
	private static final Set<String> LONG = Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT",
		"UV");

	private static final long UNDEFINED = 0xFFFFFFFFL;

	/** No value that is wanted here is longer, and sequences are not nested deeper, except in damaged files. */
	private static final int LONGEST = 1024, DEEPEST = 16;

	/** Length of the longest array; the format allows 65,535 rows and columns. */
	private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

	private final Path file;

	private final Map<Integer, byte[]> values = new HashMap<>();

	private InputStream in;

	private long at, pixelOffset = -1;

	private String syntax = EXPLICIT_LITTLE;

	private DicomSlice(final Path file) {
		this.file = file;
	}

	/** Reads a file's header, or returns null if it is not a DICOM file or has no image (an index, a report). */
	static DicomSlice read(final Path file) throws IOException {
		final DicomSlice slice = new DicomSlice(file);
		try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
			slice.in = in;
			in.mark(132);
			final byte[] start = in.readNBytes(132);
			if (start.length < 132) return null;
			if (new String(start, 128, 4, StandardCharsets.ISO_8859_1).equals("DICM")) slice.at = 132;
			else {
				// Files older than the preamble begin with a tag of group 2 or 8.
				if ((start[0] != 2 && start[0] != 8) || start[1] != 0 || start[3] != 0) return null;
				in.reset();
				final boolean letters = Character.isUpperCase(start[4]) && Character.isUpperCase(start[5]);
				slice.syntax = letters ? EXPLICIT_LITTLE : IMPLICIT_LITTLE;
			}
			slice.readElements();
		}
		catch (final EOFException e) {
			// What ends before its voxels has none.
		}
		slice.in = null;
		// A deflated header cannot be read; whatever it holds, the user must hear of it.
		return slice.pixelOffset >= 0 || slice.syntax.equals(DEFLATED) ? slice : null;
	}

	private void readElements() throws IOException {
		boolean meta = true;
		while (true) {
			int tag = readTag(meta ? ByteOrder.LITTLE_ENDIAN : order());
			if (meta && tag >>> 16 != 2) {
				// Only the first tag after group 2 tells that it has ended.
				meta = false;
				if (values.containsKey(SYNTAX)) syntax = text(SYNTAX);
				if (syntax.equals(DEFLATED)) return;
				if (order() == ByteOrder.BIG_ENDIAN) tag = Integer.reverseBytes(tag << 16 | tag >>> 16);
			}
			final boolean explicit = meta || !syntax.equals(IMPLICIT_LITTLE);
			final long length = readLength(explicit, meta ? ByteOrder.LITTLE_ENDIAN : order());
			if (tag == PIXELS) {
				pixelOffset = at;
				return;
			}
			if (length == UNDEFINED) skipSequence(explicit, 0);
			else if (WANTED.contains(tag) && length <= LONGEST) values.putIfAbsent(tag, readBytes((int) length));
			else skip(length);
		}
	}

	private void skipSequence(final boolean explicit, final int depth) throws IOException {
		if (depth > DEEPEST) throw new EOFException();
		while (true) {
			final int tag = readTag(order());
			final long length = readInt(order()) & UNDEFINED;
			if (tag == SEQUENCE_END) return;
			if (tag != ITEM) throw new EOFException();
			if (length != UNDEFINED) {
				skip(length);
				continue;
			}
			while (true) {
				final int inner = readTag(order());
				if (inner == ITEM_END) {
					readInt(order());
					break;
				}
				final long innerLength = readLength(explicit, order());
				if (innerLength == UNDEFINED) skipSequence(explicit, depth + 1);
				else skip(innerLength);
			}
		}
	}

	private int readTag(final ByteOrder order) throws IOException {
		final int group = readShort(order);
		return group << 16 | readShort(order);
	}

	private long readLength(final boolean explicit, final ByteOrder order) throws IOException {
		if (!explicit) return readInt(order) & UNDEFINED;
		final String representation = new String(readBytes(2), StandardCharsets.ISO_8859_1);
		if (!LONG.contains(representation)) return readShort(order);
		readBytes(2);
		return readInt(order) & UNDEFINED;
	}

	private int readShort(final ByteOrder order) throws IOException {
		return ByteBuffer.wrap(readBytes(2)).order(order).getShort() & 0xffff;
	}

	private int readInt(final ByteOrder order) throws IOException {
		return ByteBuffer.wrap(readBytes(4)).order(order).getInt();
	}

	private byte[] readBytes(final int n) throws IOException {
		final byte[] bytes = in.readNBytes(n);
		if (bytes.length < n) throw new EOFException();
		at += n;
		return bytes;
	}

	private void skip(final long n) throws IOException {
		in.skipNBytes(n);
		at += n;
	}

	private ByteOrder order() {
		return syntax.equals(EXPLICIT_BIG) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
	}

	private boolean isUncompressed() {
		return syntax.equals(IMPLICIT_LITTLE) || syntax.equals(EXPLICIT_LITTLE) || syntax.equals(EXPLICIT_BIG);
	}

	/**
	 * Checks that the voxels are of a kind that can be read, and all there.
	 *
	 * @throws InvalidInputException naming the file if not
	 */
	void requireReadable() throws IOException {
		if (!isUncompressed()) throw new InvalidInputException("\"" + file + "\" is compressed (" + COMPRESSED.getOrDefault(
			syntax, "transfer syntax") + ", " + syntax + "), which cannot be read here. Decompress the series first, for " +
			"example with gdcmconv --raw or dcmdjpeg, or save it as NIfTI with dcm2niix.");
		if (integer(FRAMES, 1) != 1) throw new InvalidInputException("\"" + file + "\" holds " + integer(FRAMES, 1) +
			" frames in one file, which cannot be read here. Convert it to NIfTI, for example with dcm2niix.");
		if (integer(SAMPLES, 1) != 1) throw new InvalidInputException("\"" + file +
			"\" is a colour image. Scans have one value a voxel.");
		final int bits = integer(ALLOCATED, 16), stored = integer(STORED, bits);
		if (bits != 8 && bits != 16 && bits != 32 || stored < 1 || stored > bits) throw unusual("voxels of " + stored +
			" bits in " + bits);
		if (rows() < 1 || columns() < 1) throw unusual("a size of " + columns() + " x " + rows());
		if (!Double.isFinite(slope()) || !Double.isFinite(intercept()) || slope() == 0) throw unusual("a rescale slope of " +
			slope() + " and intercept of " + intercept());
		final long bytes = (long) rows() * columns() * bits / 8;
		if (bytes > MOST_BYTES) throw unusual("a size of " + columns() + " x " + rows());
		if (pixelOffset + bytes > Files.size(file)) throw new InvalidInputException("\"" +
			file + "\" is truncated: it ends before its last voxel. Copy or download it again.");
	}

	private InvalidInputException unusual(final String what) {
		return new InvalidInputException("\"" + file + "\" cannot be read: it says that it has " + what + ".");
	}

	/** The voxels in the units of the rescale slope and intercept: Hounsfield units for CT. */
	float[] pixels() throws IOException {
		final int bits = integer(ALLOCATED, 16), stored = integer(STORED, bits), n = rows() * columns();
		final boolean signed = integer(REPRESENTATION, 0) == 1;
		final byte[] bytes = new byte[n * (bits / 8)];
		try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "r")) {
			data.seek(pixelOffset);
			data.readFully(bytes);
		}
		final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order());
		final double slope = slope(), intercept = intercept();
		// Bits above the stored ones may hold anything, in old files overlays.
		final int unused = 32 - stored;
		final float[] values = new float[n];
		for (int i = 0; i < n; i++) {
			final int raw = bits == 8 ? buffer.get(i) : bits == 16 ? buffer.getShort(2 * i) : buffer.getInt(4 * i);
			final int shifted = raw << unused;
			final double value = signed ? shifted >> unused : Integer.toUnsignedLong(shifted >>> unused);
			values[i] = (float) (slope * value + intercept);
		}
		return values;
	}

	Path file() {
		return file;
	}

	int rows() {
		return integer(ROWS, 0);
	}

	int columns() {
		return integer(COLUMNS, 0);
	}

	private double slope() {
		return values.containsKey(SLOPE) ? numbers(SLOPE, 1)[0] : 1;
	}

	private double intercept() {
		return values.containsKey(INTERCEPT) ? numbers(INTERCEPT, 1)[0] : 0;
	}

	/** A text value without padding; empty if the file has none. */
	String text(final int tag) {
		final byte[] value = values.get(tag);
		return value == null ? "" : new String(value, StandardCharsets.ISO_8859_1).replace('\0', ' ').trim();
	}

	/** {@code n} decimal numbers separated by backslashes, NaN where there is none. */
	double[] numbers(final int tag, final int n) {
		final double[] numbers = new double[n];
		final String[] parts = text(tag).split("\\\\", -1);
		for (int i = 0; i < n; i++) {
			try {
				numbers[i] = i < parts.length ? Double.parseDouble(parts[i].trim()) : Double.NaN;
			}
			catch (final NumberFormatException e) {
				numbers[i] = Double.NaN;
			}
		}
		return numbers;
	}

	/** A 16-bit binary number, or decimal text where the tag is text. */
	private int integer(final int tag, final int otherwise) {
		final byte[] value = values.get(tag);
		if (value == null || value.length == 0) return otherwise;
		if (tag == FRAMES) return Double.isNaN(numbers(tag, 1)[0]) ? otherwise : (int) numbers(tag, 1)[0];
		return value.length < 2 ? otherwise : ByteBuffer.wrap(value).order(order()).getShort() & 0xffff;
	}
}
