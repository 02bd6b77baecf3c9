package org.patchct.imagej;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import ij.IJ;
import ij.Macro;

import java.awt.GraphicsEnvironment;

/**
 * The options of a macro's {@code run("Command...", "key=value key=[value with blanks] flag")}. ImageJ and SciJava look
 * keys up one by one, so that a value which holds "key=" confuses them, a mistyped key goes unnoticed and "abc" is the
 * number 0; this reads the whole string, and commands refuse what they do not know.
 */
public final class MacroOptions {

	/** The value of a key given without one, which ImageJ's own recorder writes for ticked check boxes. */
	public static final String FLAG = "true";

	private MacroOptions() { }

	/** The options of the command that runs on this thread, keys in lower case, or null if it was given none. */
	public static Map<String, String> current() {
		final String options = Macro.getOptions();
		return options == null ? null : parse(options);
	}

	/** Whether nobody is there to answer a dialog: a macro runs, or there is no display. */
	public static boolean unattended() {
		return GraphicsEnvironment.isHeadless() || Macro.getOptions() != null || IJ.isMacro();
	}

	/**
	 * Splits an option string. Values may be bare (up to the next blank), in brackets, which may nest, or in single
	 * quotes. The first of several values for one key counts, as in ImageJ.
	 */
	public static Map<String, String> parse(final String options) {
		final Map<String, String> map = new LinkedHashMap<>();
		final int n = options.length();
		int i = 0;
		while (i < n) {
			if (Character.isWhitespace(options.charAt(i))) {
				i++;
				continue;
			}
			final int start = i;
			while (i < n && options.charAt(i) != '=' && !Character.isWhitespace(options.charAt(i)))
				i++;
			final String key = options.substring(start, i).toLowerCase(Locale.ROOT);
			if (i >= n || options.charAt(i) != '=') {
				map.putIfAbsent(key, FLAG);
				continue;
			}
			final int from = ++i;
			final int end = valueEnd(options, from);
			final boolean quoted = end > from + 1 && "['".indexOf(options.charAt(from)) >= 0 && "]'".indexOf(options.charAt(
				end - 1)) >= 0;
			map.putIfAbsent(key, quoted ? options.substring(from + 1, end - 1) : options.substring(from, end));
			i = end;
		}
		return map;
	}

	/** Index after the value that starts at {@code from}; an unclosed bracket or quote reaches to the end. */
	private static int valueEnd(final String options, final int from) {
		final int n = options.length();
		if (from < n && options.charAt(from) == '\'') {
			final int end = options.indexOf('\'', from + 1);
			return end < 0 ? n : end + 1;
		}
		if (from < n && options.charAt(from) == '[') {
			int depth = 0;
			for (int i = from; i < n; i++) {
				if (options.charAt(i) == '[') depth++;
				else if (options.charAt(i) == ']' && --depth == 0) return i + 1;
			}
			return n;
		}
		int end = from;
		while (end < n && !Character.isWhitespace(options.charAt(end)))
			end++;
		return end;
	}
}
