package org.patchct.command;

import org.patchct.io.InputFiles;

/** Titles of results. Macros select images by them, so they are part of the interface. */
final class Titles {

	private static final String PROJECTIONS = "Projections of ";

	private Titles() { }

	/** "Projections of thorax (60 views)" */
	static String projections(final String volume, final int views) {
		return PROJECTIONS + InputFiles.withoutExtension(volume) + views(views);
	}

	/** "FBP of thorax (60 views)", from the title of the volume or of the projections. */
	static String result(final String method, final String scan, final int views) {
		String source = InputFiles.withoutExtension(scan);
		if (source.startsWith(PROJECTIONS)) source = source.substring(PROJECTIONS.length());
		if (source.endsWith(views(views))) source = source.substring(0, source.length() - views(views).length());
		return method + " of " + source + views(views);
	}

	private static String views(final int n) {
		return n == 1 ? " (1 view)" : " (" + n + " views)";
	}
}
