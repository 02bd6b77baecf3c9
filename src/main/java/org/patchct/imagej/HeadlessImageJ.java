package org.patchct.imagej;

import java.io.IOException;

import net.imagej.patcher.LegacyEnvironment;
import net.imagej.patcher.LegacyInjector;

/**
 * Makes plain ImageJ 1.x run macros without a display: ImageJ's classes are rewritten while they are loaded, so
 * {@link #start} must come before any of them is. Nothing of this is used inside Fiji, which does the same itself.
 */
public final class HeadlessImageJ {

	/** What the rewriting needs from the JVM. */
	public static final String JVM_FLAG = "--add-opens=java.base/java.lang=ALL-UNNAMED";

	private static final String FULL_IMAGEJ = "net.imagej.legacy.LegacyService";

	private HeadlessImageJ() { }

	/** Whether the JVM allows {@link #start}. */
	public static boolean allowed() {
		return ClassLoader.class.getModule().isOpen("java.lang", LegacyEnvironment.class.getModule());
	}

	/**
	 * Rewrites ImageJ, starts it and adds this project's commands to its table. Where a full ImageJ2 is on the class path
	 * it is started instead, and finds the commands by itself.
	 *
	 * @throws IllegalStateException if a class of ImageJ has been loaded before
	 */
	public static void start() throws IOException {
		System.setProperty("java.awt.headless", "true");
		final ClassLoader loader = HeadlessImageJ.class.getClassLoader();
		Thread.currentThread().setContextClassLoader(loader);
		if (fullImageJ()) {
			LegacyInjector.preinit(loader);
			Session.context();
			return;
		}
		try {
			final LegacyEnvironment environment = new LegacyEnvironment(loader, true);
			environment.disableInitializer();
			environment.applyPatches();
		}
		catch (final ClassNotFoundException | RuntimeException e) {
			throw new IllegalStateException("ImageJ cannot be prepared for running without a display: " + e.getMessage(), e);
		}
		Session.addCommands(PluginsConfig.read());
	}

	/** Whether imagej-legacy is on the class path. */
	static boolean fullImageJ() {
		try {
			Class.forName(FULL_IMAGEJ, false, HeadlessImageJ.class.getClassLoader());
			return true;
		}
		catch (final ClassNotFoundException e) {
			return false;
		}
	}
}
