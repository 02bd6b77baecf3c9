package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.SafeTensors;
import org.patchct.network.UNetConfig;
import org.patchct.network.WaveletConfig;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

class TrainerTest {

	private static final PriorSettings PRIOR = new PriorSettings("tiny", new WaveletConfig(5, 8, List.of(4, 8), List.of(1, 1),
		16, List.of(300)), true, true, Prediction.CLEAN, 1000, 1e-4, 0.02, 0, 2, "HU", -1000, 1000, null);

	/** Crops of 8 voxels of groups of three slices, adjacent or two apart. */
	private static final PriorSettings GROUPS = new PriorSettings("groups", new WaveletConfig(3, 8, List.of(4, 8), List.of(1,
		1), 16, List.of(300), 3, List.of(1, 2)), false, false, Prediction.CLEAN, NoiseSchedule.ho(), 0, 2, "HU", -1000, 1000,
		null);

	private static final PriorSettings EXPLODING = new PriorSettings("slices", new WaveletConfig(1, 8, List.of(4, 8), List.of(
		1, 1), 16, List.of(391), 1, List.of()), false, false, Prediction.CLEAN, new NoiseSchedule(NoiseSchedule.Kind.VE, 1000,
			0.02, 756), 0, 2, "HU", -1000, 1000, null);

	@TempDir
	Path folder;

	static TrainingSettings settings(final int steps) {
		return new TrainingSettings(steps, 4, 2, 1.5, 1e-2, 2, 0.01, 0.9, 0.99, 1, 0.9, true, true, Optimiser.MUON, true, List
			.of(0.6, 0.4), 0.3, 42, 10, 0);
	}

	@Test
	void runThatDiedAndWasStoppedEndsWithTheSameBits() throws IOException {
		resumes(PRIOR);
	}

	@Test
	void runOnGroupsOfSlicesEndsWithTheSameBitsToo() throws IOException {
		resumes(GROUPS);
	}

	private void resumes(final PriorSettings prior) throws IOException {
		final Path whole = folder.resolve("whole.safetensors"), parts = folder.resolve("parts.safetensors");
		trainer(prior, settings(6)).train(folder.resolve("a"), whole, Progress.SILENT);
		// Dies while it reports the third step, so that the checkpoint of the second is all that is left; is then stopped
		// by the user two steps later.
		assertThrows(OutOfMemoryError.class, () -> trainer(prior, settings(6)).train(folder.resolve("b"), parts, (stage, done) -> {
			if (stage.contains("step 3 of 6")) throw new OutOfMemoryError("simulated");
		}));
		assertThrows(CancelledException.class, () -> trainer(prior, settings(6)).train(folder.resolve("b"), parts, new StopAfter(
			2)));
		assertTrue(Files.notExists(parts));
		trainer(prior, settings(6)).train(folder.resolve("b"), parts, Progress.SILENT);
		try (SafeTensors a = SafeTensors.open(folder.resolve("a")); SafeTensors b = SafeTensors.open(folder.resolve("b"))) {
			assertEquals(a.names(), b.names());
			for (final String name : a.names())
				assertArrayEquals(a.values(name), b.values(name), name);
		}
		try (SafeTensors a = SafeTensors.open(whole); SafeTensors b = SafeTensors.open(parts)) {
			assertEquals(a.metadata().get("sha256"), b.metadata().get("sha256"));
		}
	}

	@Test
	void trainingDenoisesBetterAndRecordsHow() {
		final List<Validation> seen = new ArrayList<>();
		final Path file = folder.resolve("prior.safetensors");
		trainer(settings(90)).onValidation(seen::add).train(folder.resolve("c"), file, Progress.SILENT);
		assertEquals(9, seen.size());
		// At t = 50, 100 and 200.
		for (int i = 0; i < 3; i++)
			assertTrue(seen.get(8).psnr().get(i) > seen.get(0).psnr().get(i) + 0.1, seen.toString());
		try (Prior prior = Prior.open(file, "cpu")) {
			final var record = prior.settings().record();
			assertEquals(90, record.getAsJsonObject("training").get("steps").getAsInt());
			assertEquals(2, record.getAsJsonArray("volumes").size());
			assertEquals(9, record.getAsJsonArray("validation").size());
			assertEquals(PRIOR, prior.settings().withRecord(null));
		}
	}

