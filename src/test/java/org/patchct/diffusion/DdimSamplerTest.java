package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.patchct.bench.PatchBorders;
import org.patchct.network.NoiseSchedule;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.ForwardingProgress;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;

class DdimSamplerTest {

	private static final NoiseSchedule SCHEDULE = new NoiseSchedule(1000, 1e-4, 0.02);

	private static final Grid GRID = new Grid(6, 5, 4, 1.2, 0.9, 1.5);

	/** What a pass of {@link GaussianPrior} was asked. */
	private record Asked(int timestep, int x, int y, int z, int turn, NoiseField padding) { }

	/**
	 * The exact denoiser of independent voxels x0 ~ N(μ, s²): E[x0 | x_t] = μ + √ᾱ s² / (ᾱ s² + 1 − ᾱ) · (x_t − √ᾱ μ). As
	 * a patch denoiser's would, its answer depends a little on the offset.
	 */
	private static class GaussianPrior implements Denoiser {

		static final double MU = -0.2, VARIANCE = 0.09;

		final List<Asked> asked = new ArrayList<>();

		@Override
		public int patch() {
			return 4;
		}

		@Override
		public void denoise(final Columns noisy, final int t, final Placement placement, final NoiseField padding,
			final Columns clean, final Progress progress)
		{
			progress.checkCancelled();
			asked.add(new Asked(t, placement.x(), placement.y(), placement.z(), placement.turn(), padding));
			clean.forColumns(i -> {
				for (int k = 0; k < clean.nz(); k++)
					clean.data()[i][k] = (float) shrink(noisy.data()[i][k], t, placement);
			});
		}

		static double shrink(final double x, final int t, final Placement placement) {
			final double a = SCHEDULE.alphaBar(t), mu = MU + 0.01 * (placement.x() + 2 * placement.y() + 3 * placement.z());
			return mu + Math.sqrt(a) * VARIANCE / (a * VARIANCE + 1 - a) * (x - Math.sqrt(a) * mu);
		}
	}

	/** Knows the volume, and returns the noise that x_t truly holds beside it, as x̂0 = (x_t − √(1−ᾱ) ε) / √ᾱ. */
	private record Oracle(Columns truth) implements Denoiser {

		@Override
		public int patch() {
			return 1;
		}

		@Override
		public void denoise(final Columns noisy, final int t, final Placement placement, final NoiseField padding,
			final Columns clean, final Progress progress)
		{
			final float signal = (float) SCHEDULE.signal(t), noise = (float) SCHEDULE.noise(t);
			clean.forColumns(i -> {
				for (int k = 0; k < clean.nz(); k++) {
					final float x = noisy.data()[i][k], epsilon = (x - signal * truth.data()[i][k]) / noise;
					clean.data()[i][k] = (x - noise * epsilon) / signal;
				}
			});
		}
	}

	private static Columns volume() {
		return NoiseField.of(99).mixInto(Columns.of(GRID).fill(-0.2f), 1, 0.3f);
	}

	private static DataConsistency consistency(final Columns truth, final int iterations, final double... angles) {
		final Projector projector = projector(angles);
		final Columns y = projector.newProjections();
		projector.forward(truth.copy().affine(0.5f, 0.5f), y);
		return new CgDataConsistency(projector, y, -1, 1, iterations, 0, 0);
	}

	private static Projector projector(final double... angles) {
		return Projectors.create(GRID, ParallelBeam.covering(GRID, angles), "cpu");
	}

	private static double largestError(final Columns a, final Columns b) {
		double largest = 0;
		for (int c = 0; c < a.data().length; c++)
			for (int k = 0; k < a.nz(); k++)
				largest = Math.max(largest, Math.abs(a.data()[c][k] - b.data()[c][k]));
		return largest;
	}

	@ParameterizedTest
	@CsvSource({ "200, 2, 0.8, 5", "200, 1, 0.4, 0", "1, 1, 0, 0", "1000, 1, 1, 0", "7, 3, 0, 2" })
	void trueNoiseRecoversTheVolume(final int steps, final int passes, final double eta, final int iterations) {
		final Columns truth = volume();
		final SamplerSettings settings = new SamplerSettings(steps, passes, eta, iterations, 0, WarmStart.NOISE,
			SamplerSettings.TOP, Offsets.RANDOM, 1);
		final Columns result = new DdimSampler(SCHEDULE, new Oracle(truth), iterations == 0 ? DataConsistency.NONE
			: consistency(truth, iterations, 0, 50, 120), settings, 5).sample(Columns.of(GRID), Progress.SILENT);
		assertTrue(largestError(result, truth) < 1e-4, "largest error " + largestError(result, truth));
	}

