package org.patchct.imagej;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** The shipped plugins.config. */
public final class MenuFile {

	private MenuFile() { }

	/** Menu path with label, and plugin class with argument, of each line. */
	public static List<String[]> entries() {
		try {
			return PluginsConfig.read().stream().map(e -> new String[] { e.menu() + ">" + e.label(), e.plugin() }).toList();
		}
		catch (final IOException e) {
			throw new UncheckedIOException(e);
		}
	}
}
