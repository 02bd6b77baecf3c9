package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.network.SafeTensors;

/** A training in a JVM of its own that is killed, without any chance to tidy up, and started again. */
class KilledTrainingTest {

	private static final int KILLS = 20, STEPS = 120;

	/** Steps of a child before it is killed; twenty times as many are fewer than {@link #STEPS}. */
	private static final int MOST_STEPS = 4;

	/** A kill up to this long after a step's report hits the writing of its checkpoint or the step after it. */
	private static final int STEP_MILLIS = 10;

	/** Loading Java and PyTorch takes longer everywhere. */
	private static final int START_MILLIS = 400;

	@TempDir
	Path folder;

	/** The child: trains in a folder, with a checkpoint after every step, and prints each step. */
	public static void main(final String... args) {
		final Path folder = Path.of(args[0]);
		TrainerTest.trainer(TrainerTest.settings(STEPS)).train(folder.resolve("checkpoint"), folder.resolve("prior"), (stage,
			done) -> System.out.println(Math.round(done * STEPS)));
	}

	@Test
	@Timeout(600)
	void trainingKilledTwentyTimesEndsWithTheBitsOfAnUndisturbedOne() throws Exception {
		final Path whole = Files.createDirectory(folder.resolve("whole")), killed = Files.createDirectory(folder.resolve(
			"killed"));
		final Random random = new Random(2026);
		int last = 0;
		for (int kill = 0; kill < KILLS; kill++) {
			final Process child = start(killed);
			try (BufferedReader steps = child.inputReader()) {
				// Most while training, every fifth while starting.
				final int count = kill % 5 == 4 ? 0 : 1 + random.nextInt(MOST_STEPS);
				for (int i = 0; i < count; i++) {
					final int step = Integer.parseInt(steps.readLine());
					if (i == 0) assertTrue(step >= last, "resumed with step " + step + " although " + last +
						" was being saved: more than one checkpoint is lost");
					last = step;
				}
				Thread.sleep(random.nextInt(count == 0 ? START_MILLIS : STEP_MILLIS));
				// Not the process's own method, which closes the stream.
				child.toHandle().destroyForcibly();
				// Steps that were reported meanwhile.
				for (String step; (step = steps.readLine()) != null;)
					last = Integer.parseInt(step);
			}
			assertNotEquals(0, child.waitFor(), "it ended before it was killed");
			assertTrue(files(killed).stream().filter(name -> name.endsWith(".part")).count() <= 1, files(killed).toString());
		}
		assertTrue(last > KILLS && last < STEPS, "killed at step " + last);
		finish(killed);
		finish(whole);
		assertEquals(List.of("checkpoint", "prior"), files(killed));
		assertSameTensors(whole.resolve("checkpoint"), killed.resolve("checkpoint"));
		assertSameTensors(whole.resolve("prior"), killed.resolve("prior"));
	}

	private static void assertSameTensors(final Path a, final Path b) {
		try (SafeTensors one = SafeTensors.open(a); SafeTensors other = SafeTensors.open(b)) {
			assertEquals(one.names(), other.names());
			for (final String name : one.names())
				assertArrayEquals(one.values(name), other.values(name), name);
		}
	}

	private static void finish(final Path folder) throws IOException, InterruptedException {
		final Process child = start(folder);
		try (BufferedReader steps = child.inputReader()) {
			while (steps.readLine() != null);
		}
		assertEquals(0, child.waitFor());
	}

	private static Process start(final Path folder) throws IOException {
		// As little of a JVM as will do, since most of a child's life is its start; and one thread, since a network this small
		// gains nothing from more.
		final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
			.toString(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
			"-Dai.djl.pytorch.num_threads=1", "-cp", System
				.getProperty("java.class.path"), KilledTrainingTest.class.getName(), folder.toString()));
		return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
	}

	private static List<String> files(final Path folder) throws IOException {
		try (Stream<Path> files = Files.list(folder)) {
			return files.map(file -> file.getFileName().toString()).sorted().toList();
		}
	}
}