	@ParameterizedTest
	@CsvSource({ "10, 0", "300, 2", "999, 5" })
	void warmStartWithTheTrueNoiseReturnsTheVolume(final int level, final int iterations) {
		final Columns truth = volume();
		final SamplerSettings settings = SamplerSettings.PAPER.withSteps(10).withStart(WarmStart.FBP, level);
		final Columns start = NoiseField.of(3).mixInto(truth.copy(), 1, 0.1f);
		final Columns result = new DdimSampler(SCHEDULE, new Oracle(truth), consistency(truth, iterations, 0, 90), settings,
			5).sample(start, Progress.SILENT);
		assertTrue(largestError(result, truth) < 1e-4, "largest error " + largestError(result, truth));
	}

	@Test
	void dataConsistencyMendsWhatTheDenoiserGetsWrong() {
		final Columns truth = volume();
		final Columns biased = truth.copy().affine(0.8f, 0.1f);
		final SamplerSettings settings = SamplerSettings.PAPER.withSteps(10).withCgIterations(50);
		final double without = new DdimSampler(SCHEDULE, new Oracle(biased), DataConsistency.NONE, settings, 5).sample(
			Columns.of(GRID), Progress.SILENT).add(-1, truth).norm();
		final double with = new DdimSampler(SCHEDULE, new Oracle(biased), consistency(truth, 50, ScanGeometry.evenAngles(12,
			0, 180)), settings, 5).sample(Columns.of(GRID), Progress.SILENT).add(-1, truth).norm();
		assertTrue(with < 0.05 * without, with + " with, " + without + " without");
	}

	/** Algorithm 1 again in plain double arrays, with the system matrix written out. */
	@ParameterizedTest
	@CsvSource({ "NOISE, 999, 3, 2, 0.8, 1", "NOISE, 999, 2, 1, 0.4, 1", "FBP, 400, 2, 3, 0, 1", "ADMM_TV, 5, 3, 2, 1, 1",
		"FBP, 300, 3, 2, 0.6, 0.7", "ADMM_TV, 100, 3, 1, 1, 0" })
	void stepsAgreeWithAnIndependentComputation(final WarmStart start, final int level, final int steps,
		final int passes, final double eta, final double temperature)
	{
		final long seed = -17;
		final double[] angles = { 10, 70, 130 };
		final int iterations = 3;
		final Columns truth = volume();
		final SamplerSettings settings = new SamplerSettings(steps, passes, eta, iterations, 0, start, level,
			Offsets.RANDOM, 1).withTemperature(temperature);
		final GaussianPrior prior = new GaussianPrior();
		final DdimSampler sampler = new DdimSampler(SCHEDULE, prior, consistency(truth, iterations, angles), settings,
			seed);
		final Columns begin = volume().affine(0.9f, 0.05f);
		final double[] warm = flat(begin);
		final double[] actual = flat(sampler.sample(begin, Progress.SILENT));

		final double[][] a = matrix(projector(angles));
		final double[] y = multiply(a, Arrays.stream(flat(truth)).map(v -> (v + 1) / 2).toArray());
		final int n = warm.length;
		double[] x = gaussians(NoiseField.of(seed, DdimSampler.START));
		if (start != WarmStart.NOISE) for (int i = 0; i < n; i++)
			x[i] = Math.sqrt(SCHEDULE.alphaBar(level)) * warm[i] + Math.sqrt(1 - SCHEDULE.alphaBar(level)) * x[i];
		double[] expected = null;
		int asked = 0;
		for (int step = 0; step < steps; step++) {
			final int t = (steps - step) * (level + 1) / steps - 1;
			final int next = (steps - step - 1) * (level + 1) / steps - 1;
			final double alpha = SCHEDULE.alphaBar(t), alphaNext = next < 0 ? 1 : SCHEDULE.alphaBar(next);
			final double[] mean = new double[n], noise = new double[n];
			for (int w = 0; w < passes; w++) {
				final Asked question = prior.asked.get(asked++);
				assertEquals(t, question.timestep());
				final Placement placement = new Placement(question.x(), question.y(), question.z(), 0);
				final double[] z = gaussians(NoiseField.of(seed, DdimSampler.PASS, step, w));
				for (int i = 0; i < n; i++) {
					final double x0 = GaussianPrior.shrink(x[i], t, placement);
					mean[i] += x0 / passes;
					noise[i] += (x[i] - Math.sqrt(alpha) * x0) / Math.sqrt(1 - alpha) / Math.sqrt(passes);
					x[i] = Math.sqrt(alpha) * x0 + temperature * Math.sqrt(1 - alpha) * z[i];
				}
			}
			expected = conjugateGradients(a, y, mean, iterations);
			final double[] z = gaussians(NoiseField.of(seed, DdimSampler.STEP, step));
			x = new double[n];
			for (int i = 0; i < n; i++)
				x[i] = Math.sqrt(alphaNext) * expected[i] + temperature * Math.sqrt(1 - alphaNext) * (Math.sqrt(1 - eta * eta) *
					noise[i] + eta * z[i]);
		}
		assertEquals(asked, prior.asked.size());
		assertArrayEquals(expected, actual, 1e-5);
	}

