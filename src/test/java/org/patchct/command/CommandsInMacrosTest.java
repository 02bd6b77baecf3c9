package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.event.KeyEvent;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import javax.imageio.ImageIO;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.diffusion.SlicePriors;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.Tiff;
import org.patchct.imagej.WithoutImages;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.DivergentBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;

/** Commands as macros use them, in a real ImageJ without a display. */
class CommandsInMacrosTest implements WithoutImages {

	@TempDir
	Path folder;

	@Test
	void resultsAreSelectedByTheirTitles() {
		final String out = run("""
			run('CT Phantom...', 'phantom=Shepp-Logan size=16');
			run('CT Simulate Projections...', 'image=Shepp-Logan views=9');
			run('CT FBP...', 'image=[Projections of Shepp-Logan (9 views)] window=Hann');
			run('CT SIRT...', 'image=[Projections of Shepp-Logan (9 views)] iterations=2');
			run('CT ADMM-TV...', 'image=[Projections of Shepp-Logan (9 views)] iterations=2 inner=2');
			selectImage('Shepp-Logan');
			selectImage('FBP of Shepp-Logan (9 views)');
			selectImage('SIRT of Shepp-Logan (9 views)');
			selectImage('ADMM-TV of Shepp-Logan (9 views)');
			getVoxelSize(w, h, d, unit);
			print(nImages, w, h, d, unit);
			""");
		assertEquals("5 25 25 25 mm\n", out);
	}

	@Test
	void savedVolumesAreOpenedAgain() {
		run("run('CT Phantom...', 'size=12 seed=2');");
		final ImagePlus thorax = WindowManager.getCurrentImage();
		for (final String ending : List.of("nii", "nii.gz", "nrrd", "mha"))
			for (final String type : List.of("Floating point", "Integers")) {
				final Path file = folder.resolve("saved." + ending);
				run("run('CT Save Volume...', 'image=[Thorax 2] type=[" + type + "] path=[" + file + "]');" +
					"run('CT Open Volume...', 'path=[" + file + "]');");
				final ImagePlus opened = WindowManager.getCurrentImage();
				assertEquals("saved", opened.getTitle());
				// NIfTI keeps voxel sizes as floats.
				assertEquals(Images.toVolume(thorax).grid().toString(), Images.toVolume(opened).grid().toString(), ending);
				assertEquals(Images.toVolume(thorax).intensity(), Images.toVolume(opened).intensity(), ending);
				for (int z = 1; z <= 12; z++)
					assertArrayEquals((float[]) thorax.getStack().getPixels(z), (float[]) opened.getStack().getPixels(z), type.equals(
						"Integers") ? 0.5f : 0, ending);
				opened.close();
			}
	}

	@Test
	void newestResultIsTheActiveImage() {
		assertEquals("Projections of Thorax 3 (1 view)\n", run("run('CT Phantom...', 'size=8 seed=3');" +
			"run('CT Simulate Projections...', 'views=1'); print(getTitle());"));
	}

	@Test
	void samplesNeedNoArguments() {
		assertEquals("Thorax 1 128\nShepp-Logan 128\n", run("run('CT Thorax'); print(getTitle(), nSlices);" +
			"run('CT Shepp-Logan'); print(getTitle(), nSlices);"));
		run("run('CT Thorax Scan (20 views)'); run('CT SIRT...', 'iterations=1');");
		final ImagePlus result = WindowManager.getCurrentImage();
		assertEquals("SIRT of Thorax 1 (20 views) 64", result.getTitle() + " " + result.getStackSize());
		assertTrue(Images.line(result, "Macro").startsWith("run(\"CT Thorax Scan (20 views)\"); run(\"CT SIRT...\","), result
			.getInfoProperty());
	}

	@Test
	void simulationFollowsItsKeys() {
		run("run('CT Phantom...', 'size=16'); run('CT Simulate Projections...', 'views=4 start=10 range=120 size=8 " +
			"oversample=2 noise=1e5 electronic=2 seed=7');");
		final Projections scan = Images.toProjections(WindowManager.getCurrentImage());
		assertArrayEquals(new double[] { 10, 40, 70, 100 }, scan.geometry().angles());
		assertEquals(List.of(8, 8, 8), List.of(scan.grid().nx(), scan.grid().ny(), scan.grid().nz()));
		assertEquals(50, ((ParallelBeam) scan.geometry()).binPitch(), 1e-9);
	}

