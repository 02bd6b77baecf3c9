package org.patchct.imagej;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This project's plugins.config. ImageJ reads it by itself from a jar in its plugins folder; the launcher, which runs
 * from a class path, reads it here.
 */
final class PluginsConfig {

	/**
	 * One menu item.
	 *
	 * @param menu menu path, "Plugins>CT Reconstruction"
	 * @param label leaf, the name that {@code run("…")} takes
	 * @param plugin class with its argument, as ImageJ's command table holds it
	 */
	record Entry(String menu, String label, String plugin) { }

	private static final Pattern LINE = Pattern.compile("([^,\"]+),\\s*\"([^\"]+)\"\\s*,\\s*(\\S.*\\S)");

	private PluginsConfig() { }

	/**
	 * Reads the file that lies beside this class on the class path.
	 *
	 * @throws IOException if it is missing or cannot be read
	 */
	static List<Entry> read() throws IOException {
		final String here = PluginsConfig.class.getProtectionDomain().getCodeSource().getLocation().toString();
		final URL url = new URL(here.endsWith("/") ? here + "plugins.config" : "jar:" + here + "!/plugins.config");
		try (InputStream in = url.openStream()) {
			return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
		}
	}

	/** @throws IllegalArgumentException naming the first line that ImageJ would ignore */
	static List<Entry> parse(final String text) {
		final List<Entry> entries = new ArrayList<>();
		for (final String raw : text.split("\n")) {
			final String line = raw.strip();
			if (line.isEmpty() || line.startsWith("#")) continue;
			final Matcher matcher = LINE.matcher(line);
			if (!matcher.matches()) throw new IllegalArgumentException("plugins.config: " + line);
			entries.add(new Entry(matcher.group(1).strip(), matcher.group(2), matcher.group(3)));
		}
		return entries;
	}
}