	/** The flow of a Gaussian prior (η = 0) is known: x0 − μ = (x_t − √ᾱ μ) s / √(ᾱ s² + 1 − ᾱ). */
	@ParameterizedTest
	@CsvSource({ "EVEN", "LOG_SIGMA", "KARRAS" })
	void stepsOfSecondOrderFollowTheFlowMoreClosely(final Spacing spacing) {
		final double first = flowError(spacing, 1, 16), second = flowError(spacing, 2, 16);
		assertTrue(second < 0.6 * first, second + " in second order, " + first + " in first");
		assertTrue(flowError(spacing, 1, 32) < 0.7 * first);
	}

	private static double flowError(final Spacing spacing, final int order, final int steps) {
		final int level = 600;
		final SamplerSettings settings = SamplerSettings.GENERATE.withSteps(steps).withStart(WarmStart.FBP, level).withEta(0)
			.withSpacing(spacing).withOrder(order);
		final Denoiser prior = new GaussianPrior() {

			@Override
			public int patch() {
				return 1;
			}
		};
		final Columns start = volume();
		final double[] x = flat(NoiseField.of(7, DdimSampler.START).mixInto(start.copy(), (float) SCHEDULE.signal(level),
			(float) SCHEDULE.noise(level)));
		final double[] actual = flat(new DdimSampler(SCHEDULE, prior, DataConsistency.NONE, settings, 7).sample(start,
			Progress.SILENT));
		final double alpha = SCHEDULE.alphaBar(level), s2 = GaussianPrior.VARIANCE, mu = GaussianPrior.MU;
		double sum = 0;
		for (int i = 0; i < x.length; i++)
			sum += Math.pow(actual[i] - mu - (x[i] - Math.sqrt(alpha) * mu) * Math.sqrt(s2 / (alpha * s2 + 1 - alpha)), 2);
		return Math.sqrt(sum / x.length);
	}

	@Test
	void secondOrderRecoversTheVolumeToo() {
		final Columns truth = volume();
		final SamplerSettings settings = SamplerSettings.PAPER.withSteps(20).withOrder(2);
		final Columns result = new DdimSampler(SCHEDULE, new Oracle(truth), consistency(truth, 5, 0, 50, 120), settings, 5)
			.sample(Columns.of(GRID), Progress.SILENT);
		assertTrue(largestError(result, truth) < 1e-4, "largest error " + largestError(result, truth));
	}

	/** A denoiser that is right but for a level of each patch's own, which shows every face of the tiling. */
	private record PatchLevels(Columns truth, int patch) implements Denoiser {

		@Override
		public void denoise(final Columns noisy, final int t, final Placement placement, final NoiseField padding,
			final Columns clean, final Progress progress)
		{
			clean.forColumns(i -> {
				final int x = (i % clean.nx() - placement.x() + patch) / patch, y = (i / clean.nx() - placement.y() + patch) / patch;
				for (int z = 0; z < clean.nz(); z++) {
					final long index = (x * 100L + y) * 100 + (z - placement.z() + patch) / patch;
					clean.data()[i][z] = truth.data()[i][z] + (float) (0.05 * NoiseField.of(index, placement.x(), placement.y(), placement.z())
						.random().nextGaussian());
				}
			});
		}
	}

