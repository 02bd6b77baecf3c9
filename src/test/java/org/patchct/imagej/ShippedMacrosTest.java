package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ij.ImagePlus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;

/** Runs every macro that is shipped in a real ImageJ without a display, on tiny volumes. */
class ShippedMacrosTest implements WithoutImages {

	@TempDir
	Path folder;

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
		final HeadlessMacro.Result result = run("Reconstruct_Patch_Diffusion.ijm", phantom("thorax") +
			" views=9 size=10 steps=2 seed=3 device=cpu prior=[" + tinyPrior() + "]");
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
				"SIRT_9v.tif", "results.csv", "summary.csv", "summary.md"), files.map(f -> f.getFileName()
					.toString()).collect(Collectors.toSet()));
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
	void benchmarkMacroMakesTheTableNamesBadVolumesAndGoesOnWhereItStopped() throws Exception {
		final Path input = Files.createDirectory(folder.resolve("in put")), output = folder.resolve("out put");
		for (final String name : List.of("a", "b"))
			Files.copy(phantom(name), input.resolve(name + ".tif"));
		Files.writeString(input.resolve("bad.nii"), "no volume");
		final String argument = "input=[" + input + "] output=[" + output +
			"] views=4 limited=60 size=10 methods=[FBP, SIRT iterations=5]";
		final HeadlessMacro.Result first = run("Benchmark_Methods.ijm", argument);
		assertFalse(first.ok());
		assertTrue(first.err().contains("What failed:\nbad: "), first.err());
		assertEquals(Set.of("a", "b", "results.csv", "summary.csv", "summary.md"), names(output));
		final Set<String> results = Set.of("comparison.csv", "comparison.png", "Reference.tif", "FBP_4v.tif", "FBP_60deg.tif",
			"SIRT iterations=5_4v.tif", "SIRT iterations=5_60deg.tif");
		assertEquals(results, names(output.resolve("a")));
		assertEquals(results, names(output.resolve("b")));
		final String table = Files.readString(output.resolve("summary.md"));
		assertTrue(table.startsWith("2 volumes: a, b. ") && table.contains("| 60 degrees | SIRT iterations=5 | "), table);
		Files.delete(input.resolve("bad.nii"));
		final Path killed = output.resolve("b").resolve("FBP_4v.tif");
		Files.write(killed, Arrays.copyOf(Files.readAllBytes(killed), 900));
		final HeadlessMacro.Result second = run("Benchmark_Methods.ijm", argument);
		assertTrue(second.ok(), second.err());
		assertEquals(7, second.out().lines().filter(line -> line.startsWith("Kept ")).count(), second.out());
		assertEquals(table.replaceAll("\\| [^|]*\\|\\n", "\n"), Files.readString(output.resolve("summary.md")).replaceAll(
			"\\| [^|]*\\|\\n", "\n"), "all but the seconds");
	}

	@Test
	void benchmarkMacroNeedsItsFolders() throws Exception {
		final HeadlessMacro.Result result = run("Benchmark_Methods.ijm", "");
		assertFalse(result.ok());
		assertTrue(result.err().contains("Nothing was given for input: add input=[folder] to the argument."), result.err());
	}

	@Test
	void ablationMacroVariesASetting() throws Exception {
		final Path output = folder.resolve("out");
		final HeadlessMacro.Result result = run("Ablation.ijm", "input=[" + phantom("one") + ";" + phantom("two") + "] output=" +
			output + " vary=passes values=1,2 fixed=[steps=2] views=5 size=10 device=cpu prior=[" + tinyPrior() + "]");
		assertTrue(result.ok(), result.err());
		assertEquals(List.of("Patch diffusion steps=2 passes=1,5v,5,180,2", "Patch diffusion steps=2 passes=2,5v,5,180,2"),
			Files.readAllLines(output.resolve("summary.csv")).stream().skip(1).map(line -> line.replaceFirst(
				"(([^,]*,){4}[^,]*),.*", "$1")).toList());
		assertEquals(Set.of("one", "two", "results.csv", "summary.csv", "summary.md"), names(output));
		final HeadlessMacro.Result wrong = run("Ablation.ijm", "input=" + phantom("one") + " output=" + output +
			" vary=speed values=1 method=SIRT");
		assertFalse(wrong.ok());
		assertTrue(wrong.err().contains("Method \"SIRT speed=1\": there is no setting \"speed\"; there are iterations, " +
			"nonnegative."), wrong.err());
	}

	@Test
	void globalChannelMacroWritesTheDistancesWithAndWithoutIt() throws Exception {
		final Path training = Files.createDirectory(folder.resolve("training")), output = folder.resolve("out");
		Files.move(phantom("one"), training.resolve("one.tif"));
		final HeadlessMacro.Result result = run("Ablation_Global_Channel.ijm", "training=" + training + " output=" + output +
			" prior=[" + tinyPrior() + "] size=16 steps=2 device=cpu");
		assertTrue(result.ok(), result.err());
		assertEquals(Set.of("global_channel.csv", "global_true.tif", "global_false.tif"), names(output));
		final List<String> table = Files.readAllLines(output.resolve("global_channel.csv"));
		assertEquals("global,level,distance", table.get(0));
		assertTrue(table.get(1).matches("true,0,\\d+\\.\\d+"), table.toString());
		assertTrue(table.get(table.size() - 1).matches("false,\\d,\\d+\\.\\d+"), table.toString());
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

	private Path tinyPrior() throws IOException {
		final Path prior = folder.resolve("my prior.safetensors");
		final PriorSettings settings = PriorSettings.hounsfield("tiny", new UNetConfig(5, 1, 8, 2, 8, List.of(1, 2), 1, List
			.of(), false, 4), Prediction.V);
		try (Prior tiny = Prior.create(settings, "cpu", 1)) {
			tiny.save(prior);
		}
		return prior;
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