	@Test
	void rangeFollowsTheBeamUnlessGiven() {
		for (final String beam : List.of("Parallel", "Fan", "Cone"))
			for (final double range : new double[] { 0, 120 }) {
				run("run('CT Phantom...', 'size=8'); run('CT Simulate Projections...', 'views=4 beam=" + beam + " range=" + range +
					"');");
				final double expected = range > 0 ? range : beam.equals("Parallel") ? 180 : 360;
				assertEquals(expected / 4, Images.toProjections(WindowManager.getCurrentImage()).geometry().angles()[1], beam);
			}
	}

	@Test
	void fansAndConesAreScannedSavedAndReconstructed() {
		for (final String beam : List.of("Fan", "cone")) {
			final Path file = folder.resolve(beam + ".tif");
			final String out = run("run('CT Phantom...', 'size=16'); run('CT Simulate Projections...', 'beam=" + beam +
				" shape=Arc sourceaxis=900 sourcedetector=1200 views=48'); saveAs('Tiff', '" + file +
				"'); close(); open('" + file + "');");
			assertEquals("", out);
			final Projections scan = Images.toProjections(WindowManager.getCurrentImage());
			final DivergentBeam geometry = (DivergentBeam) scan.geometry();
			assertEquals(beam.equals("cone"), geometry instanceof ConeBeam);
			assertEquals(List.of(900.0, 1200.0, Detector.ARC), List.of(geometry.sourceToAxis(), geometry.sourceToDetector(),
				geometry.detector()));
			run("run('CT FBP...'); selectImage('" + beam + ".tif'); run('CT ADMM-TV...', 'iterations=5');");
			for (final String method : List.of("FBP", "ADMM-TV")) {
				final ImagePlus image = WindowManager.getImage(method + " of " + beam + " (48 views)");
				assertTrue(correlation(image, WindowManager.getImage("Thorax 1")) > 0.9, method + ", " + beam);
			}
			closeImages();
		}
	}

	@Test
	void halfADetectorSeesEverythingInATurn() {
		run("run('CT Phantom...', 'size=32'); run('CT Simulate Projections...', 'beam=Cone views=120');");
		final int bins = Images.toProjections(WindowManager.getCurrentImage()).geometry().bins(), fewer = bins / 2 + 6;
		run("run('CT FBP...');");
		final double whole = correlation(WindowManager.getCurrentImage(), WindowManager.getImage("Thorax 1"));
		run("selectImage('Thorax 1'); run('CT Simulate Projections...', 'beam=Cone views=120 bins=" + fewer + " offset=" +
			-(bins - fewer) / 2.0 + "'); run('CT FBP...');");
		final double half = correlation(WindowManager.getCurrentImage(), WindowManager.getImage("Thorax 1"));
		assertEquals(whole, half, 0.02);
	}

	private static double correlation(final ImagePlus a, final ImagePlus b) {
		double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
		for (int z = 0; z < a.getStackSize(); z++)
			for (int y = 0; y < a.getHeight(); y++)
				for (int x = 0; x < a.getWidth(); x++, n++) {
					final double p = a.getStack().getVoxel(x, y, z), q = b.getStack().getVoxel(x, y, z);
					sa += p;
					sb += q;
					saa += p * p;
					sbb += q * q;
					sab += p * q;
				}
		return (sab - sa * sb / n) / Math.sqrt((saa - sa * sa / n) * (sbb - sb * sb / n));
	}

	@Test
	void limitedAngleIsSaid() {
		final String scan = "run('CT Phantom...', 'size=8'); run('CT Simulate Projections...', 'views=4 ";
		assertTrue(run(scan + "range=120');").startsWith(
			"Limited angle: the views cover 120.0 degrees and this scan needs 180.0"));
		assertTrue(run(scan + "range=180 beam=Fan');").startsWith(
			"Limited angle: the views cover 180.0 degrees and this scan needs 20"));
		assertEquals("", run(scan + "range=220 beam=Fan'); run('CT FBP...');"));
	}

