package org.patchct.io;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Intensity;

/** What values mean as a word of ours in the free text that formats allow: "PatchCT HU -1000 1000 0.03858". */
final class IntensityText {

	private static final Pattern TEXT = Pattern.compile("PatchCT (\\S{1,8}) (\\S+) (\\S+) (\\S+)");

	private IntensityText() { }

	/** To 8 digits. */
	static String of(final Intensity intensity) {
		return String.format(Locale.ROOT, "PatchCT %s %.8g %.8g %.8g", intensity.unit(), intensity.low(), intensity.high(),
			intensity.muHigh());
	}

	/** Null if the text, which may be null, is another. */
	static Intensity parse(final String text) {
		final Matcher matcher = TEXT.matcher(text == null ? "" : text);
		if (!matcher.matches()) return null;
		try {
			return new Intensity(matcher.group(1), Double.parseDouble(matcher.group(2)), Double.parseDouble(matcher.group(3)),
				Double.parseDouble(matcher.group(4)));
		}
		catch (final NumberFormatException | InvalidInputException e) {
			// Free text that only looks like ours.
			return null;
		}
	}
}
