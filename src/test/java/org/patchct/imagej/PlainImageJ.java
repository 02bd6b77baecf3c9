package org.patchct.imagej;

import java.nio.file.Path;

import net.imagej.patcher.LegacyEnvironment;

import ij.IJ;

/**
 * Starts plain ImageJ 1.x without a display and runs a macro. The commands are not on the class path: ImageJ finds them
 * in the jars of its plugins folder (the property {@code plugins.dir}) by itself, as it does for users.
 */
public final class PlainImageJ {

	private PlainImageJ() { }

	/** @param args a macro's file and its argument */
	public static void main(final String... args) throws Exception {
		final LegacyEnvironment environment = new LegacyEnvironment(PlainImageJ.class.getClassLoader(), true);
		environment.disableInitializer();
		environment.applyPatches();
		Macro.run(args[0], args[1]);
		// Threads of SciJava would keep the JVM alive.
		System.exit(0);
	}

	/** Not in the class above, which must not load a class of ImageJ before its patches are applied. */
	private static final class Macro {

		static void run(final String file, final String argument) {
			IJ.runMacroFile(Path.of(file).toAbsolutePath().toString(), argument);
		}
	}
}
