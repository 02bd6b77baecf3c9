package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.diffusion.FbpUNet;
import org.patchct.evaluate.Metrics;
import org.patchct.network.FbpScan;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.SafeTensors;
import org.patchct.network.WaveletConfig;
import org.patchct.recon.Fbp;
import org.patchct.recon.RampFilter.Window;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Thorax;
import org.patchct.volume.Volume;

/** FBP-UNet from scans to results. */
class FbpTrainingTest {

	private static final int SIDE = 24;

	private static final FbpScan SCAN = new FbpScan(8, 180, 1e5, Window.RAM_LAK);

	private static final PriorSettings SLICES = TrainingPreset.LAPTOP.prior("eight", "HU", PriorKind.SLICES,
		NoiseSchedule.Kind.VP);

	@TempDir
	Path folder;

	private static Volume thorax(final int seed) {
		return Thorax.create(Grid.cube(2 * SIDE, 200.0 / SIDE), seed);
	}

	private static List<FbpPair> pairs(final FbpScan scan, final int scans, final Volume volume) {
		return new FbpPairs(scan, SIDE, 2, scans, 1, "cpu").of(volume, Progress.SILENT);
	}

	private static List<TrainingVolume> volumes(final int... seeds) {
		final List<FbpPair> pairs = new ArrayList<>();
		for (final int seed : seeds)
			pairs.addAll(pairs(SCAN, 2, thorax(seed)));
		return TrainingVolumes.usablePairs(pairs, SLICES, message -> { });
	}

	private static Trainer trainer(final int steps, final List<TrainingVolume> learned, final List<TrainingVolume> heldOut) {
		final PriorSettings settings = TrainingPreset.fbp(SLICES, SCAN, FbpPairs.error(learned));
		final PriorSettings tiny = new PriorSettings("eight", new WaveletConfig(1, SIDE, List.of(8, 12, 16), List.of(1, 1, 1), 16,
			List.of(), 1, List.of()), false, false, Prediction.CLEAN, settings.schedule(), settings.networkLow(), settings
				.networkHigh(), settings.unit(), settings.low(), settings.high(), SCAN, null);
		final TrainingSettings training = new TrainingSettings(steps, 4, 2, 1, 5e-3, 2, 0.01, 0.9, 0.99, 1, 0.9, SCAN.keepsFlips(),
			SCAN.keepsTransposes(), Optimiser.MUON, false, List.of(1.0), 0, 42, 10, 0);
		return new Trainer(tiny, training, learned, heldOut, "cpu");
	}

	private static double psnr(final Reconstructor method, final Projections scan, final Volume truth, final Path network) {
		return Metrics.compare(Layouts.normalised(method.reconstruct(scan, truth.grid(), new RunSettings("cpu", 0, network),
			Progress.SILENT)), Layouts.normalised(truth), Progress.SILENT).psnr();
	}

	@Test
	void trainedNetworkCorrectsTheFbpOfAnotherVolume() {
		final List<Validation> seen = new ArrayList<>();
		final Path file = folder.resolve("eight.safetensors");
		trainer(30, volumes(1, 2), volumes(4)).onValidation(seen::add).train(folder.resolve("a"), file, Progress.SILENT);
		assertEquals(List.of(0), seen.get(0).levels());
		assertTrue(seen.get(2).psnr().get(0) > seen.get(0).psnr().get(0) + 0.5, seen.toString());
		final Volume other = thorax(5), truth = pairs(SCAN, 1, other).get(0).truth();
		final Projections scan = Simulation.scan(other, 2, SCAN.beam(truth.grid()), new NoiseModel(1e5, 0), 9, "cpu",
			Progress.SILENT);
		final double fbp = psnr(new Fbp(), scan, truth, null), corrected = psnr(new FbpUNet(), scan, truth, file);
		assertTrue(corrected > fbp + 2, corrected + " dB after " + fbp);
	}

	@Test
	void interruptedTrainingEndsWithTheSameBits() {
		final List<TrainingVolume> learned = volumes(1);
		final Path whole = folder.resolve("whole"), parts = folder.resolve("parts");
		trainer(5, learned, List.of()).train(folder.resolve("b"), whole, Progress.SILENT);
		assertThrows(OutOfMemoryError.class, () -> trainer(5, learned, List.of()).train(folder.resolve("c"), parts, (stage,
			done) -> {
			if (stage.contains("step 3 of 5")) throw new OutOfMemoryError("simulated");
		}));
		// Scanned anew, as by another run of the command.
		trainer(5, volumes(1), List.of()).train(folder.resolve("c"), parts, Progress.SILENT);
		try (SafeTensors a = SafeTensors.open(whole); SafeTensors b = SafeTensors.open(parts)) {
			assertEquals(a.metadata().get("sha256"), b.metadata().get("sha256"));
		}
		final List<TrainingVolume> otherScans = TrainingVolumes.usablePairs(pairs(new FbpScan(8, 180, 1e4, Window.RAM_LAK), 2,
			thorax(1)), SLICES, message -> { });
		assertTrue(assertThrows(InvalidInputException.class, () -> trainer(5, otherScans, List.of()).train(folder.resolve("c"),
			parts, Progress.SILENT)).getMessage().contains("belongs to another training run"));
	}