	@ParameterizedTest
	@CsvSource({ "1, 1.5, 99", "2, 0, 1.2", "8, 0, 1.05" })
	void overlappingTilingsInTheLastStepShowNoBorders(final int overlap, final double atLeast, final double atMost) {
		final int patch = 8;
		final Columns truth = NoiseField.of(1).mixInto(new Columns(30, 27, 24), 0, 0.02f);
		final SamplerSettings settings = SamplerSettings.PAPER.withSteps(3).withCgIterations(0).withOffsets(Offsets.PAIRED)
			.withPasses(1).withOverlap(overlap);
		final Columns result = new DdimSampler(SCHEDULE, new PatchLevels(truth, patch), DataConsistency.NONE, settings, 3)
			.sample(truth.zeros(), Progress.SILENT);
		final int[] offset = Offsets.PAIRED.draw(3, 2, 0, 1, patch);
		for (final int[] tiling : Offsets.overlapping(offset, overlap, patch)) {
			final double jump = PatchBorders.jump(result, tiling, patch);
			assertTrue(jump >= atLeast && jump <= atMost, "jump " + jump);
		}
	}

	@ParameterizedTest
	@CsvSource({ "1", "2", "4", "8" })
	void weightsOfTheTilingsSumToOneAtEveryVoxel(final int overlap) {
		final Columns ones = new Columns(11, 9, 5).fill(1), sum = ones.zeros();
		final int[][] offsets = Offsets.overlapping(new int[] { 1, 0, 5 }, overlap, 7);
		final OverlapWindow window = new OverlapWindow(offsets, 7, 11, 9, 5);
		for (int i = 0; i < overlap; i++)
			window.add(i, ones, sum);
		assertTrue(largestError(sum, ones) < 1e-6);
	}

	private static double[] flat(final Columns columns) {
		final double[] values = new double[columns.data().length * columns.nz()];
		for (int i = 0; i < values.length; i++)
			values[i] = columns.data()[i / columns.nz()][i % columns.nz()];
		return values;
	}

	private static double[] gaussians(final NoiseField field) {
		return flat(field.mixInto(Columns.of(GRID), 0, 1));
	}

	/** A, one column a voxel. */
	private static double[][] matrix(final Projector projector) {
		final Columns unit = projector.newVolume(), y = projector.newProjections();
		final int n = flat(unit).length;
		final double[][] columns = new double[n][];
		for (int i = 0; i < n; i++) {
			unit.fill(0).data()[i / GRID.nz()][i % GRID.nz()] = 1;
			projector.forward(unit, y);
			columns[i] = flat(y);
		}
		return columns;
	}

	private static double[] multiply(final double[][] a, final double[] x) {
		final double[] y = new double[a[0].length];
		for (int i = 0; i < x.length; i++)
			for (int r = 0; r < y.length; r++)
				y[r] += a[i][r] * x[i];
		return y;
	}

	private static double dot(final double[] a, final double[] b) {
		double sum = 0;
		for (int i = 0; i < a.length; i++)
			sum += a[i] * b[i];
		return sum;
	}

	/** CGLS on A x = y, which makes the iterates of CG on A*A x = A*y, from and to network units. */
	private static double[] conjugateGradients(final double[][] a, final double[] y, final double[] start,
		final int iterations)
	{
		final int n = start.length;
		final double[] x = Arrays.stream(start).map(v -> (v + 1) / 2).toArray(), r = multiply(a, x);
		for (int i = 0; i < r.length; i++)
			r[i] = y[i] - r[i];
		final double[] p = new double[n];
		double previous = Double.POSITIVE_INFINITY;
		for (int iteration = 0; iteration < iterations; iteration++) {
			final double[] s = new double[n];
			for (int i = 0; i < n; i++)
				s[i] = dot(a[i], r);
			final double ss = dot(s, s);
			for (int i = 0; i < n; i++)
				p[i] = s[i] + ss / previous * p[i];
			previous = ss;
			final double[] q = multiply(a, p);
			final double step = ss / dot(q, q);
			for (int i = 0; i < n; i++)
				x[i] += step * p[i];
			for (int i = 0; i < r.length; i++)
				r[i] -= step * q[i];
		}
		return Arrays.stream(x).map(v -> 2 * v - 1).toArray();
	}

