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
import org.patchct.scan.NoiseModel;
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

	private static final String HEADER =
		"method,views,psnr_db,ssim,ssim_axial,ssim_coronal,ssim_sagittal,seconds,device";

	private static Context context;

	@TempDir
	Path folder;

	private final List<String> written = new ArrayList<>();

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
			Progress.SILENT);
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
			Progress.SILENT);
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
				Progress.SILENT).get(0).scores().psnr();
		}
		assertTrue(psnr[1] < psnr[0], "same grid " + psnr[0] + " dB, finer grid " + psnr[1] + " dB");
	}

	@Test
	void figureHasABlockForEachNumberOfViewsAndAColumnForEachMethod() throws Exception {
		comparison("FBP", 1, 6).run(phantom(), folder, this::sink, Progress.SILENT);
		final BufferedImage small = ImageIO.read(folder.resolve("comparison.png").toFile());
		comparison("FBP,SIRT", 1, 6, 24).run(phantom(), folder, this::sink, Progress.SILENT);
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
			afterFirst));
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
		final Scores first = a.run(phantom(), folder, this::sink, Progress.SILENT).get(0).scores();
		assertEquals(first, a.run(phantom(), folder, this::sink, Progress.SILENT).get(0).scores());
		assertFalse(first.equals(b.run(phantom(), folder, this::sink, Progress.SILENT).get(0).scores()));
	}

	@Test
	void referenceIsNotChanged() {
		final Volume reference = phantom();
		final float[] before = Layouts.planes(reference.img())[10].clone();
		comparison("FBP", 2, 6).run(reference, folder, this::sink, Progress.SILENT);
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
			this::sink, Progress.SILENT));
		assertEquals("Output folder \"" + file + "\" cannot be written to (FileAlreadyExistsException). " +
			"Choose a folder in which you may create files.", e.getMessage());
		assertTrue(written.isEmpty());
	}

	@Test
	void sizeTooLargeForMemoryIsRefused() {
		assumeTrue(Runtime.getRuntime().maxMemory() < 200L << 30, "needs a heap below 200 GB");
		final Protocol huge = new Protocol(List.of(8), 180, 2048, 2, NoiseModel.NONE);
		final var e = assertThrows(InvalidInputException.class, () -> new Comparison(methods("FBP"), huge,
			RunSettings.DEFAULT, null).run(phantom(), folder, this::sink, Progress.SILENT));
		assertTrue(e.getMessage().contains(" GB of memory, and Java may use "), e.getMessage());
	}

	private void sink(final Volume volume, final Path file, final String recipe) {
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
