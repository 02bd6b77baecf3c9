package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class PriorEvaluationTest {

	private static final UNetConfig TINY = new UNetConfig(5, 1, 8, 2, 8, List.of(1, 2), 1, List.of(), false, 4);

	@TempDir
	Path folder;

	private static PriorSettings settings(final int timesteps) {
		return new PriorSettings("tiny", TINY, true, true, Prediction.V, timesteps, 1e-4, 0.02, -1, 1, "grey", 0, 1, null);
	}

	/** A ball of 0.75 in 0.25, in grey values from 100 to 300. */
	private static Volume ball(final int n) {
		final Columns columns = new Columns(n, n, n - 2).fill(0.25f);
		for (int y = 0; y < n; y++)
			for (int x = 0; x < n; x++)
				for (int z = 0; z < n - 2; z++)
					if (Math.hypot(Math.hypot(x - n / 2, y - n / 2), z - n / 2) < n / 3.0) columns.column(x, y)[z] = 0.75f;
		return Layouts.denormalised("ball", columns, new Grid(n, n, n - 2, 2, 2, 2), Intensity.grey(100, 300));
	}

	@Test
	void levelsAreThoseOfTheScheduleAndPsnrThatOfTheirNoise() {
		final List<PriorEvaluation.Row> rows = measure(1);
		assertEquals(List.of(50, 100, 200, 400), rows.stream().map(PriorEvaluation.Row::t).toList());
		// The table of the project's first experiments; sigma on data in [0, 1].
		final double[] sigmas = { 0.09, 0.17, 0.36, 1.02 };
		for (int i = 0; i < 4; i++)
			assertEquals(sigmas[i], rows.get(i).sigma(), 0.01);
		// Clipping takes little of the noise at the lowest level, as 0.25 and 0.75 are almost three sigmas from the ends.
		assertEquals(-20 * Math.log10(rows.get(0).sigma()), rows.get(0).noisy(), 0.15);
		for (int i = 0; i < 4; i++) {
			assertTrue(rows.get(i).tv() > rows.get(i).noisy() + 3, rows.toString());
			assertTrue(rows.get(i).tv() > rows.get(i).prior(), "weights are random: " + rows);
		}
	}

	@Test
	void seedDecidesEveryNumber() {
		assertEquals(measure(5), measure(5));
		assertNotEquals(measure(5), measure(6));
	}

	private static List<PriorEvaluation.Row> measure(final long seed) {
		try (Prior prior = Prior.create(settings(1000), "cpu", 1)) {
			return PriorEvaluation.measure(prior, ball(12), seed, Progress.SILENT);
		}
	}

	@Test
	void shortScheduleIsRefused() {
		try (Prior prior = Prior.create(settings(400), "cpu", 1)) {
			assertTrue(assertThrows(InvalidInputException.class, () -> PriorEvaluation.measure(prior, ball(10), 1,
				Progress.SILENT)).getMessage().contains("has 400 noise levels"));
		}
	}

	@Test
	void verdictIsThatOfTheWorstLevel() {
		assertTrue(PriorEvaluation.verdict(rows(3.2, 1.58)).contains("by at least 1.5 dB: good enough to use"));
		assertTrue(PriorEvaluation.verdict(rows(3.2, 1.49)).startsWith(
			"Better than total variation at every noise level, but only by 1.49 dB at t=100. A useful prior is better by 1.5"));
		assertTrue(PriorEvaluation.verdict(rows(3.2, -0.5)).startsWith(
			"Not better than total variation at t=100 (-0.50 dB). "));
		assertFalse(PriorEvaluation.verdict(rows(Double.NaN, 2)).contains("good enough"));
	}

	private static List<PriorEvaluation.Row> rows(final double... margins) {
		return List.of(new PriorEvaluation.Row(50, 0.09, 21, 30, 30 + margins[0]), new PriorEvaluation.Row(100, 0.17, 16, 27,
			27 + margins[1]));
	}

	@Test
	void priorKnowsWhatItWasTrainedOn() {
		final JsonArray volumes = new JsonArray();
		volumes.add("liver 12, 8 x 8 x 8, weight 1.0, CRC-32 0");
		final JsonObject record = new JsonObject();
		record.add("volumes", volumes);
		assertTrue(PriorEvaluation.trainedOn(settings(1000).withRecord(record), "liver 12"));
		assertFalse(PriorEvaluation.trainedOn(settings(1000).withRecord(record), "liver"));
		assertFalse(PriorEvaluation.trainedOn(settings(1000), "liver 12"));
	}

	@Test
	void plotIsDrawnForAnyNumbers() {
		PriorEvaluation.write(rows(1, 2), "A caption. ".repeat(20), folder.resolve("new folder"));
		PriorEvaluation.write(rows(Double.POSITIVE_INFINITY, -40), "Perfect, and poor", folder);
		assertTrue(folder.resolve(PriorEvaluation.FIGURE).toFile().length() > 1000);
	}
}
