package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.event.KeyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.diffusion.SlicePriors;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.WithoutImages;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;

/**
 * Escape while a command is at work, in a real ImageJ without a display: it ends soon, the macro stops, and what there is
 * of the result stays and says that it is not finished. SIRT, ADMM-TV and Patch diffusion are in CommandsInMacrosTest.
 */
@Timeout(120)
class CancelTest implements WithoutImages {

	/** Time that a command may take to end, s; and where an iteration alone may take as long, on a busy processor. */
	private static final double SOON = 2, A_STEP = 8;

	/** Time that a command is left at work before Escape, ms: some iterations. */
	private static final int AT_WORK = 700;

	private static final String SCAN = "run('CT Phantom...', 'size=24'); run('CT Simulate Projections...', 'views=5');";

	@TempDir
	Path folder;

	@ParameterizedTest
	@CsvSource({ "DDS, steps=1000", "DiffusionMBIR, steps=10000", "DiffusionBlend, steps=1000" })
	void methodOfSlicesKeepsItsLastIterate(final String method, final String steps) {
		final Path prior = save(method.equals("DDS") ? SlicePriors.slices() : method.equals("DiffusionBlend") ? SlicePriors
			.groups() : SlicePriors.exploding());
		final HeadlessMacro.Result result = cancelled(SCAN, "run('CT " + method + "...', 'device=cpu " + steps + " prior=" +
			prior + "');", during("DdimSampler|PredictorCorrector", "sample"));
		kept(result, method + " of Thorax 1 \\(5 views\\) \\(cancelled at iteration \\d+ of " + steps.replace("steps=", "") +
			"\\)");
	}

	@Test
	void otherMethodKeepsItsLastIterate() {
		final Path prior = save(SlicePriors.slices());
		kept(cancelled("run('CT Phantom...', 'size=64'); run('CT Simulate Projections...', 'views=5');",
			"run('CT Other Method...', 'method=DDS device=cpu prior=" + prior + "');", during("DdimSampler", "sample")),
			"DDS of Thorax 1 \\(5 views\\) \\(cancelled at iteration \\d+ of 50\\)");
	}