	@Test
	void turnedVolumesHaveTurnedStreaksWhereTheViewsSaySo() {
		// Not square, so that exchanged sides are seen.
		final Grid grid = new Grid(48, 40, 4, 8, 8, 8);
		for (final FbpScan scan : List.of(new FbpScan(6, 180, 0, Window.RAM_LAK), new FbpScan(5, 180, 0, Window.RAM_LAK), new FbpScan(
			6, 120, 0, Window.HANN)))
		{
			final List<FbpPair> pairs = new FbpPairs(scan, 0, 1, 4, 1, "cpu").of(Thorax.create(grid, 7), Progress.SILENT);
			for (int i = 1; i < 4; i++) {
				final boolean transpose = i % 2 == 1, flip = i >= 2;
				assertEquals(0, distance(pairs.get(0).truth(), pairs.get(i).truth(), transpose, flip));
				final double streaks = distance(pairs.get(0).fbp(), pairs.get(i).fbp(), transpose, flip);
				if ((!transpose || scan.keepsTransposes()) && (!flip || scan.keepsFlips())) assertEquals(0, streaks, 1, scan +
					", turned " + i);
				else assertTrue(streaks > 100, scan + ", turned " + i + ": " + streaks);
			}
		}
	}

	/** Largest difference of a volume with x and y exchanged, then mirrored in x, from another, HU. */
	private static double distance(final Volume volume, final Volume turned, final boolean transpose, final boolean flip) {
		final Columns a = Layouts.toColumns(volume.img()), b = Layouts.toColumns(turned.img());
		assertEquals(transpose ? a.ny() : a.nx(), b.nx());
		double most = 0;
		for (int y = 0; y < b.ny(); y++)
			for (int x = 0; x < b.nx(); x++) {
				final int fx = flip ? b.nx() - 1 - x : x;
				final float[] own = transpose ? a.column(y, fx) : a.column(fx, y), other = b.column(x, y);
				for (int z = 0; z < own.length; z++)
					most = Math.max(most, Math.abs(own[z] - other[z]));
			}
		return most;
	}

	@Test
	void scansDifferInNoiseAloneAndAlwaysInTheSameWay() {
		final Volume volume = Thorax.create(Grid.cube(16, 25), 1);
		final List<FbpPair> five = new FbpPairs(SCAN, 0, 1, 5, 1, "cpu").of(volume, Progress.SILENT), again = new FbpPairs(SCAN, 0,
			1, 5, 1, "cpu").of(volume, Progress.SILENT), other = new FbpPairs(SCAN, 0, 1, 1, 2, "cpu").of(volume,
				Progress.SILENT);
		// The fifth is turned like the first.
		assertArrayEquals(plane(five.get(0).truth()), plane(five.get(4).truth()));
		assertFalse(java.util.Arrays.equals(plane(five.get(0).fbp()), plane(five.get(4).fbp())));
		assertFalse(java.util.Arrays.equals(plane(five.get(0).fbp()), plane(other.get(0).fbp())));
		assertArrayEquals(plane(five.get(4).fbp()), plane(again.get(4).fbp()));
	}

	private static float[] plane(final Volume volume) {
		return Layouts.planes(volume.img())[8];
	}

	@Test
	void networkIsSmallAndItsNoiseIsTheErrorOfTheFbp() {
		final PriorSettings settings = TrainingPreset.fbp(SLICES, SCAN, 0.25);
		assertTrue(settings.network().create(settings.schedule()).parameterCount() <= 1_200_000);
		assertEquals(0.25, settings.schedule().sigma(0), 1e-12);
		final Columns zero = new Columns(4, 4, 2), half = zero.copy().fill(0.5f);
		assertEquals(0.5, FbpPairs.error(List.of(new TrainingVolume("v", zero, half, 1))), 1e-12);
		final TrainingSettings odd = TrainingPreset.LAPTOP.training(0, 0, new FbpScan(9, 180, 0, Window.HANN));
		assertEquals(List.of(true, false, false), List.of(odd.flips(), odd.transpose(), odd.balance()));
	}

	@Test
	void wrongKindsOfVolumesAreRefused() {
		final TrainingVolume plain = TrainingVolume.of(Thorax.create(Grid.cube(16, 25), 1), SLICES, 1);
		assertThrows(IllegalArgumentException.class, () -> new Trainer(TrainingPreset.fbp(SLICES, SCAN, 0.3), TrainingPreset.LAPTOP
			.training(5, 0, SCAN), List.of(plain), List.of(), "cpu"));
		assertEquals("Scans of each volume 0: it must be from 1 to 100.", assertThrows(InvalidInputException.class,
			() -> new FbpPairs(SCAN, 0, 1, 0, 1, "cpu")).getMessage());
		final List<String> refused = new ArrayList<>();
		final Volume grey = Layouts.denormalised("mouse", new Columns(32, 32, 4).fill(0.5f), new Grid(32, 32, 4, 1, 1, 1),
			Intensity.grey(0, 1));
		assertThrows(InvalidInputException.class, () -> TrainingVolumes.usablePairs(new FbpPairs(SCAN, 0, 1, 1, 1, "cpu").of(grey,
			Progress.SILENT), SLICES, refused::add));
		assertEquals("Left out: \"mouse\" is in grey and the prior in HU: they must be the same.", refused.get(0));
	}
}
