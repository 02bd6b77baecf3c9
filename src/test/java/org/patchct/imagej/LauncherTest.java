package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each test starts the launcher as a user does, in a JVM of its own. */
class LauncherTest {

	@TempDir
	Path folder;

	private record Result(int status, String out, String err) { }

	@Test
	void macroThatEndsGivesStatus0AndItsOutput() throws Exception {
		final Path macro = write("print('got ' + getArgument()); run('CT System Info'); exit();");
		final Result result = launch("--macro", macro.toString(), "a b=[c d]", "e");
		assertEquals("", result.err.replaceAll("(?m)^.*user preferences directory.*\\R?|^.*FileSystemPreferences.*\\R?", ""));
		assertEquals(0, result.status);
		assertTrue(result.out.startsWith("got a b=[c d] e\n"), result.out);
	}

	@Test
	void failingCommandStopsTheMacroWithItsLine() throws Exception {
		final Path macro = write("print('first');\nrun('CT Nothing');\nprint('second');");
		final Result result = launch("--macro", macro.toString());
		assertEquals(1, result.status);
		assertEquals("first\n", result.out);
		assertTrue(result.err.contains("Unrecognized command: \"CT Nothing\" in line 2"), result.err);
	}

	@Test
	void exitWithAReasonIsAFailure() throws Exception {
		final Result result = launch("--macro", write("exit('no data here');").toString());
		assertEquals(1, result.status);
		assertTrue(result.err.contains("no data here"), result.err);
	}

	@Test
	void failureOfAMacroCalledByAnotherIsAFailure() throws Exception {
		final Path inner = write("run('CT System Info', 'nonsense=1');");
		final Path outer = folder.resolve("outer.ijm");
		Files.writeString(outer, "runMacro('" + inner + "'); print('went on');");
		final Result result = launch("--macro", outer.toString());
		assertEquals("went on\n", result.out);
		assertEquals(1, result.status);
		assertTrue(result.err.contains("CT System Info has no key nonsense"), result.err);
	}

	@Test
	void commandRunsByItsLabel() throws Exception {
		final Result result = launch("--run", "CT System Info");
		assertEquals(0, result.status, result.err);
		assertTrue(result.out.contains("ImageJ"), result.out);
	}

	@Test
	void badOptionOfACommandIsReported() throws Exception {
		final Result result = launch("--run", "CT System Info", "wrong=[\"quoted\" \\ text]");
		assertEquals(1, result.status);
		assertTrue(result.err.contains("CT System Info has no key wrong"), result.err);
	}

	@Test
	void missingMacroAndUnknownArgumentAreReported() throws Exception {
		final Result missing = launch("--macro", folder.resolve("none.ijm").toString());
		assertEquals(1, missing.status);
		assertEquals("No such macro: " + folder.resolve("none.ijm") + "\n", missing.err);
		final Result unknown = launch("--marco");
		assertEquals(2, unknown.status);
		assertTrue(unknown.err.startsWith("Unknown argument --marco.\n" + Launcher.USAGE.substring(0, 7)), unknown.err);
	}

	@Test
	void missingJvmFlagIsNamed() throws Exception {
		final Result result = launch(false, "--run", "CT System Info");
		assertEquals(1, result.status);
		assertTrue(result.err.contains("needs the JVM flag --add-opens=java.base/java.lang=ALL-UNNAMED"), result.err);
	}

	@Test
	void helpNeedsNothing() throws Exception {
		final Result result = launch(false, "--help");
		assertEquals(0, result.status);
		assertEquals(Launcher.USAGE + "\n", result.out);
	}

	private Path write(final String macro) throws IOException {
		return Files.writeString(folder.resolve("test.ijm"), macro.replace('\'', '"'));
	}

	private Result launch(final String... args) throws Exception {
		return launch(true, args);
	}

	private Result launch(final boolean flag, final String... args) throws Exception {
		final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
			.toString(), "-Xmx1g", "-cp", System.getProperty("java.class.path")));
		if (flag) command.add(HeadlessImageJ.JVM_FLAG);
		command.add(Launcher.class.getName());
		command.addAll(List.of(args));
		final Path out = folder.resolve("out"), err = folder.resolve("err");
		final Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
		assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the launcher did not end");
		return new Result(process.exitValue(), text(out), text(err));
	}

	/** What was written, without what ImageJ2 says of each command that plugins.config names too. */
	private static String text(final Path file) throws IOException {
		return Files.readString(file).replace("\r\n", "\n").replaceAll("(?m)^\\[INFO\\] Overriding CT .*\n", "");
	}
}