	@Test
	void batchStopsAndGoesOnWhereItWas() throws Exception {
		final Path input = Files.createDirectory(folder.resolve("in")), output = folder.resolve("out");
		for (int seed = 1; seed <= 2; seed++)
			assertTrue(HeadlessMacro.run("run('CT Phantom...', 'size=24 seed=" + seed + "'); saveAs('Tiff', '" + input.resolve(
				"v" + seed + ".tif") + "');").ok());
		final String keys = "'input=" + input + " output=" + output +
			" method=SIRT scan=[views=5] options=[device=cpu iterations=";
		assertTrue(HeadlessMacro.run("run('CT Batch Reconstruct...', " + keys + "3] part=1/2');").ok());
		cancelled("", "run('CT Batch Reconstruct...', " + keys + "10000] part=2/2');", during("Sirt", "iterate|solve"));
		try (Stream<Path> files = Files.list(output)) {
			assertEquals(List.of("v1_SIRT.tif"), files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(
				".tif")).toList(), "no result of a file that was not finished");
		}
		final List<String> log = Files.readAllLines(output.resolve("batch_SIRT_2of2.log"));
		assertTrue(log.stream().anyMatch(line -> line.endsWith("v2.tif: cancelled")), log.toString());
		assertTrue(HeadlessMacro.run("run('CT Batch Reconstruct...', " + keys + "3]');").ok());
		assertTrue(Files.exists(output.resolve("v2_SIRT.tif")));
	}

	@Test
	void comparisonKeepsWhatIsFinished() throws Exception {
		cancelled("run('CT Phantom...', 'size=24');", "run('CT Compare Methods...', 'methods=[FBP, SIRT iterations=10000] " +
			"views=5 size=24 device=cpu output=" + folder.resolve("out") + "');", during("Sirt", "iterate|solve"));
		final List<String> table = Files.readAllLines(folder.resolve("out").resolve("comparison.csv"));
		assertEquals(2, table.size());
		assertTrue(table.get(1).startsWith("FBP,"), table.toString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "CT Train Prior...", "CT Train FBP-UNet..." })
	void trainingKeepsItsCheckpoint(final String command) throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes")), prior = folder.resolve("p.safetensors");
		final HeadlessMacro.Result result = cancelled("run('CT Phantom...', 'size=32'); saveAs('Tiff', '" + volumes.resolve(
			"one.tif") + "');", "run('" + command + "', 'folder=" + volumes + " output=" + prior +
				" size=0 steps=1000 device=cpu');", during("Trainer\\$.*", "step"), AT_WORK, A_STEP);
		final Path checkpoint = folder.resolve("p.safetensors" + TrainCommand.CHECKPOINT);
		assertTrue(Files.exists(checkpoint) && !Files.exists(prior));
		assertTrue(result.out().contains("What was learned is in " + checkpoint + ": the same command goes on from it."), result
			.out());
	}

	@Test
	void evaluationKeepsTheLevelsItHas() throws Exception {
		final Path table = folder.resolve("out").resolve("denoising.csv"), prior = CommandsInMacrosTest.tinyPrior(folder);
		cancelled("run('CT Phantom...', 'size=64');", "run('CT Evaluate Prior...', 'size=64 device=cpu prior=" + prior +
			" output=" + table.getParent() + "');", () -> Files.exists(table));
		final int levels = Files.readAllLines(table).size() - 1;
		assertTrue(levels >= 1 && levels < 4, levels + " levels");
	}

	@Test
	void finishedSamplesAreKept() {
		final Path prior = CommandsInMacrosTest.tinyPrior(folder);
		kept(cancelled("", "run('CT Sample Prior...', 'size=10 count=100 steps=20 seed=3 device=cpu prior=" + prior + "');",
			during("Generator", "generate")), "Sample of tiny \\(seeds? 3( to \\d+)?\\) \\(cancelled after \\d+ of 100\\)");
	}

	@Test
	void firstSampleIsKeptAsFarAsItIs() {
		final Path prior = CommandsInMacrosTest.tinyPrior(folder);
		kept(cancelled("", "run('CT Sample Prior...', 'size=40 steps=1000 device=cpu prior=" + prior + "');", during(
			"DdimSampler", "sample")), "Sample of tiny \\(seed 0\\) \\(cancelled at iteration \\d+ of 1000\\)");
		final ImagePlus image = WindowManager.getCurrentImage();
		assertEquals("HU", image.getCalibration().getValueUnit());
	}

	@Test
	void slicesThatAreCorrectedAreKept() {
		kept(cancelled("run('CT Phantom...', 'size=96'); run('CT Simulate Projections...', 'views=5');",
			"run('CT FBP-UNet...', 'device=cpu prior=" + save(SlicePriors.fbp(5)) + "');", during("SliceDenoiser", "denoise"), 0,
			SOON), "FBP-UNet of .* \\(5 views\\) \\(cancelled at iteration \\d of 6\\)");
	}

	@Test
	void simulationStops() {
		cancelled("run('CT Phantom...', 'size=64');", "run('CT Simulate Projections...', 'beam=Cone views=3000 oversample=4');",
			during("Simulation", "scan"));
	}

	@ParameterizedTest
	@CsvSource({ "CT Phantom..., phantom=Thorax size=400, Thorax, create",
		"CT Phantom..., phantom=Shepp-Logan size=400, Ellipsoid, render",
		"CT Simulate Projections..., size=420, Resampling, toGrid" })
	void volumesStopWhileTheyAreMade(final String command, final String options, final String type, final String method) {
		cancelled("run('CT Phantom...', 'size=20');", "run('" + command + "', '" + options + "');", during(type, method), 0,
			SOON);
	}

	@Test
	void nothingHalfWrittenIsLeftOfAFile() throws Exception {
		final Path file = folder.resolve("v.nii.gz");
		cancelled("run('CT Phantom...', 'size=180');", "run('CT Save Volume...', 'path=" + file + "');", during("SavedVoxels",
			"write"), 0, SOON);
		try (Stream<Path> files = Files.list(folder)) {
			assertEquals(0, files.count());
		}
	}

	@ParameterizedTest
	@CsvSource({ "rings=99 method=Middle, RingRemoval, remove", "method=Sharpness, CentreSearch, centre" })
	void importStops(final String options, final String type, final String method) throws Exception {
		final Path scan = folder.resolve("scan.tif");
		cancelled("run('CT Phantom...', 'phantom=Shepp-Logan size=180'); run('CT Simulate Projections...', 'views=360'); " +
			"saveAs('Tiff', '" + scan + "'); close();", "run('CT Import Projections...', 'values=[Line integrals] path=" + scan +
				" " + options + "');", during(type, method), 20, SOON);
	}

	private static HeadlessMacro.Result cancelled(final String before, final String call, final BooleanSupplier works) {
		return cancelled(before, call, works, AT_WORK, SOON);
	}

	/**
	 * Presses Escape when a command has been at work for a while, and checks that it ends soon and the macro with it.
	 *
	 * @param before macro text that makes what the command needs
	 */
	private static HeadlessMacro.Result cancelled(final String before, final String call, final BooleanSupplier works,
		final int wait, final double seconds)
	{
		final HeadlessMacro.Result prepared = HeadlessMacro.run(before);
		assertTrue(prepared.ok(), prepared.err());
		final AtomicLong pressed = new AtomicLong();
		final AtomicBoolean over = new AtomicBoolean();
		final Thread user = new Thread(() -> {
			while (!works.getAsBoolean() && !over.get())
				IJ.wait(2);
			for (int waited = 0; waited < wait && !over.get(); waited += 10)
				IJ.wait(10);
			if (over.get()) return;
			pressed.set(System.nanoTime());
			IJ.setKeyDown(KeyEvent.VK_ESCAPE);
		});
		user.start();
		final HeadlessMacro.Result result = HeadlessMacro.run(call + " print('went on');");
		final long ended = System.nanoTime();
		over.set(true);
		assertTrue(pressed.get() > 0, "ended before Escape: " + result);
		assertTrue((ended - pressed.get()) / 1e9 < seconds, "took " + (ended - pressed.get()) / 1e9 + " s");
		assertFalse(result.ok());
		assertFalse(result.out().contains("went on"), result.out());
		assertTrue(result.err().contains(CtCommand.CANCELLED), result.err());
		return result;
	}

	/** Whether a thread is in a method: this one, or in Fiji that of the command. */
	private static BooleanSupplier during(final String type, final String method) {
		return () -> Thread.getAllStackTraces().values().stream().flatMap(Stream::of).anyMatch(frame -> frame.getClassName()
			.matches(".*\\.(" + type + ")") && frame.getMethodName().matches(method));
	}

	private static void kept(final HeadlessMacro.Result result, final String title) {
		final ImagePlus image = WindowManager.getCurrentImage();
		assertTrue(image.getTitle().matches(title), image.getTitle());
		assertTrue(result.err().contains(CtCommand.CANCELLED + " Kept: \"" + image.getTitle() + "\"."), result.err());
		assertTrue(image.getTitle().contains(Images.line(image, "Unfinished")), image.getInfoProperty());
	}

	private Path save(final PriorSettings settings) {
		final Path file = folder.resolve(settings.name() + ".safetensors");
		try (Prior prior = Prior.create(settings, "cpu", 1)) {
			prior.save(file);
		}
		return file;
	}
}