	@Test
	void savedProjectionsReconstructToTheSameBits() {
		final Path file = folder.resolve("a scan.tif");
		run("run('CT Phantom...', 'size=12'); run('CT Simulate Projections...', 'views=7'); run('CT FBP...');");
		final ImagePlus direct = WindowManager.getCurrentImage();
		run("selectImage('Projections of Thorax 1 (7 views)'); saveAs('Tiff', '" + file + "'); close(); open('" + file +
			"'); run('CT FBP...');");
		final ImagePlus reopened = WindowManager.getCurrentImage();
		assertEquals("FBP of a scan (7 views)", reopened.getTitle());
		for (int k = 1; k <= 12; k++)
			assertArrayEquals((float[]) direct.getStack().getPixels(k), (float[]) reopened.getStack().getPixels(k));
	}

	@Test
	void resultsSayHowTheyWereMade() {
		run("run('CT Phantom...', 'size=12'); run('CT Simulate Projections...', 'views=7'); run('CT SIRT...', 'iterations=3 " +
			"nonnegative=false');");
		final ImagePlus image = WindowManager.getCurrentImage();
		assertEquals("SIRT, 3 iterations", Images.line(image, "Method"));
		assertTrue(Images.line(image, "Device").matches("cpu \\(not cuda:0: .+\\)|cuda:0 \\(.+\\)"), Images.line(image, "Device"));
		assertTrue(Images.line(image, "Scan").startsWith("Projections of Thorax 1 (7 views), parallel beam, 7 views"), image
			.getInfoProperty());
	}

	@Test
	void openedVolumesKeepTheirNameAndVoxelSize() {
		final Path file = folder.resolve("my volume.tif");
		assertEquals("my volume 25\n", run("run('CT Phantom...', 'size=16'); saveAs('Tiff', '" + file + "'); close();" +
			"run('CT Open Volume...', 'path=[" + file + "]'); getVoxelSize(w, h, d, u); print(getTitle(), d);"));
	}

	@Test
	void diffusionRunsWithAPriorOfOnesOwn() {
		final Path prior = prior();
		final String out = run("run('CT Phantom...', 'size=12'); run('CT Simulate Projections...', 'views=7');" +
			"run('CT Patch Diffusion...', 'prior=" + prior + " steps=2 passes=1 samples=3 seed=5 device=cpu'); print(getTitle());");
		assertEquals("Patch diffusion of Thorax 1 (7 views)\n", out);
		final ImagePlus image = WindowManager.getCurrentImage();
		assertEquals("5", Images.line(image, "Seed"));
		assertEquals(prior.toString(), Images.line(image, "Prior"));
		assertTrue(Images.line(image, "Method").startsWith("Patch diffusion, mean of 3 samples of 2 steps from ADMM-TV"),
			image.getInfoProperty());
	}

	@Test
	void diffusionShowsItsUncertainty() {
		final Path prior = prior();
		run("run('CT Phantom...', 'size=12'); run('CT Simulate Projections...', 'views=3'); run('CT Patch Diffusion...', " +
			"'prior=" + prior + " steps=2 samples=2 uncertainty=true device=cpu');");
		assertTrue(WindowManager.getImage("Patch diffusion of Thorax 1 (3 views)") != null);
		final ImagePlus image = WindowManager.getImage("Uncertainty of Thorax 1 (3 views)");
		assertEquals("HU", image.getCalibration().getValueUnit());
		assertEquals(0, image.getDisplayRangeMin());
		assertTrue(image.getStack().getVoxel(6, 6, 6) > 0);
		assertEquals(prior.toString(), Images.line(image, "Prior"));
	}

	@Test
	void methodsOfSlicesRunWithPriorsOfTheirKind() {
		run("run('CT Phantom...', 'size=10'); run('CT Simulate Projections...', 'views=7');");
		final ImagePlus scan = WindowManager.getCurrentImage();
		final Map<String, PriorSettings> priors = Map.of("DDS", SlicePriors.slices(), "DiffusionMBIR", SlicePriors.exploding(),
			"DiffusionBlend", SlicePriors.groups());
		priors.forEach((method, settings) -> {
			final Path file = save(settings, folder.resolve(settings.name() + ".safetensors"));
			final String call = "selectImage('" + scan.getTitle() + "'); run('CT " + method + "...', 'prior=" + file +
				" steps=4 seed=5 device=cpu'); print(getTitle());", title = method + " of Thorax 1 (7 views)";
			final String printed = run(call); // with so few steps there may be warnings before
			assertTrue(printed.endsWith(title + "\n"), printed);
			final ImagePlus image = WindowManager.getImage(title);
			assertEquals("5", Images.line(image, "Seed"));
			assertEquals(file.toString(), Images.line(image, "Prior"));
			assertTrue(Images.line(image, "Method").startsWith(method + ", 4 steps, "), image.getInfoProperty());
			final float[][] planes = new float[10][];
			for (int k = 0; k < 10; k++) {
				planes[k] = ((float[]) image.getStack().getPixels(k + 1)).clone();
				for (final float v : planes[k])
					assertTrue(Float.isFinite(v));
			}
			image.setTitle("first");
			run(call);
			for (int k = 0; k < 10; k++)
				assertArrayEquals(planes[k], (float[]) WindowManager.getImage(title).getStack().getPixels(k + 1));
			image.close();
		});
	}

