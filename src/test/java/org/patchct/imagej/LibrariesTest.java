package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibrariesTest {

	private static final Libraries.Library TOOL = new Libraries.Library("tool", "org/tool/Tool.class", "5.14.0");

	@TempDir
	Path folder;

	@Test
	void librariesOfThisBuildFit() {
		final List<String> lines = Libraries.report();
		assertTrue(lines.stream().noneMatch(line -> line.startsWith(Libraries.WARNING) || line.endsWith("none")), lines
			.toString());
		assertTrue(lines.stream().anyMatch(line -> line.matches("pytorch-jni \\d+\\.\\d+\\.\\d+-\\d+\\.\\d+\\.\\d+")), lines
			.toString());
		assertTrue(lines.stream().anyMatch(line -> line.matches("gson \\d+\\.\\d+\\.\\d+")), lines.toString());
	}

	@Test
	void oldAndDoubledJarsAreNamed() throws Exception {
		final List<String> lines = report("tool-4.2.2.jar", "tool-5.14.0.jar");
		assertEquals("tool 4.2.2", lines.get(0));
		assertTrue(lines.get(1).startsWith("WARNING: there are 2 copies of tool, of which the first is used: " + folder
			.resolve("tool-4.2.2.jar") + ", "), lines.toString());
		assertTrue(lines.get(2).startsWith("WARNING: tool 4.2.2 is older than 5.14.0"), lines.toString());
		assertEquals(3, lines.size());
	}

	@Test
	void goodJarIsOneLine() throws Exception {
		assertEquals(List.of("tool 5.15"), report("tool-5.15-linux-x86_64.jar"));
		assertEquals(List.of("tool: none"), report());
	}

	@ParameterizedTest
	@CsvSource({ "5.9.0, 5.14.0, true", "5.14.0, 5.14.0, false", "5.14, 5.14.0, false", "6, 5.14.0, false",
		"2.10, 2.10.1, true", "2.7.1-0.35.1, 2.7.1, false", "1.0, '', false" })
	void versionsAreComparedNumberByNumber(final String version, final String least, final boolean older) {
		assertEquals(older, Libraries.older(version, least));
		assertFalse(Libraries.older(version, version));
	}

	private List<String> report(final String... jars) throws IOException {
		final List<URL> urls = new ArrayList<>();
		for (final String jar : jars) {
			final Path file = folder.resolve(jar);
			try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
				zip.putNextEntry(new ZipEntry(TOOL.member()));
			}
			urls.add(file.toUri().toURL());
		}
		try (URLClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]), null)) {
			return Libraries.report(TOOL, loader);
		}
	}
}