	@Test
	void slicesAndGroupsAreLearntToo() {
		// Slices of 64 voxels say little each.
		final TrainingSettings many = new TrainingSettings(60, 16, 2, 1.5, 5e-3, 2, 0.01, 0.9, 0.99, 1, 0.9, true, true,
			Optimiser.MUON, true, List.of(0.6, 0.4), 0, 42, 10, 0);
		for (final PriorSettings prior : List.of(GROUPS, EXPLODING)) {
			final List<Validation> seen = new ArrayList<>();
			final List<Img<FloatType>> pictures = new ArrayList<>();
			final Path file = folder.resolve(prior.name() + ".safetensors");
			trainer(prior, many).onValidation(seen::add).onSample(pictures::add).train(folder.resolve(prior.name()),
				file, Progress.SILENT);
			// At the σ of t = 50, 100 and 200 of the usual schedule.
			for (int i = 0; i < 3; i++)
				assertTrue(seen.get(5).psnr().get(i) > seen.get(0).psnr().get(i) + 0.1, seen.toString());
			assertEquals(0.9f, Layouts.planes(pictures.get(0))[0][8 * 48 + 8], 1e-6f);
			try (Prior open = Prior.open(file, "cpu")) {
				assertEquals(prior, open.settings().withRecord(null));
			}
		}
	}

	@Test
	void explodingVarianceCanStartFromAPriorOfPreservedVariance() {
		final PriorSettings preserving = new PriorSettings("vp", EXPLODING.network(), false, false, Prediction.CLEAN,
			NoiseSchedule.ho(), 0, 2, "HU", -1000, 1000, null);
		final Path prior = folder.resolve("vp.safetensors");
		final List<Validation> seen = new ArrayList<>();
		trainer(preserving, settings(60)).onValidation(seen::add).train(folder.resolve("m"), prior, Progress.SILENT);
		final double before = seen.get(seen.size() - 1).psnr().get(2);
		final TrainingSettings gentle = new TrainingSettings(1, 4, 2, 2, 1e-9, 0, 0, 0.9, 0.99, 1, 0, true, true,
			Optimiser.ADAMW, false, List.of(0.5, 0.5), 0, 42, 1, 1000);
		trainer(EXPLODING, gentle).startFrom(prior).onValidation(seen::add).train(folder.resolve("n"), folder.resolve("p"),
			Progress.SILENT);
		assertEquals(before, seen.get(seen.size() - 1).psnr().get(2), 0.2);
	}

	@Test
	void runCanStartFromThePriorOrCheckpointOfAnother() {
		final Path checkpoint = folder.resolve("f"), prior = folder.resolve("prior");
		trainer(settings(8)).train(checkpoint, prior, Progress.SILENT);
		final List<Validation> seen = new ArrayList<>();
		for (final Path start : List.of(checkpoint, prior)) {
			final TrainingSettings gentle = new TrainingSettings(1, 4, 2, 2, 1e-9, 0, 0, 0.9, 0.99, 1, 0, true, true,
				Optimiser.ADAMW, false, List.of(0.5, 0.5), 0, 42, 1, 1000);
			trainer(gentle).startFrom(start).onValidation(seen::add).train(folder.resolve("g" + seen.size()), folder.resolve(
				"p"), Progress.SILENT);
		}
		trainer(settings(8)).onValidation(seen::add).train(folder.resolve("h"), folder.resolve("p"), Progress.SILENT);
		// After one vanishing step the prior's loss is that of the run which made it.
		assertEquals(seen.get(2).loss(), seen.get(1).loss(), 1e-5);
		assertEquals(seen.get(2).loss(), seen.get(0).loss(), 0.1 * seen.get(2).loss());
		final String message = assertThrows(InvalidInputException.class, () -> trainer(settings(5)).startFrom(folder.resolve(
			"none")).train(folder.resolve("i"), folder.resolve("p"), Progress.SILENT)).getMessage();
		assertTrue(message.contains("There is no file"), message);
	}

	@Test
	void runIsOnlyResumedFromTheSameStart() {
		final Path one = folder.resolve("one"), other = folder.resolve("other"), checkpoint = folder.resolve("j");
		final Path prior = folder.resolve("p");
		trainer(settings(3)).train(one, prior, Progress.SILENT);
		trainer(settings(4)).train(other, prior, Progress.SILENT);
		trainer(settings(3)).startFrom(one).train(checkpoint, prior, Progress.SILENT);
		for (final Trainer changed : List.of(trainer(settings(3)), trainer(settings(3)).startFrom(other)))
			assertTrue(assertThrows(InvalidInputException.class, () -> changed.train(checkpoint, prior, Progress.SILENT))
				.getMessage().contains("another training run"));
		trainer(settings(3)).startFrom(one).train(checkpoint, prior, Progress.SILENT);
	}

	@Test
	void checkpointOfAnotherRunIsRefused() {
		final Path checkpoint = folder.resolve("d");
		trainer(settings(2 + 1)).train(checkpoint, folder.resolve("p"), Progress.SILENT);
		final String message = assertThrows(InvalidInputException.class, () -> trainer(settings(8)).train(checkpoint, folder
			.resolve("p"), Progress.SILENT)).getMessage();
		assertTrue(message.contains("another training run") && message.contains("\"steps\":8"), message);
	}

