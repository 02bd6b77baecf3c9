package org.patchct.imagej;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Starts ImageJ with this project's commands from a class path: with a window, or without a display for one macro or
 * one command. Inside Fiji nothing of it is used.
 */
public final class Launcher {

	static final String USAGE = """
		PatchCT: sparse-view CT reconstruction for ImageJ

		  (no argument)                      open ImageJ's window with the CT commands
		  --macro FILE.ijm [ARGUMENT]        run a macro without a display
		  --run "CT FBP..." ["key=value …"]  run one command without a display
		  --help                             this text

		The exit status is not 0, and the reason on standard error, when the macro or command failed.""";

	/** Exit status when the macro or command failed. */
	static final int FAILED = 1;

	/** Exit status when the arguments make no sense. */
	static final int MISUSED = 2;

	private Launcher() { }

	public static void main(final String... args) {
		final PrintStream out = System.out, err = System.err;
		// DJL logs through SLF4J; that nothing here listens is no news to the user. Fiji brings a logger of its own.
		System.setProperty("slf4j.internal.verbosity", "ERROR");
		if (args.length == 0) {
			window(err);
			return;
		}
		int status;
		try {
			status = run(args, out, err);
		}
		catch (final Throwable t) {
			// Nothing may end with status 0 that did not finish.
			t.printStackTrace(err);
			status = FAILED;
		}
		out.flush();
		err.flush();
		// Not a return: threads of SciJava and PyTorch would keep the JVM alive.
		System.exit(status);
	}

	private static void window(final PrintStream err) {
		try {
			if (HeadlessImageJ.fullImageJ()) FullImageJ.open();
			else Session.openWindow(PluginsConfig.read());
		}
		catch (final java.awt.HeadlessException e) {
			err.println("There is no display for ImageJ's window. Run a macro or a command without one:");
			err.println(USAGE);
			System.exit(FAILED);
		}
		catch (final IOException | ReflectiveOperationException e) {
			err.println("ImageJ cannot be started: " + e);
			System.exit(FAILED);
		}
	}

	private static int run(final String[] args, final PrintStream out, final PrintStream err) throws IOException {
		final String rest = String.join(" ", Arrays.asList(args).subList(Math.min(args.length, 2), args.length));
		final String macro, argument;
		switch (args[0]) {
			case "--help", "-h" -> {
				out.println(USAGE);
				return 0;
			}
			case "--macro" -> {
				if (args.length < 2) return misused("--macro needs a file.", err);
				try {
					macro = Files.readString(Path.of(args[1]));
				}
				catch (final NoSuchFileException e) {
					err.println("No such macro: " + Path.of(args[1]).toAbsolutePath());
					return FAILED;
				}
				argument = rest;
			}
			case "--run" -> {
				if (args.length < 2) return misused("--run needs the name of a command.", err);
				macro = MacroText.call("run", args[1], rest);
				argument = "";
			}
			default -> {
				return misused("Unknown argument " + args[0] + ".", err);
			}
		}
		if (!HeadlessImageJ.allowed()) {
			err.println("Running without a display needs the JVM flag " + HeadlessImageJ.JVM_FLAG +
				": start with \"java " + HeadlessImageJ.JVM_FLAG + " -cp … " + Launcher.class.getName() +
				" …\", or with mvn exec:java, which has it from .mvn/jvm.config.");
			return FAILED;
		}
		HeadlessImageJ.start();
		return MacroRun.succeeds(macro, argument) ? 0 : FAILED;
	}

	private static int misused(final String reason, final PrintStream err) {
		err.println(reason);
		err.println(USAGE);
		return MISUSED;
	}
}
