package org.patchct.io;

/** Tables as text, after RFC 4180. */
public final class Csv {

	private Csv() { }

	/** A field, in quotes if it needs them. */
	public static String field(final String text) {
		return text.matches("[^\",\r\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
	}
}
