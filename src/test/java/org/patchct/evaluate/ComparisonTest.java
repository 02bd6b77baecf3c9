package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Sirt;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;
import org.scijava.Context;
import org.scijava.plugin.PluginService;

class ComparisonTest {

	private static final ScanGeometry ANY = ParallelBeam.covering(Grid.cube(8, 1), new double[] { 0, 90 });

	private static final String HEADER =
		"method,views,psnr_db,ssim,ssim_axial,ssim_coronal,ssim_sagittal,seconds,device";

	private static Context context;

	@TempDir
	Path folder;

	private final List<String> written = new ArrayList<>(), log = new ArrayList<>();

	@BeforeAll
	static void createContext() {
		context = new Context(PluginService.class);
	}

	@AfterAll
	static void disposeContext() {
		context.dispose();
	}

	@Test
	void tableHasOneRowForEachMethodAndNumberOfViews() throws Exception {
		final List<Comparison.Row> rows = comparison("FBP,SIRT", 1, 6, 24).run(phantom(), folder, this::sink,
			Progress.SILENT, log::add);
		final List<String> csv = Files.readAllLines(folder.resolve("comparison.csv"));
		assertEquals(HEADER, csv.get(0));
		assertEquals(5, csv.size());
		final Set<String> keys = new LinkedHashSet<>();
		for (final String line : csv.subList(1, 5)) {
			final String[] fields = line.split(",");
			assertEquals(9, fields.length, line);
			keys.add(fields[0] + " " + fields[1]);
			assertEquals("cpu", fields[8]);
		}
		assertEquals(Set.of("FBP 6", "SIRT 6", "FBP 24", "SIRT 24"), keys);
		assertEquals(List.of("Reference.tif", "FBP_6v.tif", "SIRT_6v.tif", "FBP_24v.tif", "SIRT_24v.tif"), written);
		for (final Comparison.Row row : rows) {
			final Scores s = row.scores();
			assertEquals((s.axial().ssim() + s.coronal().ssim() + s.sagittal().ssim()) / 3, s.ssim(), 1e-12);
		}
	}

	@Test
	void moreViewsAndIterationsScoreBetter() {
		final List<Comparison.Row> rows = comparison("FBP,SIRT", 1, 6, 24).run(phantom(), folder, this::sink,
			Progress.SILENT, log::add);
		final double fbp6 = rows.get(0).scores().psnr(), sirt6 = rows.get(1).scores().psnr();
		final double fbp24 = rows.get(2).scores().psnr();
		assertTrue(sirt6 > fbp6 + 2, "FBP " + fbp6 + " dB, SIRT " + sirt6 + " dB");
		assertTrue(fbp24 > fbp6 + 2, "6 views " + fbp6 + " dB, 24 views " + fbp24 + " dB");
	}

	/** Data made by the operator that inverts them flatter every method; data from a finer grid do not. */
	@Test
	void oversamplingMakesTheProblemHarder() {
		final double[] psnr = new double[2];
		for (int i = 0; i < 2; i++) {
			final Protocol protocol = new Protocol(List.of(30), 180, 28, i + 1, NoiseModel.NONE);
			psnr[i] = new Comparison(methods("SIRT"), protocol, RunSettings.DEFAULT, null).run(phantom(2), folder, this::sink,
				Progress.SILENT, log::add).get(0).scores().psnr();
		}
		assertTrue(psnr[1] < psnr[0], "same grid " + psnr[0] + " dB, finer grid " + psnr[1] + " dB");
	}

	@Test
	void figureHasABlockForEachNumberOfViewsAndAColumnForEachMethod() throws Exception {
		comparison("FBP", 1, 6).run(phantom(), folder, this::sink, Progress.SILENT, log::add);
		final BufferedImage small = ImageIO.read(folder.resolve("comparison.png").toFile());
		comparison("FBP,SIRT", 1, 6, 24).run(phantom(), folder, this::sink, Progress.SILENT, log::add);
		final BufferedImage large = ImageIO.read(folder.resolve("comparison.png").toFile());
		assertEquals(small.getWidth() + 240 + 8, large.getWidth());
		assertTrue(large.getHeight() > 1.7 * small.getHeight(), small.getHeight() + " then " + large.getHeight());
	}

