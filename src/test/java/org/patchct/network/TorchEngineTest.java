package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.task.InvalidInputException;

class TorchEngineTest {

	@Test
	void autoSaysWhatItChoseAndWhy() {
		final TorchEngine.Choice choice = TorchEngine.choose("auto");
		assertTrue(choice.description().matches("(cpu|cuda:0) \\(PyTorch [0-9.]+ sees .*\\)"), choice.description());
		assertEquals(choice.device(), TorchEngine.choose(null).device());
	}

	@Test
	void processorCanBeChosen() {
		assertEquals(Device.cpu(), TorchEngine.choose(" CPU ").device());
	}

	@Test
	void gpuThatIsNotThereIsRefusedWithTheFix() {
		final String message = assertThrows(InvalidInputException.class, () -> TorchEngine.choose("cuda:99")).getMessage();
		assertTrue(message.contains("cuda:99") && message.contains("cpu") && message.contains("driver"), message);
	}

	@Test
	void loadingLeavesTheOfflineSwitchAsItWas() {
		final String before = System.getProperty("ai.djl.offline");
		TorchEngine.choose("cpu");
		assertEquals(before, System.getProperty("ai.djl.offline"));
	}

	/** A Java without the native library, as in a Fiji that lacks the jar, and an empty cache. */
	@Test
	void missingNativeLibraryIsReportedAndNotDownloaded(@TempDir final Path cache) throws Exception {
		final String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(
			entry -> !entry.contains("pytorch-native")).collect(Collectors.joining(File.pathSeparator));
		final Path output = cache.resolve("output.txt");
		final ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
			"-DDJL_CACHE_DIR=" + cache, "-cp", classPath, TorchEngineTest.class.getName()).redirectErrorStream(true)
				.redirectOutput(output.toFile());
		builder.environment().remove("PYTORCH_LIBRARY_PATH");
		final Process process = builder.start();
		assertTrue(process.waitFor(60, TimeUnit.SECONDS));
		final String text = Files.readString(output);
		assertTrue(text.contains("is not installed") && text.contains("pytorch-native-cpu-") && text.contains(
			"PYTORCH_LIBRARY_PATH"), text);
	}

	/** What {@link #missingNativeLibraryIsReportedAndNotDownloaded} starts. */
	public static void main(final String... args) {
		try {
			System.out.println("loaded: " + TorchEngine.choose("auto").description());
		}
		catch (final InvalidInputException e) {
			System.out.println(e.getMessage());
		}
	}
}