	@Test
	void residualsAreInTheTableOfResults() {
		final Path prior = prior();
		final String scan = "run('CT Phantom...', 'size=12'); run('CT Simulate Projections...', 'views=5'); run('CT ";
		for (final String method : List.of("SIRT...', 'iterations=4", "ADMM-TV...', 'iterations=4", "Patch Diffusion...', " +
			"'prior=" + prior + " steps=4"))
		{
			final String out = run(scan + method + " plot=true device=cpu'); print(nResults, getResult('iteration', nResults - 1)); " +
				"print(getResult('residual', 0)); print(getResult('residual', 3));");
			final List<String> lines = out.lines().toList();
			assertEquals(method.startsWith("Patch") ? "34 34" : "4 4", lines.get(lines.size() - 3), method);
			final double first = Double.parseDouble(lines.get(lines.size() - 2)), fourth = Double.parseDouble(lines.get(lines
				.size() - 1));
			assertTrue(0 < fourth && fourth < first && first < 1, out);
		}
	}

	@Test
	void resultIsTheActiveImageAlsoWhereTheScanWasSelected() {
		assertEquals("FBP of Thorax 1 (5 views)\nSIRT of Thorax 1 (5 views)\n", run("run('CT Phantom...', 'size=12'); " +
			"run('CT Simulate Projections...', 'views=5'); scan = getTitle(); run('CT FBP...', 'device=cpu'); print(getTitle()); " +
			"selectImage(scan); run('CT SIRT...', 'iterations=2 device=cpu'); print(getTitle());"));
	}

	@Test
	@Timeout(60)
	void cancelledRunsKeepTheLastIterate() throws Exception {
		final Path prior = prior();
		for (final String method : List.of("SIRT...', 'iterations=10000", "ADMM-TV...', 'iterations=10000",
			"Patch Diffusion...', 'samples=1000 prior=" + prior))
		{
			closeImages();
			run("run('CT Phantom...', 'size=24'); run('CT Simulate Projections...', 'views=5');");
			final ImagePlus thorax = WindowManager.getImage("Thorax 1");
			final AtomicLong pressed = new AtomicLong();
			final Thread user = new Thread(() -> {
				while (!iterates())
					IJ.wait(5);
				IJ.wait(500);
				pressed.set(System.nanoTime());
				IJ.setKeyDown(KeyEvent.VK_ESCAPE);
			});
			user.start();
			final HeadlessMacro.Result result = HeadlessMacro.run("run('CT " + method + " device=cpu'); print('went on');");
			assertTrue(System.nanoTime() - pressed.get() < 2_000_000_000L, method);
			user.join();
			IJ.resetEscape();
			assertFalse(result.ok());
			assertFalse(result.out().contains("went on"), result.out());
			final ImagePlus image = WindowManager.getCurrentImage();
			assertTrue(image.getTitle().matches(method.replaceFirst("\\.\\.\\..*", "").replace("Diffusion", "diffusion") +
				" of Thorax 1 \\(5 views\\) \\(cancelled at iteration \\d+ of \\d+\\)"), image.getTitle());
			assertTrue(result.err().contains(CtCommand.CANCELLED + " Kept: \"" + image.getTitle() + "\"."), result.err());
			assertTrue(image.getTitle().contains(Images.line(image, "Unfinished")), image.getInfoProperty());
			assertTrue(correlation(image, thorax) > 0.5, image.getTitle());
		}
	}

	/** Whether a thread, in Fiji not the macro's, is at the iterations of a method, and no longer estimates their time. */
	private static boolean iterates() {
		return Thread.getAllStackTraces().values().stream().map(List::of).anyMatch(CommandsInMacrosTest::iterates);
	}