	@Test
	void offsetsAreUniformAndEveryPassHasItsOwn() {
		final GaussianPrior prior = new GaussianPrior();
		new DdimSampler(SCHEDULE, prior, DataConsistency.NONE, SamplerSettings.PAPER, 1).sample(Columns.of(GRID),
			Progress.SILENT);
		assertEquals(400, prior.asked.size());
		final int[][] counts = new int[3][4];
		final Set<NoiseField> paddings = new HashSet<>();
		for (final Asked asked : prior.asked) {
			counts[0][asked.x()]++;
			counts[1][asked.y()]++;
			counts[2][asked.z()]++;
			paddings.add(asked.padding());
		}
		assertEquals(400, paddings.size());
		// Each count is binomial(400, 1/4): mean 100, standard deviation 8.7.
		for (final int[] axis : counts)
			for (final int count : axis)
				assertEquals(100, count, 35);
	}

	@Test
	void sameSeedGivesTheSameBytesAndAnotherSeedDoesNot() {
		final SamplerSettings settings = SamplerSettings.PAPER.withSteps(5);
		final float[][][] results = new float[3][][];
		for (int i = 0; i < 3; i++)
			results[i] = new DdimSampler(SCHEDULE, new GaussianPrior(), consistency(volume(), 5, 0, 60), settings, i / 2)
				.sample(Columns.of(GRID), Progress.SILENT).data();
		assertArrayEquals(results[0], results[1]);
		assertFalse(Arrays.deepEquals(results[0], results[2]));
	}

	@Test
	void generationHasTheSpreadOfTheData() {
		// η = 0 is the deterministic flow of the prior, whose samples have its mean and, at many steps, its variance.
		final Columns wide = new Columns(40, 40, 20);
		final Denoiser prior = new GaussianPrior() {

			@Override
			public int patch() {
				return 1;
			}
		};
		new DdimSampler(SCHEDULE, prior, DataConsistency.NONE, SamplerSettings.GENERATE.withEta(0), 3).sample(wide,
			Progress.SILENT);
		double sum = 0, squares = 0;
		for (final double v : flat(wide)) {
			sum += v;
			squares += v * v;
		}
		final int n = 40 * 40 * 20;
		final double mean = sum / n, deviation = Math.sqrt(squares / n - mean * mean);
		assertEquals(GaussianPrior.MU, mean, 0.01);
		assertEquals(Math.sqrt(GaussianPrior.VARIANCE), deviation, 0.015);
	}

	@Test
	void predictionsTakeTurnsWhereThatIsAsked() {
		for (final boolean turned : new boolean[] { false, true }) {
			final GaussianPrior prior = new GaussianPrior();
			new DdimSampler(SCHEDULE, prior, DataConsistency.NONE, SamplerSettings.PAPER.withSteps(3).withOverlap(2).withTurned(
				turned), 1).sample(Columns.of(GRID), Progress.SILENT);
			assertEquals(turned ? List.of(0, 1, 2, 3, 4, 5) : List.of(0, 0, 0, 0, 0, 0), prior.asked.stream().map(Asked::turn)
				.toList());
		}
	}

	@Test
	void cancelStopsAtTheNextQuestionOfTheDenoiser() {
		final GaussianPrior prior = new GaussianPrior();
		final DdimSampler sampler = new DdimSampler(SCHEDULE, prior, DataConsistency.NONE, SamplerSettings.PAPER, 1);
		assertThrows(CancelledException.class, () -> sampler.sample(Columns.of(GRID), TestProgress.cancelledAfter(3)));
		assertEquals(3, prior.asked.size());
	}

	@Test
	void cancelledRunOffersTheVolumeOfTheLastStep() {
		final GaussianPrior prior = new GaussianPrior();
		final List<Iterate> offered = new ArrayList<>();
		final List<Img<FloatType>> volumes = new ArrayList<>();
		final Progress progress = new ForwardingProgress(TestProgress.cancelledAfter(5)) {

			@Override
			public void iterated(final Iterate iterate) {
				offered.add(iterate);
				volumes.add(iterate.volume().get());
			}
		};
		final DdimSampler sampler = new DdimSampler(SCHEDULE, prior, DataConsistency.NONE, SamplerSettings.PAPER.withSteps(
			20), 1);
		assertThrows(CancelledException.class, () -> sampler.sample(Columns.of(GRID), progress));
		// Two passes a step: the third was cut short.
		assertEquals(List.of(1, 2, 2), offered.stream().map(Iterate::number).toList());
		assertArrayEquals(Layouts.planes(volumes.get(1)), Layouts.planes(volumes.get(2)));
	}

