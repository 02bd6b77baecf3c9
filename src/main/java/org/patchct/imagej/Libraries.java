package org.patchct.imagej;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The libraries that this program finds in its ImageJ. Java takes a class from the first jar that has it, so an old copy
 * of a library, which other plugins may have brought, breaks what was written for a newer one.
 */
public final class Libraries {

	/**
	 * A library.
	 *
	 * @param name name of its jar, without version
	 * @param member a file in the jar that no other library has
	 * @param least the oldest version that is known to do; empty if any does
	 */
	record Library(String name, String member, String least) { }

	/** Beginning of lines that say what is wrong. */
	public static final String WARNING = "WARNING: ";

	/** What DJL and JCuda live on. The least versions are DJL's own, and those of jna and gson that this was tested with. */
	private static final List<Library> ALL = List.of(
		new Library("api (DJL)", "ai/djl/engine/Engine.class", "0.35.1"),
		new Library("pytorch-engine", "ai/djl/pytorch/engine/PtEngine.class", "0.35.1"),
		new Library("pytorch-jni", "jnilib/pytorch.properties", ""),
		new Library("pytorch-native", "native/lib/pytorch.properties", ""),
		new Library("jna", "com/sun/jna/Native.class", "5.14.0"),
		new Library("gson", "com/google/gson/Gson.class", "2.10.1"),
		new Library("commons-compress", "org/apache/commons/compress/archivers/ArchiveEntry.class", ""),
		new Library("slf4j-api", "org/slf4j/Logger.class", ""),
		new Library("imglib2", "net/imglib2/Interval.class", ""),
		new Library("jcuda", "jcuda/Pointer.class", ""));

	private static final Pattern VERSION = Pattern.compile("-(\\d[^-]*(?:-\\d[^-]*)?).*\\.jar$");

	private Libraries() { }

	/** A line for each library with its version, and below it what is wrong with it, beginning with {@link #WARNING}. */
	public static List<String> report() {
		final List<String> lines = new ArrayList<>();
		for (final Library library : ALL)
			lines.addAll(report(library, Libraries.class.getClassLoader()));
		return lines;
	}

	static List<String> report(final Library library, final ClassLoader loader) {
		final List<String> jars;
		try {
			jars = Collections.list(loader.getResources(library.member)).stream().map(Libraries::jar).distinct().toList();
		}
		catch (final IOException e) {
			return List.of(library.name + ": " + e);
		}
		if (jars.isEmpty()) return List.of(library.name + ": none");
		final String version = version(jars.get(0));
		final List<String> lines = new ArrayList<>(List.of(library.name + " " + (version.isEmpty() ? jars.get(0) : version)));
		if (jars.size() > 1) lines.add(WARNING + "there are " + jars.size() + " copies of " + library.name +
			", of which the first is used: " + String.join(", ", jars) + ". Keep the newest and remove the others.");
		if (!version.isEmpty() && older(version, library.least)) lines.add(WARNING + library.name + " " + version +
			" is older than " + library.least + ", which is needed: update Fiji, or replace " + jars.get(0) + ".");
		return lines;
	}

	/** Path of the jar, or of the folder of classes, that a member is in. */
	private static String jar(final URL member) {
		return member.toString().replaceFirst("^jar:", "").replaceFirst("^file:", "").replaceFirst("!/.*$", "");
	}

	/** The version in a jar's name, empty if there is none. */
	private static String version(final String jar) {
		final Matcher matcher = VERSION.matcher(jar.substring(jar.lastIndexOf('/') + 1));
		return matcher.find() ? matcher.group(1).replaceFirst("\\.jar$", "") : "";
	}

	/** Whether the first of two versions is the older one, number by number. */
	static boolean older(final String version, final String least) {
		final String[] a = version.split("[^0-9]+"), b = least.split("[^0-9]+");
		for (int i = 0; i < b.length && !b[i].isEmpty(); i++) {
			final int difference = (i < a.length && !a[i].isEmpty() ? Integer.parseInt(a[i]) : 0) - Integer.parseInt(b[i]);
			if (difference != 0) return difference < 0;
		}
		return false;
	}
}
