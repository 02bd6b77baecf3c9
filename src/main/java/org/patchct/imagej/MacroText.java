package org.patchct.imagej;

import java.util.Map;

/** Text of ImageJ's macro language. */
public final class MacroText {

	private MacroText() { }

	/** {@code run("label", "key=value key=[value with blanks] key=[]");} */
	public static String run(final String label, final Map<String, String> options) {
		final StringBuilder text = new StringBuilder();
		options.forEach((key, value) -> text.append(text.isEmpty() ? "" : " ").append(key).append('=').append(value.matches(
			"[^\\s\\[\\]']+") ? value : "[" + value + "]"));
		return call("run", text.isEmpty() ? new String[] { label } : new String[] { label, text.toString() });
	}

	/** {@code function("argument", "argument");} */
	static String call(final String function, final String... arguments) {
		final StringBuilder text = new StringBuilder(function + "(");
		for (final String argument : arguments)
			text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ").append(quoted(argument));
		return text.append(");").toString();
	}

	/** A string of the macro language. */
	static String quoted(final String text) {
		return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + "\"";
	}
}