	@Test
	void damagedCheckpointIsRefused() throws IOException {
		final Path checkpoint = folder.resolve("e");
		trainer(settings(3)).train(checkpoint, folder.resolve("p"), Progress.SILENT);
		final byte[] bytes = Files.readAllBytes(checkpoint);
		bytes[bytes.length - 3] ^= 4;
		Files.write(checkpoint, bytes);
		assertTrue(assertThrows(InvalidInputException.class, () -> trainer(settings(3)).train(checkpoint, folder.resolve(
			"p"), Progress.SILENT)).getMessage().contains("fails its checksum"));
		Files.write(checkpoint, Arrays.copyOf(bytes, 100));
		assertThrows(InvalidInputException.class, () -> trainer(settings(3)).train(checkpoint, folder.resolve("p"),
			Progress.SILENT));
	}

	@Test
	void listenersSeeEveryStepAndPicturesAndChangeNothing() throws IOException {
		final List<Integer> steps = new ArrayList<>();
		final List<Img<FloatType>> pictures = new ArrayList<>();
		final Path watched = folder.resolve("watched"), alone = folder.resolve("alone");
		trainer(settings(4)).onStep((step, loss) -> {
			steps.add(step);
			assertTrue(loss > 0 && loss < 10, "loss " + loss);
		}).onSample(pictures::add).train(folder.resolve("k"), watched, Progress.SILENT);
		trainer(settings(4)).train(folder.resolve("l"), alone, Progress.SILENT);
		try (SafeTensors a = SafeTensors.open(watched); SafeTensors b = SafeTensors.open(alone)) {
			assertEquals(a.metadata().get("sha256"), b.metadata().get("sha256"));
		}
		assertEquals(IntStream.rangeClosed(1, 4).boxed().toList(), steps);
		// After the first step and at the end.
		assertEquals(2, pictures.size());
		// The held-out ball in 12 x 13 voxels, covered by 2 x 2 patches of 8, three times.
		final float[] plane = Layouts.planes(pictures.get(1))[0];
		assertEquals(48, pictures.get(1).dimension(0));
		assertEquals(16 * 48, plane.length);
		assertEquals(0.9f, plane[8 * 48 + 8], 1e-6f); // the core, without noise
		assertEquals(0, plane[8 * 48 + 1]);
		double noisy = 0, denoised = 0;
		for (int i = 0; i < plane.length; i++) {
			assertTrue(plane[i] >= 0 && plane[i] <= 1);
			if (i % 48 >= 16) continue;
			noisy += Math.abs(plane[i + 16] - plane[i]);
			denoised += Math.abs(plane[i + 32] - plane[i]);
		}
		assertTrue(denoised < noisy, denoised + " after, " + noisy + " before");
	}

	@Test
	void publishedKindOfNetworkLearnsTheNoise() {
		final PriorSettings published = PriorSettings.hounsfield("unet", new UNetConfig(5, 1, 8, 1, 8, List.of(1, 2), 1, List
			.of(), true, 4), Prediction.EPSILON);
		final TrainingSettings plain = new TrainingSettings(30, 4, 2, 1, 3e-3, 2, 0, 0.9, 0.99, 1, 0.9, true, true, 42, 10, 0);
		final List<Validation> seen = new ArrayList<>();
		trainer(published, plain).onValidation(seen::add).train(folder.resolve("u"), folder.resolve("u.safetensors"),
			Progress.SILENT);
		assertTrue(seen.get(2).loss() < 0.95 * seen.get(0).loss(), seen.toString());
	}

	@Test
	void sharesMustMatchTheExperts() {
		final TrainingSettings plain = new TrainingSettings(3, 4, 2, 1, 3e-3, 2, 0, 0.9, 0.99, 1, 0.9, true, true, 42, 10, 0);
		assertTrue(assertThrows(InvalidInputException.class, () -> trainer(PRIOR, plain)).getMessage().contains(
			"expert shares [1.0]"));
	}

	@Test
	void learningRateRisesThenFallsToNothing() {
		final TrainingSettings s = new TrainingSettings(100, 4, 2, 1, 1e-3, 10, 0, 0.9, 0.99, 1, 0, false, false, 0, 1, 0);
		assertEquals(1e-4, s.learningRate(0), 1e-12);
		assertEquals(1e-3, s.learningRate(9), 1e-12);
		assertEquals(1e-3, s.learningRate(10), 1e-12);
		assertEquals(5e-4, s.learningRate(55), 1e-12);
		assertEquals(1e-3 / 90, s.learningRate(99), 1e-12);
	}

