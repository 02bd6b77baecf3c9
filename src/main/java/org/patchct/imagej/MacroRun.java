package org.patchct.imagej;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import ij.Macro;
import ij.macro.Interpreter;

/**
 * Runs a macro without a display and tells whether it came through. ImageJ itself does not: a macro called by another
 * may fail and the caller goes on, {@code exit("reason")} looks like {@code exit()}, and reasons are printed among the
 * results.
 */
final class MacroRun {

	private MacroRun() { }

	/** Runs the macro on this thread. Reasons of failures go to standard error. */
	static boolean succeeds(final String macro, final String argument) {
		final AtomicBoolean failed = new AtomicBoolean();
		final PrintStream out = System.out, err = System.err;
		System.setOut(new Watched(out, err, failed));
		System.setErr(new Watched(err, err, failed));
		final Thread thread = Thread.currentThread();
		final String name = thread.getName();
		// Names that make Macro.getOptions() and Macro.abort() work on this thread.
		thread.setName("Run$_" + name + "_Macro$");
		final Interpreter interpreter = new Interpreter();
		try {
			interpreter.run(macro, argument);
		}
		catch (final RuntimeException e) {
			if (!Macro.MACRO_CANCELED.equals(e.getMessage())) throw e;
		}
		finally {
			thread.setName(name);
			System.setOut(out);
			System.setErr(err);
		}
		return !interpreter.wasError() && !failed.get();
	}

	/** Passes text on; what ImageJ prints as the reason of a failure goes to standard error and is remembered. */
	private static final class Watched extends PrintStream {

		private static final Set<String> REASONS = Set.of("ij.IJ.error", "ij.macro.Functions.exit",
			"ij.macro.Interpreter.showError");

		private final PrintStream err;

		private final AtomicBoolean failed;

		Watched(final OutputStream to, final PrintStream err, final AtomicBoolean failed) {
			super(to, true, StandardCharsets.UTF_8);
			this.err = err;
			this.failed = failed;
		}

		@Override
		public void println(final String line) {
			final boolean reason = StackWalker.getInstance().walk(frames -> frames.limit(6).anyMatch(frame -> REASONS
				.contains(frame.getClassName() + "." + frame.getMethodName())));
			if (!reason) {
				super.println(line);
				return;
			}
			failed.set(true);
			err.println(line);
		}
	}
}
