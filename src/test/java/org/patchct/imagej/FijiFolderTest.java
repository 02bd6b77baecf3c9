package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FijiFolderTest {

	@TempDir
	Path temporary;

	private Path fiji;

	private FijiFolder folder;

	@BeforeEach
	void makeFiji() throws IOException {
		fiji = temporary.resolve("Fiji.app");
		folder = new FijiFolder(fiji, temporary.resolve("target/before.txt"));
		for (final String file : List.of("jars/gson-2.8.0.jar", "jars/ij-1.54p.jar", "plugins/Other_.jar", "README.md"))
			add(file);
	}

	private void add(final String file) throws IOException {
		Files.createDirectories(fiji.resolve(file).getParent());
		Files.writeString(fiji.resolve(file), file);
	}

	private List<String> files() throws IOException {
		try (Stream<Path> found = Files.walk(fiji)) {
			return found.filter(Files::isRegularFile).map(file -> fiji.relativize(file).toString().replace('\\', '/')).sorted()
				.toList();
		}
	}

	private void install(final String version) throws IOException {
		folder.list();
		for (final String file : List.of("jars/linux64/api-" + version + ".jar", "plugins/PatchCT_-" + version + ".jar",
			"jars/native-" + version + "-linux-x86_64.jar"))
			add(file);
		// A library that Fiji has in an older version is replaced.
		Files.deleteIfExists(fiji.resolve("jars/gson-2.8.0.jar"));
		add("jars/gson-2.13.jar");
		folder.record();
	}

	@Test
	void removesWhatWasInstalledAndNothingElse() throws IOException {
		install("1.0");
		assertEquals(List.of("jars/linux64/api-1.0.jar", "jars/native-1.0-linux-x86_64.jar", "plugins/PatchCT_-1.0.jar"),
			folder.remove());
		assertEquals(List.of("README.md", "jars/gson-2.13.jar", "jars/ij-1.54p.jar", "plugins/Other_.jar"), files());
		assertTrue(Files.notExists(fiji.resolve("jars/linux64")), "an empty folder is left");
	}

	@Test
	void remembersEarlierInstallations() throws IOException {
		install("1.0");
		// As the copying does with older versions.
		Files.delete(fiji.resolve("plugins/PatchCT_-1.0.jar"));
		install("1.1");
		folder.remove();
		assertEquals(List.of("README.md", "jars/gson-2.13.jar", "jars/ij-1.54p.jar", "plugins/Other_.jar"), files());
	}

	@Test
	void removesNothingWithoutARecordOrElsewhere() throws IOException {
		assertTrue(assertThrows(IOException.class, folder::remove).getMessage().contains("was not installed there"));
		Files.writeString(temporary.resolve("mine"), "");
		Files.writeString(fiji.resolve(FijiFolder.RECORD), "../mine\n");
		assertTrue(assertThrows(IOException.class, folder::remove).getMessage().contains("../mine"));
		assertTrue(Files.exists(temporary.resolve("mine")));
		assertTrue(assertThrows(IOException.class, new FijiFolder(temporary.resolve("none"), temporary.resolve("b"))::list)
			.getMessage().contains("none"));
	}
}
