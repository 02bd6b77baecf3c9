package org.patchct.scan;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.patchct.task.InvalidInputException;

/** View angles as scanners write them. */
public final class ViewAngles {

	/** Angles that span at most a turn in radians, and are this many, are no degrees: steps of less than 0.7 degrees. */
	private static final int ENOUGH_FOR_RADIANS = 10;

	/** Java's own parser also takes "10d" for 10, hexadecimal digits, and control characters about a number. */
	private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

	private ViewAngles() { }

	/**
	 * Numbers separated by blanks, commas, semicolons or line breaks; what follows a # on a line is left out, and so
	 * is the mark that some editors begin a text with.
	 *
	 * @param source what to call the text in messages
	 * @throws InvalidInputException if something else is in the text, or no number, or more than a scan may have views
	 */
	public static double[] parse(final String source, final String text) {
		final String[] words = text.replaceAll("#.*", "").replaceAll("^[\\uFEFF\\s,;]+", "").split("[\\s,;]+");
		if (words[0].isEmpty() || words.length > ScanGeometry.MAX_VIEWS) throw new InvalidInputException(source +
			" holds " + (words[0].isEmpty() ? 0 : words.length) + " view angles: it must be from 1 to " +
			ScanGeometry.MAX_VIEWS + ", one for each view.");
		final double[] angles = new double[words.length];
		for (int i = 0; i < words.length; i++) {
			if (!NUMBER.matcher(words[i]).matches()) throw new InvalidInputException(source + " holds \"" + words[i].substring(0,
				Math.min(words[i].length(), 40)) + "\" where view angle " + i +
				" should be. Give a text file with one number for each view.");
			angles[i] = Double.parseDouble(words[i]);
		}
		return angles;
	}

	/** Angles in degrees, from radians where all of them lie within a turn of 2π and are too many for as few degrees. */
	public static double[] degrees(final double[] angles) {
		final double span = Arrays.stream(angles).max().orElse(0) - Arrays.stream(angles).min().orElse(0);
		final boolean radians = angles.length >= ENOUGH_FOR_RADIANS && span <= 2 * Math.PI * (1 + 1.0 / angles.length);
		return radians ? Arrays.stream(angles).map(Math::toDegrees).toArray() : angles.clone();
	}

	/** {@code views} angles start + i · range / views or, with the end included, start + i · range / (views − 1). */
	public static double[] even(final int views, final double start, final double range, final boolean inclusive) {
		final double[] angles = ScanGeometry.evenAngles(views, start, range);
		if (inclusive && views > 1) for (int i = 0; i < views; i++)
			angles[i] = start + i * range / (views - 1);
		return angles;
	}

	/** Indices of the views by increasing angle. */
	public static int[] increasing(final double[] angles) {
		return IntStream.range(0, angles.length).boxed().sorted((a, b) -> Double.compare(angles[a], angles[b]))
			.mapToInt(i -> i).toArray();
	}

	/** Increasing angles turned by whole turns so that the first is in [0, 360). */
	public static double[] withinFirstTurn(final double[] increasing) {
		final double turns = 360 * Math.floor(increasing[0] / 360);
		return Arrays.stream(increasing).map(angle -> angle - turns).toArray();
	}
}
