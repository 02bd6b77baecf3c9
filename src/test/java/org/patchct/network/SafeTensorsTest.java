package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patchct.task.InvalidInputException;

class SafeTensorsTest {

	@TempDir
	Path folder;

	@Test
	void whatIsWrittenIsReadBack() {
		final Path file = folder.resolve("a.safetensors");
		final float[] large = new float[600_001]; // more than one chunk
		for (int i = 0; i < large.length; i++)
			large[i] = i * 0.37f;
		final List<SafeTensors.Source> sources = List.of(new SafeTensors.Source("small", new long[] { 2, 2 },
			() -> new float[] { 1, -2, Float.MIN_VALUE, 3e38f }), new SafeTensors.Source("large", new long[] { large.length },
				() -> large), new SafeTensors.Source("empty", new long[] { 0, 3 }, () -> new float[0]),
			new SafeTensors.Source("scalar", new long[0], () -> new float[] { 7 }));
		SafeTensors.write(file, Map.of("note", "ä \"quoted\""), sources);
		try (SafeTensors read = SafeTensors.open(file)) {
			assertEquals(Set.of("small", "large", "empty", "scalar"), read.names());
			assertEquals("ä \"quoted\"", read.metadata().get("note"));
			assertArrayEquals(new long[] { 2, 2 }, read.shape("small"));
			assertArrayEquals(new float[] { 1, -2, Float.MIN_VALUE, 3e38f }, read.values("small"));
			assertArrayEquals(large, read.values("large"));
			assertEquals(0, read.values("empty").length);
			assertArrayEquals(new float[] { 7 }, read.values("scalar"));
			assertEquals(SafeTensors.digest(sources), read.digest());
		}
	}

	@Test
	void otherFloatTypesAreConverted() throws IOException {
		final ByteBuffer data = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
		data.putDouble(0.1);
		// Half precision: 1, −2, the smallest subnormal, the largest number, +infinity; bfloat16: π cut off.
		for (final int bits : new int[] { 0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00 })
			data.putShort((short) bits);
		data.putShort((short) 0x4049).putShort((short) 0xbf80);
		final Path file = write("{\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}," +
			"\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[8,18]}," +
			"\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[18,22]}}", data.array());
		try (SafeTensors read = SafeTensors.open(file)) {
			assertArrayEquals(new float[] { 0.1f }, read.values("d"));
			assertArrayEquals(new float[] { 1, -2, 0x1p-24f, 65504, Float.POSITIVE_INFINITY }, read.values("h"));
			assertArrayEquals(new float[] { 3.140625f, -1 }, read.values("b"));
		}
	}

	/** A header that does not fit its file is refused before anything is read or allocated for it. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | cut off", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | cut off", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | needs 12 bytes and has 8", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | shape [-2]", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,8],\"data_offsets\":[0,8]}} | shape [4611", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | bytes 8 to 0", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | overlap", //
		"{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}} | has the type I64", //
		"{\"a\":{\"shape\":[1],\"data_offsets\":[0,8]}} | lacks dtype", //
		"{\"a\":{\"dtype\":\"F32\",\"shape\":\"x\",\"data_offsets\":[0,8]}} | not the JSON expected", //
		"[1, 2] | not the JSON expected", //
		"not json at all | not the JSON expected" })
	void inconsistentHeadersAreRefused(final String header, final String reason) throws IOException {
		final Path file = write(header, new byte[8]);
		final String message = assertThrows(InvalidInputException.class, () -> SafeTensors.open(file)).getMessage();
		assertTrue(message.contains(reason), message);
		assertTrue(message.contains(file.toString()), message);
	}

	@Test
	void everyTruncationIsNoticed() throws IOException {
		final Path whole = folder.resolve("whole.safetensors"), cut = folder.resolve("cut.safetensors");
		SafeTensors.write(whole, Map.of(), List.of(new SafeTensors.Source("a", new long[] { 5 }, () -> new float[5])));
		final byte[] bytes = Files.readAllBytes(whole);
		for (int length = 0; length < bytes.length; length++) {
			Files.write(cut, Arrays.copyOf(bytes, length));
			assertThrows(InvalidInputException.class, () -> SafeTensors.open(cut));
		}
	}

	@Test
	void hugeHeaderLengthIsRefused() throws IOException {
		final Path file = folder.resolve("huge.safetensors");
		Files.write(file, new byte[] { -1, -1, -1, -1, -1, -1, -1, -1, '{', '}' });
		final String message = assertThrows(InvalidInputException.class, () -> SafeTensors.open(file)).getMessage();
		assertTrue(message.contains("18446744073709551615 bytes long"), message);
	}

	@Test
	void failedWriteLeavesNeitherPartNorTarget() throws IOException {
		final Path file = folder.resolve("never.safetensors");
		final List<SafeTensors.Source> broken = List.of(new SafeTensors.Source("a", new long[] { 2 }, () -> {
			throw new IllegalStateException("values are gone");
		}));
		assertThrows(IllegalStateException.class, () -> SafeTensors.write(file, Map.of(), broken));
		try (Stream<Path> left = Files.list(folder)) {
			assertEquals(0, left.count());
		}
	}

	@Test
	void unwritableFolderIsNamed() {
		final Path file = folder.resolve("missing").resolve("a.safetensors");
		final String message = assertThrows(InvalidInputException.class, () -> SafeTensors.write(file, Map.of(), List.of()))
			.getMessage();
		assertTrue(message.contains(file.toString()) && message.contains("Create it or choose another"), message);
	}

	private Path write(final String header, final byte[] data) throws IOException {
		final byte[] text = header.getBytes(StandardCharsets.UTF_8);
		final Path file = folder.resolve("file.safetensors");
		Files.write(file, ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN).putLong(
			text.length).put(text).put(data).array());
		return file;
	}
}