	private static boolean iterates(final List<StackTraceElement> stack) {
		return stack.stream().anyMatch(frame -> frame.getClassName().matches(".*\\.(Sirt|AdmmTv)") && frame.getMethodName()
			.matches("iterate|solve")) && stack.stream().noneMatch(frame -> frame.getMethodName().equals("estimate"));
	}

	@Test
	void sampleDrawsFromAPrior() {
		assertEquals("Sample of tiny (seed 3) 10 2.5\n", run("run('CT Sample Prior...', 'prior=" + prior() +
			" size=10 spacing=2.5 steps=2 seed=3 device=cpu'); getVoxelSize(w, h, d, u); print(getTitle(), nSlices, d);"));
	}

	@Test
	void samplesAreShownBesideTheNearestTrainingVolume() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes"));
		final StringBuilder making = new StringBuilder();
		for (int seed = 1; seed <= 3; seed++)
			making.append("run('CT Phantom...', 'size=12 seed=" + seed + "'); saveAs('Tiff', '" + volumes.resolve("t" + seed +
				".tif") + "'); close();");
		final String keys = "prior=" + prior() + " size=10 steps=2 seed=3 device=cpu training=" + volumes;
		final String out = run(making + "run('CT Sample Prior...', '" + keys + " count=2'); print(getTitle());" +
			"getDimensions(w, h, c, z, t); print(w, h, c, z, t); selectImage('Nearest to sample of tiny (seeds 3 to 4)');" +
			"getDimensions(w, h, c, z, t); print(w, h, c, z, t);");
		assertTrue(out.endsWith("Sample of tiny (seeds 3 to 4)\n10 10 1 10 2\n10 10 1 10 2\n"), out);
		final ImagePlus samples = WindowManager.getImage("Sample of tiny (seeds 3 to 4)");
		assertTrue(Images.line(samples, "Nearest training volume of sample 2").matches(
			"t[123]\\. It is 0\\.\\d+ away; training volumes are .*"), samples.getInfoProperty());
		assertTrue(Double.parseDouble(Images.line(samples, "Sliced Wasserstein distance of samples and training volumes")) > 0,
			samples.getInfoProperty());
		// The first frame is the sample of the first seed; another one without the whole in view differs.
		run("run('CT Sample Prior...', '" + keys + " count=1');");
		final float[] alone = (float[]) WindowManager.getCurrentImage().getStack().getPixels(5);
		assertArrayEquals((float[]) samples.getStack().getPixels(5), alone);
		run("run('CT Sample Prior...', '" + keys + " global=false');");
		assertFalse(Arrays.equals(alone, (float[]) WindowManager.getCurrentImage().getStack().getPixels(5)));
		assertTrue(Images.line(WindowManager.getCurrentImage(), "Method").contains("without its global channel"));
	}

	@Test
	void comparisonTakesAnOpenImageOrAFile() throws Exception {
		final Path file = folder.resolve("thorax.tif"), out = folder.resolve("out");
		final String keys = " views=3,5 size=10 methods=[FBP, ADMM-TV] output=" + out;
		final String printed = run("run('CT Phantom...', 'size=16'); saveAs('Tiff', '" + file +
			"'); rename('the truth'); run('CT Compare Methods...', 'reference=[the truth]" + keys + "');");
		assertTrue(printed.contains("ADMM-TV       3"), printed);
		final List<String> byTitle = Files.readAllLines(out.resolve("comparison.csv"));
		closeImages();
		run("run('CT Compare Methods...', 'reference=" + file + keys + "');");
		final List<String> byPath = Files.readAllLines(out.resolve("comparison.csv"));
		assertEquals(5, byTitle.size());
		for (int i = 0; i < 5; i++) // all but the time it took
			assertEquals(byTitle.get(i).replaceFirst("[^,]*,[^,]*$", ""), byPath.get(i).replaceFirst("[^,]*,[^,]*$", ""));
	}

	@Test
	void comparisonUsesThePriorItIsGiven() throws Exception {
		run("run('CT Phantom...', 'size=16'); run('CT Compare Methods...', 'views=3 size=10 methods=[Patch diffusion] prior=" +
			prior() + " device=cpu output=" + folder + "');");
		assertTrue(Files.readAllLines(folder.resolve("comparison.csv")).get(1).startsWith("Patch diffusion,3,"));
		final ImagePlus result = Tiff.open(folder.resolve("Patch diffusion_3v.tif"));
		assertEquals(folder.resolve("prior.safetensors").toString(), Images.line(result, "Prior"));
		assertTrue(Images.line(result, "Prior checksum").startsWith("SHA-256 "), result.getInfoProperty());
		assertTrue(Images.line(result, "Macro").startsWith(
			"run(\"CT Phantom...\", \"phantom=Thorax size=16 seed=1\"); run(\"CT Compare Methods...\", \"reference=[Thorax 1] "),
			result.getInfoProperty());
	}

	@Test
	void evaluationWritesItsTableAndPlotAndSaysWhetherThePriorIsGoodEnough() throws Exception {
		final Path out = folder.resolve("evaluation");
		final String printed = run("run('CT Phantom...', 'size=16'); rename('a truth'); run('CT Evaluate Prior...', 'prior=" +
			prior() + " reference=[a truth] size=12 seed=4 device=cpu output=" + out + "');");
		assertTrue(printed.contains("Not better than total variation at t=50 ("), printed);
		final List<String> table = Files.readAllLines(out.resolve("denoising.csv"));
		assertEquals("t,sigma,noisy_psnr,tv_psnr,prior_psnr", table.get(0));
		assertEquals(List.of("50", "100", "200", "400"), table.stream().skip(1).map(row -> row.split(",")[0]).toList());
		final BufferedImage plot = ImageIO.read(out.resolve("denoising.png").toFile());
		assertTrue(plot.getWidth() >= 500 && plot.getHeight() >= 300, plot.toString());
	}

	@Test
	void trainingNamesWhatItCannotUseAndGoesOnWithTheRest() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes")), prior = folder.resolve("new").resolve(
			"mine.safetensors");
		final String out = run("run('CT Phantom...', 'size=20'); saveAs('Tiff', '" + volumes.resolve("one.tif") + "');" +
			"saveAs('Tiff', '" + volumes.resolve("two.tif") + "'); setSlice(3); setPixel(4, 5, 0/0); saveAs('Tiff', '" + volumes
				.resolve("holes.tif") + "'); close(); newImage('grey', '8-bit ramp', 20, 20, 20); saveAs('Tiff', '" + volumes
					.resolve("grey.tif") + "'); close(); run('CT Phantom...', 'size=8'); saveAs('Tiff', '" + volumes.resolve(
						"small.tif") + "'); close();");
		assertEquals("", out);
		Files.writeString(volumes.resolve("notes.txt"), "not a volume");
		final String keys = "folder=" + volumes + " output=" + prior +
			" preset=Laptop size=0 steps=1 device=cpu";
		final String log = run("run('CT Train Prior...', '" + keys + "');");
		for (final String refused : List.of("Left out \"holes.tif\": \"holes\" holds 1 NaN", "Left out \"notes.txt\": ",
			"Left out: \"grey\" is in grey and the prior in HU", "Left out: \"small\" of 8 x 8 x 8 voxels",
			"Training on 2 volumes in HU, 1 steps; memory: about 0."))
			assertTrue(log.contains(refused), refused + " is not in\n" + log);
		assertTrue(log.endsWith("Trained prior written to " + prior + "\n"), log);
		try (Prior open = Prior.open(prior, "cpu")) {
			assertEquals("mine", open.settings().name());
			assertEquals("HU", open.settings().unit());
			assertEquals(2, open.settings().record().getAsJsonArray("volumes").size());
		}
		// Again with the same settings it has nothing left to do.
		Files.delete(prior);
		run("run('CT Train Prior...', '" + keys + "');");
		assertTrue(Files.exists(prior));
	}

	@Test
	void priorOfGreyVolumesHasNoWindowOfItsOwn() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes")), prior = folder.resolve("mouse.safetensors");
		final String log = run("newImage('mouse', '8-bit ramp', 20, 20, 20); saveAs('Tiff', '" + volumes.resolve("mouse.tif") + "'); close();" +
			"run('CT Train Prior...', 'folder=" + volumes + " validation=" + volumes + " output=" + prior + " size=16 steps=1 device=cpu');");
		assertTrue(log.contains("step 1: loss "), log);
		try (Prior open = Prior.open(prior, "cpu")) {
			assertEquals("grey 0.0 1.0", open.settings().unit() + " " + open.settings().low() + " " + open.settings().high());
		}
	}

	@Test
	void priorsForSlicesAreTrainedAndRefusedWhereCubesAreNeeded() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes")), prior = folder.resolve("groups.safetensors");
		final String log = run("run('CT Phantom...', 'size=20'); saveAs('Tiff', '" + volumes.resolve("one.tif") + "');" +
			"run('CT Train Prior...', 'folder=" + volumes + " output=" + prior + " kind=[3-slice groups] size=0 steps=1 device=cpu');");
		assertTrue(log.endsWith("Trained prior written to " + prior + "\n"), log);
		try (Prior open = Prior.open(prior, "cpu")) {
			assertEquals(3, open.settings().slices());
		}
		for (final String command : List.of("'CT Evaluate Prior...', 'prior=" + prior + " reference=" + volumes.resolve(
			"one.tif") + " output=" + folder.resolve("out") + " device=cpu'", "'CT Sample Prior...', 'prior=" + prior +
				" size=16 device=cpu'"))
		{
			final HeadlessMacro.Result result = HeadlessMacro.run("run(" + command + ");");
			assertTrue(result.err().contains("The prior \"groups\" is one for groups of 3 slices, but ") && result.err()
				.contains(" needs one for 3-D patches. Choose such a prior."), result.err());
		}
	}

	@Test
	void networkForFbpIsTrainedOnScansAndKeepsToThem() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes")), file = folder.resolve("six.safetensors");
		final String log = run("run('CT Phantom...', 'size=32'); saveAs('Tiff', '" + volumes.resolve("one.tif") + "');" +
			"run('CT Train FBP-UNet...', 'folder=" + volumes + " validation=" + volumes + " output=" + file +
			" views=6 noise=0 size=16 steps=2 device=cpu');");
		assertTrue(log.contains("Training on 2 volumes in HU, 2 steps; memory: about 0.") && log.contains("step 2: loss "), log);
		assertTrue(log.endsWith("Trained prior written to " + file + "\n"), log);
		assertEquals("Projections of one (6 views)\nFBP-UNet of one (6 views)\n", run(
			"run('CT Simulate Projections...', 'views=6 size=16'); print(getTitle()); run('CT FBP-UNet...', 'prior=" + file +
				" device=cpu'); print(getTitle());"));
		final ImagePlus image = WindowManager.getCurrentImage();
		assertEquals("FBP-UNet", Images.line(image, "Method"));
		assertEquals(file.toString(), Images.line(image, "Prior"));
		final String scan = "open('" + volumes.resolve("one.tif") + "'); run('CT Simulate Projections...', 'size=16 views=", call =
			"'); run('CT FBP-UNet...', 'prior=" + file + " device=cpu');";
		assertEquals("The network \"six\" was trained on the FBP of 6 views over 180 degrees from 0 in parallel beam, and this " +
			"scan has 7 over 180 from 0: it has other streaks than the network knows. Train one for such scans with CT Train " +
			"FBP-UNet....\n", run(scan + "7" + call));
		assertTrue(HeadlessMacro.run(scan + "13" + call).err().contains("this scan has 13 over 180 from 0: too far off to be " +
			"of use. Train one"));
		for (final String method : List.of("DDS", "DiffusionBlend", "Patch Diffusion")) {
			final String error = HeadlessMacro.run(scan + "6'); run('CT " + method + "...', 'prior=" + file + " device=cpu');")
				.err();
			assertTrue(error.contains("The prior \"six\" is a network for FBP slices, but "), error);
		}
	}

	private Path prior() {
		return tinyPrior(folder);
	}

	/** A prior of a few untrained weights, in a file. */
	static Path tinyPrior(final Path folder) {
		return tinyPrior(folder, 1);
	}

	static Path tinyPrior(final Path folder, final long seed) {
		return save(PriorSettings.hounsfield("tiny", new UNetConfig(5, 1, 8, 2, 8, List.of(1, 2), 1, List.of(), false, 4),
			Prediction.V), folder.resolve("prior.safetensors"), seed);
	}

	private static Path save(final PriorSettings settings, final Path file) {
		return save(settings, file, 1);
	}

	private static Path save(final PriorSettings settings, final Path file, final long seed) {
		try (Prior prior = Prior.create(settings, "cpu", seed)) {
			prior.save(file);
		}
		return file;
	}

	/** Runs a macro that must come through, and returns what it prints. */
	private static String run(final String macro) {
		final HeadlessMacro.Result result = HeadlessMacro.run(macro);
		assertTrue(result.ok(), result.err());
		return result.out();
	}
}