	@Test
	void cancelledRunKeepsFinishedResultsWhole() throws Exception {
		final Progress afterFirst = new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public boolean cancelled() {
				return written.contains("FBP_6v.tif");
			}
		};
		assertThrows(CancelledException.class, () -> comparison("FBP,SIRT", 1, 6).run(phantom(), folder, this::sink,
			afterFirst, log::add));
		final List<String> csv = Files.readAllLines(folder.resolve("comparison.csv"));
		assertEquals(2, csv.size());
		assertTrue(csv.get(1).startsWith("FBP,6,"), csv.get(1));
		try (Stream<Path> files = Files.list(folder)) {
			assertEquals(Set.of("comparison.csv", "comparison.png"), Set.copyOf(files.map(f -> f.getFileName().toString())
				.toList()));
		}
	}

	@Test
	void sameSeedGivesTheSameTable() {
		final Protocol noisy = new Protocol(List.of(8), 180, 0, 1, new NoiseModel(1e4, 0));
		final Comparison a = new Comparison(methods("FBP"), noisy, new RunSettings("cpu", 5, null), null);
		final Comparison b = new Comparison(methods("FBP"), noisy, new RunSettings("cpu", 6, null), null);
		final Scores first = a.run(phantom(), folder, this::sink, Progress.SILENT, log::add).get(0).scores();
		assertEquals(first, a.run(phantom(), folder, this::sink, Progress.SILENT, log::add).get(0).scores());
		assertFalse(first.equals(b.run(phantom(), folder, this::sink, Progress.SILENT, log::add).get(0).scores()));
	}

	@Test
	void limitedAnglesAreNamedByTheirDegrees() throws Exception {
		final Protocol both = new Protocol(ScanCase.parse("20", 180, "20, 60"), 0, 1, NoiseModel.NONE);
		final List<Comparison.Row> rows = new Comparison(methods("FBP"), both, RunSettings.DEFAULT, null).run(phantom(),
			folder, this::sink, Progress.SILENT, log::add);
		assertEquals(List.of("Reference.tif", "FBP_20v.tif", "FBP_20deg.tif", "FBP_60deg.tif"), written);
		assertEquals(List.of("FBP,20", "FBP,20deg", "FBP,60deg"), Files.readAllLines(folder.resolve("comparison.csv")).stream()
			.skip(1).map(line -> line.replaceFirst("^([^,]*,[^,]*),.*", "$1")).toList());
		assertEquals(List.of("20 views", "20 degrees", "60 degrees"), rows.stream().map(row -> row.scan().label()).toList());
		assertEquals(List.of(0.0, 1.0, 19.0), List.of(rows.get(1).scan().angles()[0], rows.get(1).scan().angles()[1], rows.get(
			1).scan().angles()[19]));
		assertTrue(rows.get(0).scores().psnr() > rows.get(2).scores().psnr(), rows.toString());
	}

	@Test
	void limitedAnglesThatAreNoneAreRefused() {
		for (final String angles : List.of("0", "180", "90.5", "90;120", "x", "1000"))
			assertEquals("Limited angles \"" + angles + "\": give whole degrees from 1 to 179, separated by commas, such as " +
				"90,120.", assertThrows(InvalidInputException.class, () -> ScanCase.parse("", 180, angles)).getMessage());
		assertEquals(List.of(ScanCase.limited(90)), ScanCase.parse(" ", 180, "90,90"));
		assertThrows(InvalidInputException.class, () -> ScanCase.parse("", 180, ""));
	}

	@Test
	void interruptedComparisonGoesOnWhereItStopped() throws Exception {
		final Kept store = new Kept();
		final Counting sirt = new Counting(new Sirt(5, true), "one");
		final Protocol protocol = new Protocol(List.of(6, 9), 180, 0, 1, NoiseModel.NONE);
		final Comparison comparison = new Comparison(Map.of("SIRT", sirt), protocol, RunSettings.DEFAULT, null);
		final List<Comparison.Row> first = comparison.run(phantom(), folder, store, Progress.SILENT, log::add);
		final List<String> table = Files.readAllLines(folder.resolve("comparison.csv"));
		store.files.remove("SIRT_9v.tif");
		Files.delete(folder.resolve("comparison.csv"));
		final List<Comparison.Row> second = comparison.run(phantom(), folder, store, Progress.SILENT, log::add);
		assertEquals(3, sirt.runs);
		assertEquals(List.of("Kept " + folder.resolve("SIRT_6v.tif") + ": it was made with the same settings"), log);
		assertEquals(first.get(0), second.get(0));
		assertEquals(first.get(1).scores(), second.get(1).scores());
		assertEquals(table.get(1), Files.readAllLines(folder.resolve("comparison.csv")).get(1));
	}

	@Test
	void whatWasMadeOtherwiseIsMadeAnew() {
		final Kept store = new Kept();
		final Reconstructor sirt = new Counting(new Sirt(5, true), "one");
		final Protocol six = new Protocol(List.of(6), 180, 0, 1, NoiseModel.NONE);
		new Comparison(Map.of("SIRT", sirt), six, RunSettings.DEFAULT, null).run(phantom(), folder, store, Progress.SILENT,
			log::add);
		final RunSettings seed = new RunSettings("auto", 7, null);
		final Protocol noisy = new Protocol(List.of(6), 180, 0, 1, new NoiseModel(1e5, 0));
		final Protocol narrow = new Protocol(List.of(6), 150, 0, 1, NoiseModel.NONE);
		int anew = 0;
		for (final Comparison other : List.of(new Comparison(Map.of("SIRT", sirt), six, seed, null), new Comparison(Map.of(
			"SIRT", sirt), noisy, RunSettings.DEFAULT, null), new Comparison(Map.of("SIRT", sirt), narrow, RunSettings.DEFAULT,
				null), new Comparison(Map.of("SIRT", new Counting(new Sirt(6, true), "one")), six, RunSettings.DEFAULT, null),
			new Comparison(Map.of("SIRT", new Counting(new Sirt(5, true), "two")), six, RunSettings.DEFAULT, null)))
		{
			log.clear();
			other.run(phantom(), folder, store, Progress.SILENT, log::add);
			assertEquals(1, log.size(), log.toString());
			assertTrue(log.get(0).startsWith("Made anew: " + folder.resolve("SIRT_6v.tif") + ". Before: SIRT, "), log
				.toString());
			anew++;
		}
		assertEquals(5, anew);
		log.clear();
		final Volume other = phantom();
		Layouts.planes(other.img())[7][300] += 50;
		new Comparison(Map.of("SIRT", new Counting(new Sirt(5, true), "two")), six, RunSettings.DEFAULT, null).run(other,
			folder, store, Progress.SILENT, log::add);
		assertTrue(log.get(0).startsWith("Made anew: "), log.toString());
	}

	@Test
	void methodThatFailsLeavesEmptyCellsAndTheOthersGoOn() throws Exception {
		final Map<String, Reconstructor> methods = new LinkedHashMap<>();
		methods.put("Broken", new Counting(null, ""));
		methods.put("Bug", new Counting(null, null));
		methods.putAll(methods("FBP"));
		final List<Comparison.Row> rows = new Comparison(methods, new Protocol(List.of(6), 180, 0, 1, NoiseModel.NONE),
			RunSettings.DEFAULT, null).run(phantom(), folder, this::sink, Progress.SILENT, log::add);
		final List<String> csv = Files.readAllLines(folder.resolve("comparison.csv"));
		assertEquals("Broken,6,,,,,,,", csv.get(1));
		assertEquals("Bug,6,,,,,,,", csv.get(2));
		assertTrue(csv.get(3).startsWith("FBP,6,"), csv.get(3));
		assertEquals("Nothing to run.", rows.get(0).failure());
		assertEquals("Broken, 6 views of ellipsoid failed: Nothing to run.", log.get(0));
		assertTrue(log.get(1).contains("at org.patchct.evaluate.Comparison"), log.get(1));
		assertTrue(log.get(2).startsWith("Bug, 6 views of ellipsoid failed: Internal error, please report it"), log.get(2));
		assertTrue(ComparisonTable.text(rows).contains("Broken       6     failed"), ComparisonTable.text(rows));
	}

	/** A method that counts its runs. */
	private static final class Counting implements Reconstructor {

		private final Reconstructor method;

		private final String prior;

		private int runs;

		Counting(final Reconstructor method, final String prior) {
			this.method = method;
			this.prior = prior;
		}

		@Override
		public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
			final Progress progress)
		{
			if (method == null) throw new InvalidInputException("Nothing to run.");
			runs++;
			return method.reconstruct(projections, grid, run, progress);
		}

		@Override
		public Map<String, String> recipe(final ScanGeometry geometry, final Intensity intensity, final RunSettings run) {
			return Map.of("Prior checksum", prior);
		}

		@Override
		public String description() {
			return method == null ? "" : method.description();
		}
	}

	/** Keeps volumes in memory. */
	private static final class Kept implements Comparison.Store {

		private final Map<String, Saved> files = new HashMap<>();

		@Override
		public void write(final Volume volume, final Path file, final Map<String, String> lines) {
			files.put(file.getFileName().toString(), new Saved(volume, lines::get));
		}

		@Override
		public Saved read(final Path file) {
			return files.get(file.getFileName().toString());
		}
	}

	@Test
	void settingsFollowTheNamesOfMethods() {
		assertEquals(List.of("FBP", "FBP window=Hann", "SIRT iterations=7"), List.copyOf(methods(
			"fbp, FBP window=Hann , sirt iterations=7, FBP window=Hann").keySet()));
		assertEquals("FBP, Hann window", methods("FBP window=hann").get("FBP window=hann").description());
		assertEquals("SIRT, 7 iterations", methods("SIRT nonnegative=false iterations=7").values().iterator().next()
			.description());
		assertTrue(methods("Patch diffusion preset=Paper passes=3 global=false").values().iterator().next().description()
			.contains(", 3 passes with"));
		assertTrue(methods("all").keySet().containsAll(List.of("ADMM-TV", "FBP", "Patch diffusion", "SIRT")));
	}

	@Test
	void settingsThatAMethodDoesNotHaveAreRefused() {
		final Map<String, String> refused = Map.of("SIRT speed=9", "Method \"SIRT speed=9\": there is no setting \"speed\"; " +
			"there are iterations, nonnegative.", "SIRT iterations=many",
			"Method \"SIRT iterations=many\": iterations=many: it must be a whole number.", "FBP window=Hat",
			"Method \"FBP window=Hat\": window=Hat: it must be one of Ram-Lak, Shepp-Logan, Cosine, Hamming, Hann.",
			"SIRT iterations=0", "Method \"SIRT iterations=0\": SIRT iterations 0: it must be from 1 to 10000.");
		refused.forEach((list, message) -> assertEquals(message, assertThrows(InvalidInputException.class, () -> methods(list))
			.getMessage()));
	}

	@Test
	void differentPriorsOfTheSameNameAreRefused() {
		final var e = assertThrows(InvalidInputException.class, () -> methods("Patch diffusion prior=/a/p.safetensors, " +
			"Patch diffusion prior=/b/p.safetensors"));
		assertEquals("Two methods are called \"Patch diffusion prior=p.safetensors\": give the files of their priors " +
			"different names.", e.getMessage());
	}

	@Test
	void methodMayHaveAPriorOfItsOwn() {
		final var e = assertThrows(InvalidInputException.class, () -> methods("Patch diffusion prior=/no such/p.safetensors")
			.get("Patch diffusion prior=p.safetensors").recipe(ANY, Intensity.HU, RunSettings.DEFAULT));
		assertEquals("There is no file /no such/p.safetensors. Choose an existing .safetensors file.", e.getMessage());
		final Map<String, Reconstructor> bundled = methods("Patch diffusion, Patch diffusion prior=body-ct, " +
			"Patch diffusion prior=mouse-microct");
		final List<String> checksums = bundled.values().stream().map(method -> method.recipe(ANY, Intensity.HU,
			RunSettings.DEFAULT).get("Prior checksum")).toList();
		assertEquals(checksums.get(0), checksums.get(1));
		assertFalse(checksums.get(0).equals(checksums.get(2)));
	}

	@Test
	void referenceIsNotChanged() {
		final Volume reference = phantom();
		final float[] before = Layouts.planes(reference.img())[10].clone();
		comparison("FBP", 2, 6).run(reference, folder, this::sink, Progress.SILENT, log::add);
		assertEquals(0, java.util.Arrays.mismatch(before, Layouts.planes(reference.img())[10]) + 1);
	}

	@Test
	void unknownMethodIsRefusedWithTheKnownOnes() {
		final var e = assertThrows(InvalidInputException.class, () -> methods("FBP,Magic"));
		assertTrue(e.getMessage().startsWith("Method \"Magic\" is not installed. Known are: ADMM-TV, DDS, "), e.getMessage());
	}

	@Test
	void methodsAreFoundWhateverTheirCase() {
		assertEquals(List.of("ADMM-TV", "FBP"), List.copyOf(methods("admm-tv, fbp, FBP").keySet()));
	}

	@Test
	void viewsThatAreNoNumbersAreRefused() {
		for (final String views : List.of("", "0", "-3", "8,abc", "2.5", "1000000", "999999"))
			assertEquals("Views \"" + views + "\": give one or more whole numbers from 1 to 100000, separated by commas, " +
				"such as 8,20,60.", assertThrows(InvalidInputException.class, () -> Protocol.parseViews(views)).getMessage());
		assertEquals(List.of(8, 20, 60), Protocol.parseViews(" 8, 20,60 20"));
	}

	@Test
	void unwritableFolderIsRefusedBeforeAnyWork() throws Exception {
		final Path file = Files.createFile(folder.resolve("occupied"));
		final var e = assertThrows(InvalidInputException.class, () -> comparison("FBP", 1, 6).run(phantom(), file,
			this::sink, Progress.SILENT, log::add));
		assertEquals("Output folder \"" + file + "\" cannot be written to (FileAlreadyExistsException). " +
			"Choose a folder in which you may create files.", e.getMessage());
		assertTrue(written.isEmpty());
	}

	@Test
	void sizeTooLargeForMemoryIsRefused() {
		assumeTrue(Runtime.getRuntime().maxMemory() < 200L << 30, "needs a heap below 200 GB");
		final Protocol huge = new Protocol(List.of(8), 180, 2048, 2, NoiseModel.NONE);
		final var e = assertThrows(InvalidInputException.class, () -> new Comparison(methods("FBP"), huge,
			RunSettings.DEFAULT, null).run(phantom(), folder, this::sink, Progress.SILENT, log::add));
		assertTrue(e.getMessage().contains(" GB of memory, and Java may use "), e.getMessage());
	}

	private void sink(final Volume volume, final Path file, final Map<String, String> lines) {
		assertEquals(folder, file.getParent());
		written.add(file.getFileName().toString());
	}

	private static Comparison comparison(final String methods, final int oversample, final Integer... views) {
		return new Comparison(methods(methods), new Protocol(List.of(views), 180, 0, oversample, NoiseModel.NONE),
			new RunSettings("cpu", 1, null), null);
	}

	private static Map<String, Reconstructor> methods(final String list) {
		return Methods.find(context.service(PluginService.class), list);
	}

	/** An ellipsoid of water with two inserts, anisotropic. */
	private static Volume phantom() {
		return phantom(1);
	}

	private static Volume phantom(final int finer) {
		final Grid grid = new Grid(28, 26, 14, 2, 2.2, 3).refined(finer);
		final float[][] planes = new float[grid.nz()][grid.nx() * grid.ny()];
		for (int k = 0; k < grid.nz(); k++)
			for (int j = 0; j < grid.ny(); j++)
				for (int i = 0; i < grid.nx(); i++) {
					final double x = grid.x(i), y = grid.y(j), z = grid.z(k);
					float value = -1000;
					if (x * x / 576 + y * y / 484 + z * z / 400 < 1) value = 0;
					if (Math.hypot(x - 8, y) < 6) value += 300;
					if (Math.hypot(x + 8, y - 4) < 5 && Math.abs(z) < 12) value = -800;
					planes[k][i + grid.nx() * j] = value;
				}
		return new Volume("ellipsoid", Layouts.wrap(planes, grid.nx(), grid.ny()), grid, Intensity.HU);
	}
}
