package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.WaveletConfig;
import org.patchct.projector.Projectors;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class PatchDiffusionTest {

	/** Not a cube, larger and smaller than the 8³ patches. */
	private static final Grid GRID = new Grid(13, 11, 5, 1.5, 1.2, 2);

	private static final RunSettings RUN = new RunSettings("cpu", 4, null);

	private static Prior prior;

	@BeforeAll
	static void open() {
		prior = Prior.create(PatchDenoiserTest.tiny(Prediction.V), "cpu", 3);
	}

	@AfterAll
	static void close() {
		prior.close();
	}

	/** A smooth object with values from 0 to 1 of the window. */
	private static Volume object(final Intensity intensity, final double fraction) {
		final Columns x = Columns.of(GRID);
		for (int i = 0; i < GRID.nx(); i++)
			for (int j = 0; j < GRID.ny(); j++)
				for (int k = 0; k < GRID.nz(); k++)
					x.column(i, j)[k] = (float) (fraction * (0.5 + 0.25 * Math.sin(0.6 * i + 0.2 * k) + 0.2 * Math.cos(0.8 *
						j)));
		return Layouts.denormalised("object", x, GRID, intensity);
	}

	private static Projections scan(final Volume object, final int views) {
		return Simulation.scan(object, 1, ParallelBeam.covering(GRID, ScanGeometry.evenAngles(views, 0, 180)),
			NoiseModel.NONE, 0, "cpu", Progress.SILENT);
	}

	private static double relativeError(final Img<FloatType> a, final Img<FloatType> b) {
		final Columns x = Layouts.toColumns(a), y = Layouts.toColumns(b);
		return x.add(-1, y).norm() / y.norm();
	}

	private static final SamplerSettings SHORT = SamplerSettings.PAPER.withSteps(4);

	/** Enough views and CG iterations determine the volume, whatever the prior: all units must then have come through. */
	@ParameterizedTest
	@EnumSource(WarmStart.class)
	void completeScanGivesTheObjectInItsOwnUnits(final WarmStart start) {
		final Volume object = object(Intensity.HU, 1);
		final PatchDiffusion method = new PatchDiffusion(SHORT.withCgIterations(150).withStart(start, start ==
			WarmStart.NOISE ? 999 : 300));
		final Volume result = method.reconstruct(scan(object, 40), GRID, prior, RUN, Progress.SILENT);
		assertTrue(relativeError(result.img(), object.img()) < 0.01, "error " + relativeError(result.img(), object.img()));
		assertEquals(Intensity.HU, result.intensity());
		assertEquals(GRID, result.grid());
	}

	@Test
	void calibratedScansOfAnyWindowGiveTheSameReconstruction() {
		// −1000…3000 HU has twice the span of the prior's window, 1/mm another zero and scale: the same attenuations.
		final Intensity wide = new Intensity("HU", -1000, 3000, 4 * Intensity.MU_WATER);
		final PatchDiffusion method = new PatchDiffusion(SHORT);
		final Columns usual = window(method, object(Intensity.HU, 1)), other = window(method, object(wide, 0.5)),
				attenuation = window(method, object(Intensity.ATTENUATION, 1));
		assertTrue(other.affine(2, 0).add(-1, usual).norm() < 1e-4 * usual.norm());
		assertTrue(attenuation.add(-1, usual).norm() < 1e-4 * usual.norm());
	}

	private static Columns window(final PatchDiffusion method, final Volume object) {
		return normalised(method.reconstruct(scan(object, 3), GRID, prior, RUN, Progress.SILENT));
	}

	/** Like Layouts.normalised, but keeping what lies below the window. */
	private static Columns normalised(final Volume volume) {
		final Intensity intensity = volume.intensity();
		final float scale = (float) (1 / (intensity.high() - intensity.low()));
		return Layouts.toColumns(volume.img()).affine(scale, (float) (-intensity.low() * scale));
	}

	@Test
	void uncalibratedScanIsRefusedByACalibratedPrior() {
		final Projections grey = scan(object(Intensity.grey(0, 255), 1), 3);
		assertEquals("The prior \"tiny\" was trained on values from -1000.0 to 1000.0 HU, but \"object\" is in grey values " +
			"(0.0 to 255.0). Choose a prior trained on such images, or give the projections in calibrated units (HU or " +
			"1/mm).", assertThrows(InvalidInputException.class, () -> new PatchDiffusion(SHORT).reconstruct(grey, GRID, prior,
				RUN, Progress.SILENT)).getMessage());
	}

	@Test
	void priorForSlicesIsRefused() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final WaveletConfig network = new WaveletConfig(1, 8, List.of(4), List.of(1), 8, List.of(), 1, List.of());
		try (Prior slices = Prior.create(new PriorSettings("slices", network, false, false, Prediction.CLEAN, NoiseSchedule
			.ho(), 0, 2, "HU", -1000, 1000, null), "cpu", 1))
		{
			assertEquals("The prior \"slices\" is one for single slices, but patch diffusion needs one for 3-D patches. " +
				"Choose such a prior.", assertThrows(InvalidInputException.class, () -> new PatchDiffusion(SHORT).reconstruct(scan,
					GRID, slices, RUN, Progress.SILENT)).getMessage());
		}
	}

	@Test
	void uncalibratedPriorMatchesWindowToWindow() {
		final PriorSettings hu = prior.settings();
		final PriorSettings grey = new PriorSettings("mouse", hu.network(), hu.globalChannel(), hu.positionChannels(), hu
			.prediction(), hu.schedule(), hu.networkLow(), hu.networkHigh(), "grey", 0, 255, null);
		final Projections scan = scan(object(Intensity.grey(10, 60000), 1), 3);
		assertEquals(Intensity.MU_BONE_MICRO_CT, PatchDiffusion.attenuationOfWindow(grey, scan), 1e-12);
		assertThrows(InvalidInputException.class, () -> PatchDiffusion.attenuationOfWindow(grey, scan(object(Intensity.HU,
			1), 3)));
	}

	@Test
	void sameSeedGivesTheSameBytesAndInputsStay() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final Columns kept = Layouts.toColumns(scan.img());
		final PatchDiffusion method = new PatchDiffusion(SHORT.withPasses(2));
		final float[][][] results = new float[3][][];
		for (int i = 0; i < 3; i++)
			results[i] = Layouts.planes(method.reconstruct(scan, GRID, prior, new RunSettings("cpu", i / 2, null),
				Progress.SILENT).img());
		assertArrayEquals(results[0], results[1]);
		assertFalse(Arrays.deepEquals(results[0], results[2]));
		assertArrayEquals(kept.data(), Layouts.toColumns(scan.img()).data());
	}

	@Test
	void severalSamplesGiveTheirMean() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final SamplerSettings warm = SHORT.withStart(WarmStart.FBP, 300);
		final Columns mean = Columns.of(GRID);
		for (int i = 0; i < 3; i++)
			mean.add(1 / 3f, Layouts.toColumns(new PatchDiffusion(warm).reconstruct(scan, GRID, prior, new RunSettings("cpu",
				PatchDiffusion.seed(4, i), null), Progress.SILENT).img()));
		final Columns actual = Layouts.toColumns(new PatchDiffusion(warm.withSamples(3)).reconstruct(scan, GRID, prior, RUN,
			Progress.SILENT).img());
		assertTrue(actual.add(-1, mean).norm() < 1e-5 * mean.norm());
	}

	@Test
	void deviationIsThatOfTheSamplesInTheUnitsOfTheResult() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final SamplerSettings warm = SHORT.withSteps(2).withPasses(1).withStart(WarmStart.FBP, 300);
		final float[][][] samples = new float[3][][];
		for (int i = 0; i < 3; i++)
			samples[i] = Layouts.planes(new PatchDiffusion(warm).reconstruct(scan, GRID, prior, new RunSettings("cpu",
				PatchDiffusion.seed(4, i), null), Progress.SILENT).img());
		final PatchDiffusion.Result result = new PatchDiffusion(warm.withSamples(3)).sample(scan, GRID, prior, null, RUN, true,
			Progress.SILENT);
		final float[][] actual = Layouts.planes(result.deviation().img());
		double largest = 0;
		for (int z = 0; z < GRID.nz(); z++)
			for (int i = 0; i < actual[z].length; i++) {
				final double a = samples[0][z][i], b = samples[1][z][i], c = samples[2][z][i], mean = (a + b + c) / 3;
				final double expected = Math.sqrt(((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)) /
					2);
				assertEquals(expected, actual[z][i], 1e-3 + 1e-3 * expected);
				largest = Math.max(largest, expected);
			}
		assertTrue(largest > 1, "the samples must differ: " + largest + " HU");
		assertEquals("HU", result.deviation().intensity().unit());
		assertEquals(0, result.deviation().intensity().low());
		assertEquals(3 * 2, result.cost().evaluations());
		assertTrue(result.cost().network() > 0 && result.cost().data() > 0 && result.cost().outside() < 1);
		assertEquals(PatchDiffusion.ONE_SAMPLE, assertThrows(InvalidInputException.class, () -> new PatchDiffusion(warm)
			.sample(scan, GRID, prior, null, RUN, true, Progress.SILENT)).getMessage());
	}

	@Test
	void sameSeedGivesTheSameBytesWithEveryOption() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final PatchDiffusion method = new PatchDiffusion(SHORT.withSteps(3).withStart(WarmStart.ADMM_TV, 300).withPasses(1)
			.withSamples(2).withOffsets(Offsets.PAIRED).withOrder(2).withOverlap(2).withSpacing(Spacing.LOG_SIGMA).withProximal(0.5)
			.withWeighted(true).withTemperature(0.5).withNonNegative(true).withTurned(true).withStartShare(0.4));
		final float[][][] means = new float[2][][], deviations = new float[2][][];
		for (int i = 0; i < 2; i++) {
			final PatchDiffusion.Result result = method.sample(scan, GRID, prior, null, RUN, true, Progress.SILENT);
			means[i] = Layouts.planes(result.mean().img());
			deviations[i] = Layouts.planes(result.deviation().img());
		}
		assertArrayEquals(means[0], means[1]);
		assertArrayEquals(deviations[0], deviations[1]);
	}

	@Test
	void drawnSamplesDifferMoreThanEstimates() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final SamplerSettings estimates = SamplerSettings.FAST.withSteps(4).withSamples(2);
		final double[] spread = new double[2];
		for (int i = 0; i < 2; i++)
			spread[i] = Layouts.toColumns(new PatchDiffusion(i == 0 ? estimates : estimates.drawing(2)).sample(scan, GRID, prior, null,
				RUN, true, Progress.SILENT).deviation().img()).norm();
		assertTrue(spread[1] > 1.4 * spread[0], spread[1] + " of samples, " + spread[0] + " of estimates");
		assertEquals(SamplerSettings.PAPER.withSamples(3), SamplerSettings.PAPER.drawing(3));
	}

	@Test
	void attenuationIsNotNegativeWhereThatIsAsked() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final SamplerSettings warm = SHORT.withStart(WarmStart.FBP, 300);
		final float[] lowest = new float[2];
		for (int i = 0; i < 2; i++)
			for (final float[] plane : Layouts.planes(new PatchDiffusion(warm.withNonNegative(i == 1)).reconstruct(scan, GRID,
				prior, RUN, Progress.SILENT).img()))
				for (final float v : plane)
					lowest[i] = Math.min(lowest[i], v);
		assertTrue(lowest[0] < -1001, "without: " + lowest[0] + " HU");
		assertEquals(-1000, lowest[1], 0.01);
	}

	@Test
	void resultTakesAsMuchOfItsStartAsThereAreMeasurements() {
		final Projections scan = scan(object(Intensity.HU, 1), 40);
		final Columns[] results = new Columns[3];
		for (int i = 0; i < 3; i++)
			results[i] = Layouts.toColumns(new PatchDiffusion(SHORT.withSteps(1).withPasses(1).withCgIterations(0).withStart(
				WarmStart.ADMM_TV, 300).withStartShare(i * 0.5)).reconstruct(scan, GRID, prior, RUN, Progress.SILENT).img());
		final Columns start = Layouts.toColumns(new AdmmTv().reconstruct(scan, GRID, RUN, Progress.SILENT).img());
		assertEquals(0, results[2].copy().add(-1, start).norm() / start.norm(), 1e-5);
		assertTrue(results[0].copy().add(-1, start).norm() / start.norm() > 0.01);
		assertEquals(0, results[1].add(-0.5f, results[0]).add(-0.5f, results[2]).norm() / start.norm(), 1e-5);

		final SamplerSettings half = SHORT.withStart(WarmStart.FBP, 300).withStartShare(0.5);
		final Grid grid = new Grid(100, 128, 70, 1, 1, 1);
		assertEquals(0.298, half.startShare(30, grid), 0.001);
		assertEquals(0.5, half.startShare(200, grid));
		assertThrows(InvalidInputException.class, () -> SHORT.withStartShare(0.1));
		assertThrows(InvalidInputException.class, () -> half.withStartShare(1.1));
	}

	/** Weights change what noisy data weigh, not what they say. */
	@Test
	void weightsChangeNothingWhereTheScanDeterminesTheObject() {
		final Volume object = object(Intensity.HU, 1);
		final Volume result = new PatchDiffusion(SHORT.withSteps(1).withStart(WarmStart.FBP, 300).withCgIterations(300)
			.withWeighted(true)).reconstruct(scan(object, 40), GRID, prior, RUN, Progress.SILENT);
		assertTrue(relativeError(result.img(), object.img()) < 0.01, "error " + relativeError(result.img(), object.img()));
	}

	@Test
	void priorIsReadFromTheFileOfTheRun(@TempDir final Path folder) {
		final Path file = folder.resolve("tiny.safetensors");
		prior.save(file);
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final PatchDiffusion method = new PatchDiffusion(SHORT);
		assertArrayEquals(Layouts.planes(method.reconstruct(scan, GRID, prior, RUN, Progress.SILENT).img()), Layouts.planes(
			method.reconstruct(scan, GRID, new RunSettings("cpu", 4, file), Progress.SILENT).img()));
	}

	@Test
	void iteratesAreInTheUnitsOfTheResultAndApproachTheMeasurements() {
		final List<Img<FloatType>> volumes = new ArrayList<>();
		final List<Double> residuals = new ArrayList<>();
		final Progress progress = new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public void iterated(final Iterate iterate) {
				volumes.add(iterate.volume().get());
				residuals.add(iterate.residual().getAsDouble());
				assertEquals(volumes.size() + " of 6", iterate.number() + " of " + iterate.total());
			}
		};
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final Volume result = new PatchDiffusion(SHORT.withStart(WarmStart.ADMM_TV, 999).withTv(AdmmTv.Settings.DEFAULT
			.withIterations(2, 5))).reconstruct(scan, GRID, prior, RUN, progress);
		assertEquals(6, volumes.size());
		assertTrue(relativeError(volumes.get(5), result.img()) < 1e-5);
		for (final int i : new int[] { 1, 5 }) {
			final Columns y = Projectors.create(GRID, scan.geometry(), "cpu").newProjections();
			Projectors.create(GRID, scan.geometry(), "cpu").forward(Layouts.toColumns(volumes.get(i)).affine((float) (scan
				.intensity().muHigh() / 2000), (float) (scan.intensity().muHigh() / 2)), y);
			assertEquals(y.add(-1, scan.toColumns()).norm() / scan.toColumns().norm(), residuals.get(i), 1e-4);
		}
	}

	@Test
	void cancelEndsTheRun() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		for (final WarmStart start : WarmStart.values()) {
			final PatchDiffusion method = new PatchDiffusion(SHORT.withStart(start, 999));
			assertThrows(CancelledException.class, () -> method.reconstruct(scan, GRID, prior, RUN, TestProgress
				.cancelledAfter(3)));
		}
	}

	/** Within what other work on the same machine may change. */
	@Test
	void estimatedTimeIsOfTheRightSize() {
		final Projections scan = scan(object(Intensity.HU, 1), 3);
		final PatchDiffusion method = new PatchDiffusion(SHORT.withSteps(100).withStart(WarmStart.ADMM_TV, 999));
		final double estimate = method.estimate(scan, GRID, prior, null, RUN, false, Progress.SILENT).seconds();
		final long start = System.nanoTime();
		method.reconstruct(scan, GRID, prior, RUN, Progress.SILENT);
		final double ratio = estimate / (System.nanoTime() - start) * 1e9;
		assertTrue(ratio > 0.1 && ratio < 10, "" + ratio);
	}

	@Test
	void volumeThatCannotFitIsRefusedBeforeAnythingIsAllocated() {
		final Grid huge = new Grid(13, 11, 2_000_000_000, 1.5, 1.2, 2);
		final String message = assertThrows(InvalidInputException.class, () -> new PatchDiffusion(SHORT).reconstruct(scan(
			object(Intensity.HU, 1), 3), huge, prior, RUN, Progress.SILENT)).getMessage();
		assertTrue(message.matches("Patch diffusion of 13 x 11 x 2000000000 voxels .* needs \\S+ GB of memory, and Java may " +
			"use \\S+ GB\\. Reduce or crop it, or raise the limit with Edit > Options > Memory & Threads \\(java -Xmx on the " +
			"command line\\)\\."), message);
	}

	@Test
	void largeVolumeFitsIntoTheMemoryOfALaptop() {
		final Grid grid = new Grid(512, 512, 256, 0.7, 0.7, 1);
		final ParallelBeam geometry = ParallelBeam.covering(grid, ScanGeometry.evenAngles(60, 0, 180));
		final SamplerSettings all = SamplerSettings.QUALITY.withPasses(2).withOrder(2).withProximal(1).withWeighted(true)
			.withOverlap(8);
		assertTrue(4 * new PatchDiffusion(SamplerSettings.FAST).voxels(grid, geometry, 32, false) < 4e9);
		assertTrue(4 * new PatchDiffusion(all).voxels(grid, geometry, 64, true) < 6e9);
	}

	/** In a Java machine of its own that may use hardly more than the estimate. */
	@Test
	void runNeedsNoMoreMemoryThanIsEstimated(@TempDir final Path folder) throws Exception {
		final double bytes = 4 * new PatchDiffusion(MemoryRun.SETTINGS).voxels(MemoryRun.GRID, MemoryRun.GEOMETRY,
			MemoryRun.PATCH, true);
		final long limit = (long) bytes / (1 << 20) + MemoryRun.BEYOND;
		final Path output = folder.resolve("output.txt");
		final Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
			"-Xmx" + limit + "m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), MemoryRun.class.getName())
				.redirectErrorStream(true).redirectOutput(output.toFile()).start();
		final boolean ended = process.waitFor(300, TimeUnit.SECONDS);
		process.destroy();
		assertTrue(ended);
		assertEquals("finite: true\n", Files.readString(output), limit + " MB");
	}

	@Test
	void recipeNamesTheSettings() {
		assertEquals("Patch diffusion, 200 steps from noise at level 999, 2 passes with random offsets, eta 0.8, 5 CG " +
			"iterations", new PatchDiffusion(SamplerSettings.PAPER).description());
		assertEquals("Patch diffusion, mean of 2 samples of 9 steps from FBP at level 200, 1 pass with one axis offsets, eta " +
			"0.5, 0 CG iterations, proximal weight 0.1", new PatchDiffusion(new SamplerSettings(9, 1, 0.5, 0, 0.1,
				WarmStart.FBP, 200, Offsets.ONE_AXIS, 2)).description());
		assertEquals("Patch diffusion, 9 steps from ADMM-TV at level 200, 2 passes with paired offsets, eta 0.8, 5 CG " +
			"iterations, blocks with a margin of 8, temperature 0.5, Karras spacing, second order, last step blends 8 tilings, turned, up to 0.5 of the start, " +
			"weighted by photons, non-negative, TV weight 0.001",
			new PatchDiffusion(SamplerSettings.PAPER.withMargin(8).withSteps(9).withStart(WarmStart.ADMM_TV, 200).withOffsets(Offsets.PAIRED)
				.withTemperature(0.5).withSpacing(Spacing.KARRAS).withOrder(2).withOverlap(8).withTurned(true).withStartShare(0.5).withWeighted(true).withNonNegative(true).withTv(AdmmTv.Settings.DEFAULT
					.withLambda(1e-3))).description());
	}

	@Test
	void generatedVolumeIsFiniteOfTheAskedShapeAndInThePriorsUnits() {
		final SamplerSettings settings = SamplerSettings.GENERATE.withSteps(5);
		final Volume volume = Generator.generate(prior, GRID, settings, 1, Progress.SILENT);
		assertEquals(GRID, volume.grid());
		assertEquals(Intensity.HU, volume.intensity());
		double sum = 0, squares = 0;
		for (final float[] plane : Layouts.planes(volume.img()))
			for (final float v : plane) {
				sum += v;
				squares += v * v;
			}
		final double mean = sum / GRID.voxels(), deviation = Math.sqrt(squares / GRID.voxels() - mean * mean);
		assertTrue(Double.isFinite(deviation) && deviation > 1, "standard deviation " + deviation);
		final Volume same = Generator.generate(prior, GRID, settings, 1, Progress.SILENT);
		assertArrayEquals(Layouts.planes(volume.img()), Layouts.planes(same.img()));
		final Volume other = Generator.generate(prior, GRID, settings, 2, Progress.SILENT);
		assertTrue(relativeError(volume.img(), other.img()) > 0.1);
	}
}
