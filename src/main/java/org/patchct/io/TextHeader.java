package org.patchct.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

import org.patchct.task.InvalidInputException;

/** Fields of a header that is text: its lines are read one by one, its fields then asked for by name. */
final class TextHeader {

	/** Headers end before this many bytes: those of scanners and converters have some thousand. */
	private static final int LONGEST = 1 << 20;

	/** Characters of a line that are shown in messages, at most. */
	private static final int SHOWN = 40;

	private final Path file;

	private final String format;

	private final Map<String, String> fields = new HashMap<>();

	private long position;

	/** @param format what to call the format in messages */
	TextHeader(final Path file, final String format) {
		this.file = file;
		this.format = format;
	}

	/** The next line without its end, or null if there is none. */
	String line(final InputStream in) throws IOException {
		final StringBuilder line = new StringBuilder();
		int c = in.read();
		if (c < 0) return null;
		for (; c >= 0; c = in.read()) {
			if (++position > LONGEST) throw damaged("its header does not end");
			if (c == '\n') break;
			line.append((char) c);
		}
		if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') line.setLength(line.length() - 1);
		return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
	}

	/** Bytes that have been read as lines. */
	long position() {
		return position;
	}

	void put(final String name, final String value) {
		if (fields.put(name, value.strip()) != null) throw damaged("its field \"" + name + "\" is there twice");
	}

	/** A field, or null. */
	String get(final String name) {
		return fields.get(name);
	}

	String get(final String name, final String missing) {
		return fields.getOrDefault(name, missing);
	}

	/** A field that must be there. */
	String require(final String name) {
		final String value = fields.get(name);
		if (value == null || value.isEmpty()) throw damaged("its field \"" + name + "\" is missing");
		return value;
	}

	/** A whole number of at least {@code least}. */
	long whole(final String name, final String value, final long least) {
		try {
			final long number = Long.parseLong(value);
			if (number >= least) return number;
		}
		catch (final NumberFormatException e) {
			// Said below.
		}
		throw damaged("its field \"" + name + "\" is \"" + value + "\", and must be a whole number of at least " + least);
	}

	/** The sides of an image of {@code n} dimensions. */
	int[] sides(final String name, final int n) {
		final String[] words = words(name, require(name), n);
		final int[] sides = new int[n];
		for (int d = 0; d < n; d++) {
			final long side = whole(name, words[d], 1);
			if (side > Integer.MAX_VALUE) throw damaged("its side " + side + " is longer than 2^31 voxels");
			sides[d] = (int) side;
		}
		return sides;
	}

	/** Numbers of a field, which may be NaN but not infinite. */
	double[] numbers(final String name, final String value, final int n) {
		final String[] words = words(name, value, n);
		final double[] numbers = new double[n];
		for (int d = 0; d < n; d++)
			try {
				numbers[d] = words[d].equalsIgnoreCase("nan") ? Double.NaN : Double.parseDouble(words[d]);
				if (Double.isInfinite(numbers[d])) throw new NumberFormatException();
			}
			catch (final NumberFormatException e) {
				throw damaged("its field \"" + name + "\" holds \"" + words[d] + "\", which is no number");
			}
		return numbers;
	}

	private String[] words(final String name, final String value, final int n) {
		final String[] words = value.strip().split("\\s+");
		if (words.length != n) throw damaged("its field \"" + name + "\" has " + words.length + " entries instead of " + n);
		return words;
	}

	/** The file of that name beside the header, as a header names the one with its voxels. */
	Path beside(final String name) {
		try {
			return file.toAbsolutePath().resolveSibling(name);
		}
		catch (final java.nio.file.InvalidPathException e) {
			throw damaged("\"" + name + "\" is no name of a file");
		}
	}

	/** What to throw for an image that is no volume. */
	InvalidInputException notAVolume(final int[] sides) {
		final StringJoiner text = new StringJoiner(" x ");
		for (final int side : sides)
			text.add(Integer.toString(side));
		return new InvalidInputException("\"" + file + "\" has " + sides.length + " dimensions (" + text +
			"). A volume with three and one value a voxel is needed: save the one that is wanted as its own file.");
	}

	InvalidInputException unsupported(final String what, final String cure) {
		return new InvalidInputException("\"" + file + "\" has " + what + ", which cannot be read. " + cure);
	}

	InvalidInputException damaged(final String why) {
		return new InvalidInputException("\"" + file + "\" is not a " + format + " file or is damaged: " + why + ".");
	}

	/** What to throw for a line that is no field; in a file of another format it need not be text. */
	InvalidInputException noField(final String line) {
		return damaged("\"" + line.substring(0, Math.min(SHOWN, line.length())).replaceAll("[\\p{Cntrl}\uFFFD]", "?") +
			"\" is no field");
	}
}