	@Test
	void runCancelledInItsFirstStepOffersTheVolumeThatItBeganWith() {
		final List<Iterate> offered = new ArrayList<>();
		final List<Img<FloatType>> volumes = new ArrayList<>();
		final Progress progress = new ForwardingProgress(TestProgress.cancelledAfter(1)) {

			@Override
			public void iterated(final Iterate iterate) {
				offered.add(iterate);
				volumes.add(iterate.volume().get());
			}
		};
		final Columns start = NoiseField.of(8).mixInto(Columns.of(GRID), 0, 1), kept = start.copy();
		final DdimSampler sampler = new DdimSampler(SCHEDULE, new GaussianPrior(), DataConsistency.NONE, SamplerSettings.PAPER
			.withStart(WarmStart.FBP, SamplerSettings.TOP), 1);
		assertThrows(CancelledException.class, () -> sampler.sample(start, progress));
		assertEquals(List.of(0), offered.stream().map(Iterate::number).toList());
		assertArrayEquals(Layouts.planes(Layouts.toImage(kept)), Layouts.planes(volumes.get(0)));
	}

	@Test
	void progressRisesAndPreviewsTheCleanVolumeEveryStep() {
		final List<Double> fractions = new ArrayList<>();
		final List<String> stages = new ArrayList<>();
		final List<Img<FloatType>> previews = new ArrayList<>();
		final Columns result = new DdimSampler(SCHEDULE, new GaussianPrior(), DataConsistency.NONE, SamplerSettings.PAPER
			.withSteps(4), 1).sample(Columns.of(GRID), new Progress() {

				@Override
				public void update(final String stage, final double done) {
					stages.add(stage);
					fractions.add(done);
				}

				@Override
				public void iterated(final Iterate iterate) {
					previews.add(iterate.volume().get());
					assertEquals(previews.size() + " of 4", iterate.number() + " of " + iterate.total());
				}
			});
		assertEquals(List.of(0.0, 0.25, 0.5, 0.75, 1.0), fractions);
		assertEquals("Step 1 of 4", stages.get(0));
		assertTrue(stages.get(2).matches("Step 3 of 4, \\d+ s left"), stages.get(2));
		assertEquals(4, previews.size());
		assertArrayEquals(result.data(), Layouts.toColumns(previews.get(3)).data());
	}

	@Test
	void settingsThatMakeNoSenseAreRefusedWithWhatIsAllowed() {
		assertEquals("Sampling steps 0: it must be from 1 to 1000.", refusal(() -> SamplerSettings.PAPER.withSteps(0)));
		assertEquals("Passes per step 0: it must be from 1 to 100.", refusal(() -> SamplerSettings.PAPER.withPasses(0)));
		assertEquals("Eta NaN: it must be from 0 to 1.", refusal(() -> SamplerSettings.PAPER.withEta(Double.NaN)));
		assertEquals("Eta 1.1: it must be from 0 to 1.", refusal(() -> SamplerSettings.PAPER.withEta(1.1)));
		assertEquals("Order of the steps 3: it must be from 1 to 2.", refusal(() -> SamplerSettings.PAPER.withOrder(3)));
		assertEquals("Overlapping tilings 3: it must be 1 (none), 2, 4 or 8.", refusal(() -> SamplerSettings.PAPER
			.withOverlap(3)));
		assertEquals("Proximal weight -1.0: it must be 0 (none) or positive, at most 1e6.", refusal(
			() -> SamplerSettings.PAPER.withProximal(-1)));
		assertEquals("Sampling steps 200 from start level 99: there can be at most 100. Use fewer steps or a higher " +
			"start level.", refusal(() -> SamplerSettings.PAPER.withStart(WarmStart.FBP, 99)));
		assertEquals("Start level 500 from noise: noise is the state of level 999. Set that level, or start from a " +
			"reconstruction.", refusal(() -> SamplerSettings.PAPER.withStart(WarmStart.NOISE, 500)));
	}

	private static String refusal(final Runnable action) {
		return assertThrows(InvalidInputException.class, action::run).getMessage();
	}
}