	@Test
	void impossibleSettingsAreRefusedByName() {
		for (final String[] wrong : new String[][] { { "steps", "0" }, { "volumesPerStep", "3" }, { "beta2", "1" } }) {
			final String message = assertThrows(InvalidInputException.class, () -> new TrainingSettings(wrong[0].equals(
				"steps") ? 0 : 5, 4, wrong[0].equals("volumesPerStep") ? 3 : 2, 1, 1e-3, 0, 0, 0.9, wrong[0].equals("beta2") ? 1
					: 0.99, 1, 0, false, false, 0, 1, 0)).getMessage();
			assertTrue(message.startsWith("Training setting " + wrong[0] + " is " + wrong[1]), message);
		}
		assertThrows(InvalidInputException.class, () -> new Trainer(PRIOR, settings(3), List.of(), List.of(), "cpu"));
	}

	@Test
	void volumesAreClippedBelowButNotAbove() {
		final Columns columns = new Columns(2, 1, 2);
		columns.column(0, 0)[0] = -0.5f;
		columns.column(1, 0)[1] = 1.8f;
		final var volume = Layouts.denormalised("bone", columns, new Grid(2, 1, 2, 1, 1, 1), Intensity.HU);
		final Columns network = TrainingVolume.of(volume, PRIOR, 1).columns();
		assertEquals(0, network.column(0, 0)[0]);
		assertEquals(3.6f, network.column(1, 0)[1], 1e-5f);
	}

	@Test
	void greyVolumesAreSeenThroughTheirOwnWindows() {
		final PriorSettings grey = new PriorSettings("grey", PRIOR.network(), true, true, Prediction.V, 1000, 1e-4, 0.02, -1, 1,
			"grey", 0, 1, null);
		final Columns columns = new Columns(2, 1, 2);
		columns.column(1, 0)[1] = 0.75f;
		for (final Intensity window : List.of(Intensity.grey(0, 255), Intensity.grey(-3, 7e4))) {
			final Columns network = TrainingVolume.of(Layouts.denormalised("mouse", columns, new Grid(2, 1, 2, 1, 1, 1), window),
				grey, 1).columns();
			assertEquals(-1, network.column(0, 0)[0], 1e-6);
			assertEquals(0.5, network.column(1, 0)[1], 1e-6);
		}
	}

	@Test
	void unusableVolumesAreRefusedByName() {
		final Columns columns = new Columns(2, 1, 2);
		columns.column(1, 0)[0] = Float.NaN;
		final Grid grid = new Grid(2, 1, 2, 1, 1, 1);
		assertTrue(assertThrows(InvalidInputException.class, () -> TrainingVolume.of(Layouts.denormalised("holes", columns,
			grid, Intensity.HU), PRIOR, 1)).getMessage().contains("\"holes\""));
		assertTrue(assertThrows(InvalidInputException.class, () -> TrainingVolume.of(Layouts.denormalised("mouse",
			new Columns(2, 1, 2), grid, Intensity.grey(0, 255)), PRIOR, 1)).getMessage().contains("\"mouse\""));
	}

	static Trainer trainer(final TrainingSettings settings) {
		return trainer(PRIOR, settings);
	}

	private static Trainer trainer(final PriorSettings prior, final TrainingSettings settings) {
		final float air = (float) prior.networkLow();
		return new Trainer(prior, settings, List.of(ball("one", 14, 5, air), ball("two", 11, 4, air)), List.of(ball("held out",
			12, 4.5, air)), "cpu");
	}

	/** A ball of soft tissue with a dense core in air. */
	private static TrainingVolume ball(final String name, final int n, final double radius,
		final float air)
	{
		final Columns columns = new Columns(n, n + 1, n - 1).fill(air);
		for (int y = 0; y < n + 1; y++)
			for (int x = 0; x < n; x++)
				for (int z = 0; z < n - 1; z++) {
					final double r = Math.sqrt(Math.pow(x - n / 2.0, 2) + Math.pow(y - n / 2.0, 2) + Math.pow(z - n / 2.0, 2));
					if (r < radius) columns.column(x, y)[z] = air + (r < radius / 2 ? 1.8f : 1.05f);
				}
		return new TrainingVolume(name, columns, 1);
	}

	/** Asks to stop once a number of steps has been reported. */
	private static final class StopAfter implements Progress {

		private final int steps;

		private volatile int seen;

		StopAfter(final int steps) {
			this.steps = steps;
		}

		@Override
		public void update(final String stage, final double done) {
			seen++;
		}

		@Override
		public boolean cancelled() {
			return seen >= steps;
		}
	}
}
