package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import ij.ImagePlus;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same macro gives the same numbers with the launcher, in plain ImageJ 1.x and in Fiji's ImageJ2, each a JVM of its
 * own.
 */
class HomesTest {

	private static final String MACRO = """
		folder = getArgument();
		run("CT Thorax");
		run("CT Simulate Projections...", "views=12 size=32 oversample=2 noise=1e5 seed=3");
		scan = getTitle();
		run("CT FBP...");
		saveAs("Tiff", folder + "/fbp.tif");
		selectImage(scan);
		run("CT ADMM-TV...", "iterations=4 inner=3 device=cpu");
		saveAs("Tiff", folder + "/tv.tif");
		Stack.getStatistics(voxels, mean, min, max, deviation);
		getVoxelSize(width, height, depth, unit);
		File.saveString(voxels + " " + d2s(mean, 9) + " " + d2s(min, 9) + " " + d2s(max, 9) + " " + d2s(deviation, 9) + " " +
			width + " " + depth + " " + unit, folder + "/measured.txt");
		""";

	/** Jars that plain ImageJ needs to run macros without a display; all others belong into its plugins folder. */
	private static final List<String> IMAGEJ = List.of("ij-", "ij1-patcher-", "javassist-");

	private static final String FULL_IMAGEJ = "imagej-legacy-";

	@TempDir
	Path folder;

	private Path macro;

	@BeforeEach
	void writeMacro() throws IOException {
		macro = Files.writeString(folder.resolve("homes.ijm"), MACRO);
	}

	@Test
	void plainImageJGivesTheNumbersOfTheLauncher() throws Exception {
		assertSame(launcher(false), plainImageJ());
	}

	@Test
	void fijiGivesTheNumbersOfTheLauncher() throws Exception {
		final String reason = "no ImageJ2 on the class path: run with -Pfiji where maven.scijava.org can be reached";
		if (!HeadlessImageJ.fullImageJ()) System.out.println("HomesTest: Fiji's home is skipped, " + reason);
		Assumptions.assumeTrue(HeadlessImageJ.fullImageJ(), reason);
		assertSame(launcher(false), launcher(true));
	}

	private static void assertSame(final Path expected, final Path actual) throws IOException {
		final String measured = Files.readString(expected.resolve("measured.txt"));
		assertTrue(measured.startsWith("32768 ") && measured.endsWith(" mm"), measured);
		assertEquals(measured, Files.readString(actual.resolve("measured.txt")));
		for (final String name : List.of("fbp.tif", "tv.tif")) {
			final ImagePlus a = Tiff.open(expected.resolve(name)), b = Tiff.open(actual.resolve(name));
			assertEquals(32, a.getStackSize());
			for (int z = 1; z <= 32; z++)
				assertArrayEquals((float[]) a.getStack().getPixels(z), (float[]) b.getStack().getPixels(z), name);
		}
	}

	/** @param full whether ImageJ2, which the profile "fiji" brings, is started; it is where it is found */
	private Path launcher(final boolean full) throws Exception {
		final String path = String.join(File.pathSeparator, classPath().filter(entry -> full || !name(entry).startsWith(
			FULL_IMAGEJ)).toList());
		return run(full ? "fiji" : "launcher", "-cp", path, Launcher.class.getName(), "--macro", macro.toString());
	}

	private Path plainImageJ() throws Exception {
		final Path home = Files.createDirectory(folder.resolve("ImageJ")), plugins = Files.createDirectory(home.resolve(
			"plugins")), jars = Files.createDirectory(plugins.resolve("jars"));
		final Path classes = Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		pack(classes, plugins.resolve("PatchCT_.jar"));
		final List<String> path = new ArrayList<>();
		path.add(Path.of(PlainImageJ.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
		for (final String entry : classPath().filter(entry -> entry.endsWith(".jar")).toList()) {
			if (IMAGEJ.stream().anyMatch(name(entry)::startsWith)) path.add(entry);
			// Large, and of no use to this macro.
			else if (!name(entry).contains("-native") && !name(entry).startsWith(FULL_IMAGEJ)) Files.copy(Path.of(entry), jars
				.resolve(name(entry)));
		}
		return run("plain", "-Dplugins.dir=" + home, "-cp", String.join(File.pathSeparator, path), PlainImageJ.class
			.getName(), macro.toString());
	}

	private static Stream<String> classPath() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
	}

	private static String name(final String entry) {
		return new File(entry).getName();
	}

	/** The project's classes as the jar that is installed. */
	private static void pack(final Path classes, final Path jar) throws IOException {
		try (OutputStream file = Files.newOutputStream(jar);
				JarOutputStream out = new JarOutputStream(file);
				Stream<Path> found = Files.walk(classes))
		{
			for (final Path each : found.filter(Files::isRegularFile).toList()) {
				out.putNextEntry(new JarEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
				Files.copy(each, out);
			}
		}
	}

	/** Runs the macro with the folder of its results as argument. */
	private Path run(final String name, final String... arguments) throws Exception {
		final Path results = Files.createDirectory(folder.resolve(name)), log = folder.resolve(name + ".log");
		final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
			.toString(), "-Xmx1g", "-Djava.awt.headless=true", HeadlessImageJ.JVM_FLAG));
		command.addAll(List.of(arguments));
		command.add(results.toString());
		final Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		assertTrue(process.waitFor(300, TimeUnit.SECONDS), name + " did not end");
		final String said = Files.readString(log);
		assertEquals(0, process.exitValue(), said);
		assertTrue(Files.exists(results.resolve("measured.txt")), said);
		return results;
	}
}
