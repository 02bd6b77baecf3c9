package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ij.ImagePlus;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;

/** Runs every macro that is shipped in a real ImageJ without a display, on tiny volumes. */
class ShippedMacrosTest {

	@TempDir
	Path folder;

	@BeforeEach
	@AfterEach
	void closeImages() {
		HeadlessMacro.closeImages();
	}

	@Test
	void fbpMacroReconstructsTheActiveImageOrAFile() throws Exception {
		final Path volume = phantom("thorax one");
		final HeadlessMacro.Result result = run("Reconstruct_FBP.ijm", "[" + volume + "] views=12 window=Hann output=[" +
			folder.resolve("a result.tif") + "]");
		assertTrue(result.ok(), result.err());
		assertEquals("FBP of thorax one (12 views)\nSaved as " + folder.resolve("a result.tif") + "\n", result.out());
		final ImagePlus saved = Tiff.open(folder.resolve("a result.tif"));
		assertEquals(List.of(20, 20, 20), List.of(saved.getWidth(), saved.getHeight(), saved.getStackSize()));
		assertEquals(20, saved.getCalibration().pixelDepth, 1e-9);
		assertEquals("FBP, Hann window", Images.line(saved, "Method"));
		closeImages();
		final HeadlessMacro.Result active = HeadlessMacro.run("run('CT Phantom...', 'size=16 seed=4'); runMacro('" + macro(
			"Reconstruct_FBP.ijm") + "', 'views=5');");
		assertTrue(active.ok(), active.err());
		assertEquals("FBP of Thorax 4 (5 views)\n", active.out());
	}

	@Test
	void importMacroReconstructsAMeasuredScan() throws Exception {
		final HeadlessMacro.Result measured = HeadlessMacro.run("""
			run('CT Phantom...', 'phantom=Shepp-Logan size=24');
			run('CT Simulate Projections...', 'beam=Fan sourceaxis=800 sourcedetector=1000 views=72');
			run('Macro...', 'code=v=100+20000*exp(-v) stack');
			saveAs('Tiff', '%1$s/a scan.tif');
			run('Macro...', 'code=v=20100 stack');
			saveAs('Tiff', '%1$s/flats.tif');
			run('Macro...', 'code=v=100 stack');
			saveAs('Tiff', '%1$s/darks.tif');
			""".formatted(folder));
		assertTrue(measured.ok(), measured.err());
		closeImages();
		final HeadlessMacro.Result result = run("Import_Projections.ijm", "[" + folder + "/a scan.tif] flats=" + folder +
			"/flats.tif output=[" + folder + "/a result.tif] darks=" + folder +
			"/darks.tif beam=Fan sourceaxis=800 sourcedetector=1000 pixel=12 preview=true");
		assertTrue(result.ok(), result.err());
		assertTrue(result.out().endsWith("Projections of a scan (72 views)\nFBP of a scan (72 views)\nSaved as " + folder +
			"/a result.tif\n"), result.out());
		assertEquals(24, Tiff.open(folder.resolve("a result.tif")).getStackSize());
		final HeadlessMacro.Result without = run("Import_Projections.ijm", "");
		assertFalse(without.ok());
		assertTrue(without.err().contains("No scan was given: begin the argument with its path."), without.err());
	}

	@Test
	void patchDiffusionMacroUsesThePriorItIsGiven() throws Exception {
		final Path prior = folder.resolve("my prior.safetensors");
		final PriorSettings settings = PriorSettings.hounsfield("tiny", new UNetConfig(5, 1, 8, 2, 8, List.of(1, 2), 1, List
			.of(), false, 4), Prediction.V);
		try (Prior tiny = Prior.create(settings, "cpu", 1)) {
			tiny.save(prior);
		}
		final HeadlessMacro.Result result = run("Reconstruct_Patch_Diffusion.ijm", phantom("thorax") +
			" views=9 size=10 steps=2 seed=3 device=cpu prior=[" + prior + "]");
		assertTrue(result.ok(), result.err());
		assertEquals("Patch diffusion of thorax (9 views)\n", result.out());
	}

	@Test
	void macrosStopAtBadValues() throws Exception {
		final HeadlessMacro.Result result = run("Reconstruct_FBP.ijm", phantom("t") + " views=0");
		assertFalse(result.ok());
		assertTrue(result.err().contains("Number of views, views=0: it must be a whole number from 1 to 100000. in line "),
			result.err());
	}

