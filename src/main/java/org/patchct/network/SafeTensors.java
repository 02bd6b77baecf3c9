package org.patchct.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.patchct.io.WholeFile;
import org.patchct.task.InvalidInputException;

/**
 * Reader and writer of the safetensors format: eight bytes with the length of a JSON header (little-endian), the header
 * with name, type, shape and place of every tensor, and the tensors' values, little-endian, one after the other. One
 * tensor at a time is in memory.
 * <p>
 * Reads F32, and F64, F16 and BF16 by conversion to float; writes F32. Everything in the header is checked against the
 * size of the file before anything is allocated.
 * </p>
 */
public final class SafeTensors implements Closeable {

	/** Longest header that is read, the limit of the reference implementation. */
	private static final long MAX_HEADER = 100_000_000;

	private static final int CHUNK = 1 << 20;

	/** A tensor to write: its values are asked for when they are needed. */
	public record Source(String name, long[] shape, Supplier<float[]> values) { }

	private record Entry(String type, long[] shape, long begin, long end) { }

	/** Bytes at a position; returns how many were read, −1 behind the end. */
	private interface Data extends Closeable {

		int read(ByteBuffer target, long position) throws IOException;
	}

	private final String name;

	private final Data data;

	private final long start, size;

	private final Map<String, String> metadata = new LinkedHashMap<>();

	private final Map<String, Entry> entries = new LinkedHashMap<>();

	/**
	 * Opens a file and reads its header.
	 *
	 * @throws InvalidInputException if it is missing, truncated or no safetensors file
	 */
	public static SafeTensors open(final Path file) {
		if (!Files.isRegularFile(file)) throw new InvalidInputException("There is no file " + file +
			". Choose an existing .safetensors file.");
		try {
			final FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
			try {
				return new SafeTensors(file.toString(), new Data() {

					@Override
					public int read(final ByteBuffer target, final long position) throws IOException {
						return channel.read(target, position);
					}

					@Override
					public void close() throws IOException {
						channel.close();
					}
				}, channel.size());
			}
			catch (final RuntimeException | IOException e) {
				channel.close();
				throw e;
			}
		}
		catch (final IOException e) {
			throw new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
		}
	}

	/** Like {@link #open(Path)} for a stream, which is read to its end; {@code name} is for messages. */
	static SafeTensors read(final String name, final InputStream stream) throws IOException {
		final ByteBuffer bytes = ByteBuffer.wrap(stream.readAllBytes());
		return new SafeTensors(name, new Data() {

			@Override
			public int read(final ByteBuffer target, final long position) {
				if (position >= bytes.capacity()) return -1;
				final int count = Math.min(target.remaining(), bytes.capacity() - (int) position);
				target.put(bytes.slice((int) position, count));
				return count;
			}

			@Override
			public void close() { }
		}, bytes.capacity());
	}

	private SafeTensors(final String name, final Data data, final long fileSize) throws IOException {
		this.name = name;
		this.data = data;
		if (fileSize < 8) throw damaged("it has " + fileSize + " bytes and a header starts with 8");
		final long length = bytes(0, 8).getLong();
		if (length < 2 || length > Math.min(MAX_HEADER, fileSize - 8)) throw damaged("its header should be " + Long
			.toUnsignedString(length) + " bytes long, in a file of " + fileSize + " bytes");
		start = 8 + length;
		size = fileSize - start;
		try {
			final JsonObject header = JsonParser.parseString(StandardCharsets.UTF_8.decode(bytes(8, (int) length))
				.toString()).getAsJsonObject();
			for (final var item : header.entrySet()) {
				if (item.getKey().equals("__metadata__")) {
					for (final var pair : item.getValue().getAsJsonObject().entrySet())
						metadata.put(pair.getKey(), pair.getValue().getAsString());
				}
				else entries.put(item.getKey(), entry(item.getKey(), item.getValue().getAsJsonObject()));
			}
		}
		catch (final JsonParseException | IllegalStateException | ClassCastException | NumberFormatException
				| UnsupportedOperationException e)
		{
			throw damaged("its header is not the JSON expected (" + e.getMessage() + ")");
		}
		final List<Entry> inOrder = new ArrayList<>(entries.values());
		inOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
		long position = 0;
		for (final Entry entry : inOrder) {
			if (entry.begin != position) throw damaged("its tensors overlap or leave gaps at byte " + position +
				" of the data");
			position = entry.end;
		}
		if (position != size) throw damaged("its tensors take " + position + " bytes and " + size +
			" follow the header: it was probably cut off while copying or downloading");
	}

