package org.patchct.task;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.Consumer;

/** What is said of exceptions that should never have happened. */
public final class Mistake {

	private Mistake() { }

	/**
	 * Puts the stack trace into the log.
	 *
	 * @return a sentence for the user
	 */
	public static String report(final Throwable e, final Consumer<String> log) {
		final StringWriter trace = new StringWriter();
		e.printStackTrace(new PrintWriter(trace));
		log.accept(trace.toString().stripTrailing());
		return "Internal error, please report it with the log: " + e;
	}
}
