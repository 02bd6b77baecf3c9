package org.patchct.imagej;

/** Text for dialogs: ImageJ's do not break lines. */
public final class Messages {

	private static final int COLUMNS = 76;

	private Messages() { }

	/** How many lines the text has when its long ones are broken. */
	static int lines(final String text) {
		return wrapped(text).split("\n", -1).length;
	}

	/** The text with its long lines broken at blanks, and blank lines added until there are so many. */
	static String wrapped(final String text, final int lines) {
		return wrapped(text) + "\n ".repeat(Math.max(0, lines - lines(text)));
	}

	/** The text with its long lines broken at blanks. */
	public static String wrapped(final String text) {
		final StringBuilder out = new StringBuilder();
		for (final String line : text.split("\n", -1)) {
			if (out.length() > 0) out.append('\n');
			// ImageJ leaves out lines of no length.
			if (line.isBlank()) out.append(' ');
			int column = 0;
			for (final String word : line.split(" ")) {
				if (column > 0 && column + 1 + word.length() > COLUMNS) {
					out.append('\n');
					column = 0;
				}
				else if (column > 0) {
					out.append(' ');
					column++;
				}
				out.append(word);
				column += word.length();
			}
		}
		return out.toString();
	}
}
