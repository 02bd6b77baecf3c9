package org.patchct.imagej;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

import ij.IJ;
import ij.WindowManager;
import ij.macro.Interpreter;

/** Runs macros in this JVM's ImageJ as the launcher does. */
public final class HeadlessMacro {

	/**
	 * @param ok whether the macro came through
	 * @param out what it printed
	 * @param err what went to standard error
	 */
	public record Result(boolean ok, String out, String err) { }

	private HeadlessMacro() { }

	/** Runs a macro in which single quotes stand for double ones. */
	public static Result run(final String macro) {
		return run(macro.replace('\'', '"'), "");
	}

	public static Result run(final String macro, final String argument) {
		final PrintStream out = System.out, err = System.err;
		final ByteArrayOutputStream outBytes = new ByteArrayOutputStream(), errBytes = new ByteArrayOutputStream();
		System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
		System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
		try {
			final boolean ok = MacroRun.succeeds(macro, argument);
			return new Result(ok, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
		}
		finally {
			System.setOut(out);
			System.setErr(err);
		}
	}

	/** Closes all images and forgets an Escape, so that tests do not see each other's. */
	public static void closeImages() {
		for (final int id : Interpreter.getBatchModeImageIDs())
			WindowManager.getImage(id).close();
		WindowManager.setTempCurrentImage(null);
		IJ.resetEscape();
	}
}