	private Entry entry(final String tensor, final JsonObject json) {
		final JsonElement type = json.get("dtype"), shape = json.get("shape"), offsets = json.get("data_offsets");
		if (type == null || shape == null || offsets == null) throw damaged("tensor \"" + tensor +
			"\" lacks dtype, shape or data_offsets");
		final JsonArray dims = shape.getAsJsonArray(), range = offsets.getAsJsonArray();
		final long[] sides = new long[dims.size()];
		try {
			long bytes = width(tensor, type.getAsString());
			for (int i = 0; i < sides.length; i++) {
				sides[i] = dims.get(i).getAsLong();
				if (sides[i] < 0) throw damaged("tensor \"" + tensor + "\" has the shape " + dims);
				bytes = Math.multiplyExact(bytes, sides[i]);
			}
			if (range.size() != 2) throw damaged("tensor \"" + tensor + "\" has the data_offsets " + range);
			final long begin = range.get(0).getAsLong(), end = range.get(1).getAsLong();
			if (begin < 0 || end < begin || end > size) throw damaged("tensor \"" + tensor + "\" lies at bytes " + begin +
				" to " + end + " and the file holds " + size +
				" bytes of data: it was probably cut off while copying or downloading");
			if (end - begin != bytes) throw damaged("tensor \"" + tensor + "\" of shape " + dims + " needs " + bytes +
				" bytes and has " + (end - begin));
			return new Entry(type.getAsString(), sides, begin, end);
		}
		catch (final ArithmeticException e) {
			throw damaged("tensor \"" + tensor + "\" has the shape " + dims);
		}
	}

	private int width(final String tensor, final String type) {
		return switch (type) {
			case "F64" -> 8;
			case "F32" -> 4;
			case "F16", "BF16" -> 2;
			default -> throw new InvalidInputException(name + ": tensor \"" + tensor + "\" has the type " + type +
				"; F32, F64, F16 and BF16 can be read. Save it as float32.");
		};
	}

	private InvalidInputException damaged(final String reason) {
		return new InvalidInputException(name + " is not a safetensors file, or is damaged: " + reason +
			". Copy or download it again.");
	}

	/** The free text pairs of the header. */
	public Map<String, String> metadata() {
		return Collections.unmodifiableMap(metadata);
	}

	/** Names of the tensors, in the header's order. */
	public Set<String> names() {
		return Collections.unmodifiableSet(entries.keySet());
	}

	/** Shape of a tensor; null if there is none of that name. */
	public long[] shape(final String tensor) {
		final Entry entry = entries.get(tensor);
		return entry == null ? null : entry.shape.clone();
	}

	/** Values of a tensor as float, last axis fastest. */
	public float[] values(final String tensor) {
		final Entry entry = entries.get(tensor);
		if (entry == null) throw new InvalidInputException(name + " has no tensor \"" + tensor + "\".");
		final int width = width(tensor, entry.type);
		final long count = (entry.end - entry.begin) / width;
		if (count > Integer.MAX_VALUE - 8) throw new InvalidInputException(name + ": tensor \"" + tensor + "\" has " +
			count + " values; at most 2147483639 can be read.");
		final float[] values = new float[(int) count];
		try {
			final int perChunk = CHUNK / width;
			for (int i = 0; i < values.length; i += perChunk) {
				final int n = Math.min(perChunk, values.length - i);
				final ByteBuffer buffer = bytes(start + entry.begin + (long) i * width, n * width);
				for (int j = 0; j < n; j++)
					values[i + j] = switch (entry.type) {
						case "F64" -> (float) buffer.getDouble();
						case "F16" -> half(buffer.getShort());
						case "BF16" -> Float.intBitsToFloat(buffer.getShort() << 16);
						default -> buffer.getFloat();
					};
			}
		}
		catch (final IOException e) {
			throw new InvalidInputException(name + " cannot be read: " + e.getMessage(), e);
		}
		return values;
	}

