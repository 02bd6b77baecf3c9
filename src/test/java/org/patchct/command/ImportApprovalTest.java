package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import ij.IJ;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.imagej.Tiff;

/** What was recognised is shown before a scan is read: at a display, which Xvfb simulates, in a JVM of its own. */
class ImportApprovalTest {

	@TempDir
	Path folder;

	private Path scan;

	@BeforeEach
	void writeScan() {
		final String path = System.getenv().getOrDefault("PATH", "");
		Assumptions.assumeTrue(Arrays.stream(path.split(File.pathSeparator)).anyMatch(bin -> Files.isExecutable(Path.of(bin,
			"xvfb-run"))), "there is no xvfb-run, which simulates a display");
		scan = folder.resolve("scan.tif");
		Tiff.save(IJ.createImage("scan", "16-bit ramp", 24, 3, 36), scan);
	}

	@Test
	void approvedScanIsRead() throws Exception {
		final String out = run("OK", "OK");
		assertTrue(out.contains("asked: \"" + scan + "\" holds 24 x 3 x 36 values, read as projections: 36 views from 0.000 to " +
			"175.0 degrees (no angles given), 24 bins x 3 rows; flats: none; darks: none; pixels of 1.0 mm."), out);
		assertTrue(out.contains("open: Projections of scan (36 views)"), out);
	}

	@Test
	void otherwiseNothingIsRead() throws Exception {
		final String out = run("OK", "Cancel", "OK");
		assertTrue(out.contains("read as projections") && out.contains("asked: " + CtCommand.CANCELLED), out);
		assertFalse(out.contains("open:"), out);
	}

	private String run(final String... buttons) throws Exception {
		final List<String> command = new ArrayList<>(List.of("xvfb-run", "-a", Path.of(System.getProperty("java.home"), "bin",
			"java").toString(), "-Xmx256m", "-Djava.awt.headless=false", "--add-opens=java.base/java.lang=ALL-UNNAMED", "-cp",
			System.getProperty("java.class.path"), ApprovalRun.class.getName(), scan.toString()));
		command.addAll(List.of(buttons));
		final Path out = folder.resolve("out.txt");
		final Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
		try {
			assertTrue(process.waitFor(150, TimeUnit.SECONDS), "hangs");
		}
		finally {
			process.destroy();
		}
		final String text = Files.readString(out).replaceAll("\\s+", " ");
		assertEquals(0, process.exitValue(), text);
		return text;
	}
}