	@Test
	void compareMacroPrintsTheTableAndWritesItsFiles() throws Exception {
		final Path output = folder.resolve("out put");
		final HeadlessMacro.Result result = run("Compare_Methods.ijm", "[" + phantom("a thorax") +
			"] views=4,9 size=12 methods=[FBP, SIRT] output=[" + output + "]");
		assertTrue(result.ok(), result.err());
		assertTrue(result.out().contains("PSNR (dB)") && result.out().contains("Written to " + output), result.out());
		try (Stream<Path> files = Files.list(output)) {
			assertEquals(Set.of("comparison.csv", "comparison.png", "Reference.tif", "FBP_4v.tif", "SIRT_4v.tif", "FBP_9v.tif",
				"SIRT_9v.tif"), files.map(f -> f.getFileName().toString()).collect(Collectors.toSet()));
		}
		assertEquals(5, Files.readAllLines(output.resolve("comparison.csv")).size());
	}

	@Test
	void compareMacroNeedsNoArgument() throws Exception {
		final Path output = folder.resolve("sample");
		final HeadlessMacro.Result result = run("Compare_Methods.ijm", "views=3 size=10 methods=FBP output=" + output);
		assertTrue(result.ok(), result.err());
		assertTrue(Files.exists(output.resolve("comparison.png")));
	}

	@Test
	void batchMacroSkipsFinishedFilesAndNamesBadOnes() throws Exception {
		final Path input = Files.createDirectory(folder.resolve("in")), output = folder.resolve("out");
		for (final String name : List.of("a", "b"))
			Files.copy(phantom(name), input.resolve(name + ".tif"));
		Files.writeString(input.resolve("bad.nii"), "no volume");
		final String argument = "input=" + input + " output=" + output + " method=SIRT options=[iterations=2] scan=[views=3]";
		final HeadlessMacro.Result first = run("Batch_Folder.ijm", argument);
		assertFalse(first.ok());
		assertTrue(first.out().contains("2 done, 0 skipped, 1 failed"), first.out() + first.err());
		assertTrue(first.err().contains("1 of 3 files failed, the others are done:\nbad.nii: "), first.err());
		final Set<String> written = Set.of("a_SIRT.tif", "b_SIRT.tif", "batch_SIRT.csv", "batch_SIRT.log");
		assertEquals(written, names(output));
		Files.delete(input.resolve("bad.nii"));
		Files.delete(output.resolve("b_SIRT.tif"));
		final HeadlessMacro.Result second = run("Batch_Folder.ijm", argument);
		assertTrue(second.ok(), second.err());
		assertTrue(second.out().contains("1 done, 1 skipped, 0 failed"), second.out());
		assertEquals(written, names(output));
	}

	@Test
	void batchMacroNeedsItsFolders() throws Exception {
		final HeadlessMacro.Result result = run("Batch_Folder.ijm", "");
		assertFalse(result.ok());
		assertTrue(result.err().contains("No input folder was given: name one with input=[folder]."), result.err());
	}

	@Test
	void menuRunsTheShippedMacrosOutOfTheJar() throws Exception {
		final Set<String> inMenu = new TreeSet<>();
		for (final PluginsConfig.Entry entry : PluginsConfig.read())
			if (entry.plugin().startsWith("ij.plugin.Macro_Runner(\"JAR:")) inMenu.add(entry.plugin().replaceFirst(
				".*JAR:macros/(.*)\"\\)", "$1"));
		assertEquals(new TreeSet<>(names(Path.of("macros"))), inMenu);
		for (final String name : inMenu)
			assertTrue(getClass().getClassLoader().getResource("macros/" + name) != null, name);
	}

	/** A saved thorax of 20³ voxels. */
	private Path phantom(final String name) {
		final Path file = folder.resolve(name + ".tif");
		final HeadlessMacro.Result made = HeadlessMacro.run("run('CT Phantom...', 'size=20'); saveAs('Tiff', '" + file +
			"'); close();");
		assertTrue(made.ok(), made.err());
		return file;
	}

	private static Set<String> names(final Path folder) throws IOException {
		try (Stream<Path> files = Files.list(folder)) {
			return files.map(f -> f.getFileName().toString()).collect(Collectors.toSet());
		}
	}

	private static Path macro(final String name) {
		return Path.of("macros", name).toAbsolutePath();
	}

	private static HeadlessMacro.Result run(final String name, final String argument) throws IOException {
		return HeadlessMacro.run(Files.readString(macro(name)), argument);
	}
}