	/** SHA-256 of everything behind the header, hexadecimal. */
	public String digest() {
		final MessageDigest digest = sha256();
		try {
			for (long i = 0; i < size; i += CHUNK)
				digest.update(bytes(start + i, (int) Math.min(CHUNK, size - i)));
		}
		catch (final IOException e) {
			throw new InvalidInputException(name + " cannot be read: " + e.getMessage(), e);
		}
		return HexFormat.of().formatHex(digest.digest());
	}

	@Override
	public void close() {
		try {
			data.close();
		}
		catch (final IOException e) {
			throw new InvalidInputException(name + " cannot be closed: " + e.getMessage(), e);
		}
	}

	private ByteBuffer bytes(final long position, final int count) throws IOException {
		final ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
		while (buffer.hasRemaining())
			if (data.read(buffer, position + buffer.position()) < 0) throw new EOFException("the file ends at byte " +
				(position + buffer.position()));
		return buffer.flip();
	}

	/** IEEE 754 half precision to float. */
	static float half(final short bits) {
		final int sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
		if (exponent == 0) return (sign == 0 ? 1 : -1) * fraction * 0x1p-24f;
		if (exponent == 31) return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
		return Float.intBitsToFloat(sign | exponent + 112 << 23 | fraction << 13);
	}

	/** The {@link #digest} of a file that {@link #write} makes of these tensors. */
	public static String digest(final List<Source> tensors) {
		final MessageDigest digest = sha256();
		for (final Source tensor : tensors)
			forChunks(tensor, digest::update);
		return HexFormat.of().formatHex(digest.digest());
	}

	/**
	 * Writes tensors as F32 in the given order. The file appears whole or not at all.
	 *
	 * @throws InvalidInputException if the file cannot be written
	 */
	public static void write(final Path file, final Map<String, String> metadata, final List<Source> tensors) {
		final JsonObject header = new JsonObject();
		if (!metadata.isEmpty()) {
			final JsonObject pairs = new JsonObject();
			metadata.forEach(pairs::addProperty);
			header.add("__metadata__", pairs);
		}
		long position = 0;
		for (final Source tensor : tensors) {
			final JsonObject entry = new JsonObject();
			entry.addProperty("dtype", "F32");
			final JsonArray shape = new JsonArray();
			long count = 1;
			for (final long side : tensor.shape) {
				shape.add(side);
				count = Math.multiplyExact(count, side);
			}
			entry.add("shape", shape);
			final JsonArray offsets = new JsonArray();
			offsets.add(position);
			offsets.add(position += 4 * count);
			entry.add("data_offsets", offsets);
			header.add(tensor.name, entry);
		}
		// The reference implementation pads with blanks so that the values start at a multiple of eight bytes.
		final byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
		final int length = (text.length + 7) / 8 * 8;
		final ByteBuffer head = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(text);
		while (head.hasRemaining())
			head.put((byte) ' ');
		head.flip();
		WholeFile.write(file, temporary -> {
			try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW,
				StandardOpenOption.WRITE))
			{
				writeFully(channel, head);
				for (final Source tensor : tensors)
					forChunks(tensor, chunk -> writeFully(channel, chunk));
				channel.force(true);
			}
			catch (final UncheckedIOException e) {
				throw e.getCause();
			}
		});
	}

	private static void writeFully(final FileChannel channel, final ByteBuffer buffer) {
		try {
			while (buffer.hasRemaining())
				channel.write(buffer);
		}
		catch (final IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** The tensor's values as little-endian bytes, a chunk at a time. */
	private static void forChunks(final Source tensor, final java.util.function.Consumer<ByteBuffer> consumer) {
		final float[] values = tensor.values.get();
		long count = 1;
		for (final long side : tensor.shape)
			count *= side;
		if (values.length != count) throw new IllegalArgumentException("Tensor " + tensor.name + " has " + values.length +
			" values, not " + count);
		final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
		for (int i = 0; i < values.length;) {
			buffer.clear();
			final int n = Math.min(CHUNK / 4, values.length - i);
			buffer.asFloatBuffer().put(values, i, n);
			i += n;
			consumer.accept(buffer.limit(4 * n));
		}
	}

	private static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (final NoSuchAlgorithmException e) {
			throw new IllegalStateException("Every Java runtime has SHA-256", e);
		}
	}
}
