package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.patchct.diffusion.DenseScan.flat;
import static org.patchct.diffusion.DenseScan.gaussians;
import static org.patchct.diffusion.DenseScan.plus;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** DDS, DiffusionMBIR and DiffusionBlend. */
class SliceDiffusionTest {

	/** As many slices as leave a block of nine incomplete. */
	private static final Grid GRID = new Grid(5, 4, 11, 1.2, 0.9, 1.5);

	private static final double[] ANGLES = { 10, 70, 130 };

	private static final long SEED = -17;

	/** Enough levels for a few steps, and not so much noise that floats lose the volume in it. */
	private static final PriorSettings EXPLODING = withSchedule(SlicePriors.exploding(), new NoiseSchedule(
		NoiseSchedule.Kind.VE, 21, 0.02, 5));

	private static PriorSettings withSchedule(final PriorSettings prior, final NoiseSchedule schedule) {
		return new PriorSettings(prior.name(), prior.network(), false, false, Prediction.CLEAN, schedule, prior.networkLow(),
			prior.networkHigh(), prior.unit(), prior.low(), prior.high(), null);
	}

	private static final AxialAdmm.Settings ADMM = new AxialAdmm.Settings(2, 10, 0.3);

	private static List<SliceDiffusion> methods() {
		return List.of(new Dds(new Dds.Settings(3, 0.85, ADMM)), new DiffusionMbir(new DiffusionMbir.Settings(3, 0.16, ADMM)),
			new DiffusionBlend(new DiffusionBlend.Settings(3, 0.85, 2)));
	}

	private static PriorSettings prior(final SliceDiffusion method) {
		return switch (method.need()) {
			case SLICES -> SlicePriors.slices();
			case SLICES_VE -> EXPLODING;
			default -> SlicePriors.groups();
		};
	}

	/** Smooth, from 0 to 1 of the window. */
	private static Columns object(final Grid grid) {
		final Columns x = Columns.of(grid);
		for (int i = 0; i < grid.nx(); i++)
			for (int j = 0; j < grid.ny(); j++)
				for (int k = 0; k < grid.nz(); k++)
					x.column(i, j)[k] = (float) (0.5 + 0.25 * Math.sin(0.6 * i + 0.4 * k) + 0.2 * Math.cos(0.8 * j));
		return x;
	}

	private static Projector projector(final double... angles) {
		return Projectors.create(GRID, ParallelBeam.covering(GRID, angles), "cpu");
	}

	private static Columns measured(final Projector projector) {
		final Columns y = projector.newProjections();
		projector.forward(object(projector.grid()), y);
		return y;
	}

	/**
	 * The best denoiser of independent voxels N(μ, s²) whose answer depends on the group as well: a share of what it misses
	 * goes to the mean of the group, more if its slices are adjacent.
	 */
	private static final double MU = 0.8, VARIANCE = 0.09, SHARE = 0.2;

	private static double shrink(final double x, final double mean, final double place, final double signal,
		final double noise)
	{
		final double weight = signal * VARIANCE / (signal * signal * VARIANCE + noise * noise);
		return MU + weight * (x - signal * MU + SHARE * (2 - place) * (mean - x));
	}

	private static NDArray shrink(final NDArray input, final NDArray levels, final NDArray spacing,
		final NoiseSchedule schedule)
	{
		final int t = (int) levels.toFloatArray()[0];
		final double signal = schedule.signal(t), noise = schedule.noise(t);
		final float place = spacing == null ? 2 : spacing.toFloatArray()[0];
		final int slices = (int) input.getShape().get(1), plane = (int) (input.getShape().get(3) * input.getShape().get(4));
		final float[] x = input.toFloatArray(), x0 = new float[x.length];
		for (int i = 0; i < x.length; i++) {
			double mean = 0;
			for (int slice = 0; slice < slices; slice++)
				mean += x[i - i / plane % slices * plane + slice * plane] / slices;
			x0[i] = (float) shrink(x[i], mean, place, signal, noise);
		}
		return input.getManager().create(x0, input.getShape());
	}

	private static Columns sample(final SliceDiffusion method, final PriorSettings prior, final Projector projector,
		final Columns measured, final long seed, final Progress progress)
	{
		try (NDManager manager = NDManager.newBaseManager()) {
			final SliceDenoiser denoiser = new SliceDenoiser(prior, (input, levels, spacing) -> shrink(input, levels, spacing,
				prior.schedule()), manager, method.plan(GRID.nz()), GRID.nx(), GRID.ny(), new Stopwatch());
			return method.sample(prior.schedule(), denoiser, method.consistency(projector, measured, prior), projector
				.newVolume().fill(Float.NaN), seed, progress);
		}
	}

	/** ADMM of the paper in network units, as min ½‖A x − y‖² / ‖A*A‖ + λ / 400 · ‖Dz x‖₁. */
	private static final class Admm {

		final DenseScan scan;

		final double[] right;

		final double rho, threshold;

		double[] d, u;

		/** Network units are twice those of the window. */
		Admm(final DenseScan scan, final double[] y) {
			this.scan = scan;
			right = plus(new double[GRID.nx() * GRID.ny() * GRID.nz()], 2, scan.adjoint(y));
			rho = ADMM.rho() / 400 * scan.normSquared();
			threshold = 2 * ADMM.lambda() / ADMM.rho();
			d = new double[right.length];
			u = new double[right.length];
		}

		double[] sweep(final double[] start) {
			final double[] x = scan.solve(rho, plus(right, rho, scan.axialAdjoint(plus(d, -1, u))), start, ADMM.cgIterations());
			final double[] v = plus(scan.axial(x), 1, u);
			d = Arrays.stream(v).map(value -> Math.signum(value) * Math.max(0, Math.abs(value) - threshold)).toArray();
			u = plus(v, -1, d);
			return x;
		}
	}

	private static void requireAgreement(final double[] expected, final Columns actual) {
		final double[] difference = plus(expected, -1, flat(actual));
		final double error = Math.sqrt(DenseScan.dot(difference, difference) / DenseScan.dot(expected, expected));
		assertTrue(error < 1e-5, "relative difference " + error);
	}

	/** The slices that a slice is predicted with, and how far apart they are, found without {@link SliceGroups}. */
	private static int[] group(final int z, final int step) {
		final int n = GRID.nz();
		if (step % 2 == 0) {
			final int block = z < 9 ? 0 : n - 9, first = block + (z - block) % 3;
			return new int[] { 3, first, first + 3, first + 6 };
		}
		final int start = NoiseField.of(SEED, DdimSampler.PADDING, step, 0).random().nextInt(3);
		final int own = z < start ? 0 : start + (z - start) / 3 * 3, first = own + 3 > n ? n - 3 : own;
		return new int[] { 1, first, first + 1, first + 2 };
	}

	private static double[] predicted(final double[] x, final NoiseSchedule schedule, final int t, final int step,
		final boolean groups)
	{
		final double[] x0 = new double[x.length];
		for (int i = 0; i < x.length; i++) {
			final int z = i % GRID.nz();
			double mean = x[i], place = 2;
			if (groups) {
				final int[] group = group(z, step);
				mean = (x[i - z + group[1]] + x[i - z + group[2]] + x[i - z + group[3]]) / 3;
				place = group[0] == 1 ? 0 : 1;
			}
			x0[i] = shrink(x[i], mean, place, schedule.signal(t), schedule.noise(t));
		}
		return x0;
	}

	@ParameterizedTest
	@CsvSource({ "false, 2", "false, 3", "true, 2", "true, 3" })
	void ddimStepsAgreeWithAnIndependentComputation(final boolean groups, final int steps) {
		final double eta = 0.85;
		final SliceDiffusion method = groups ? new DiffusionBlend(new DiffusionBlend.Settings(steps, eta, 2)) : new Dds(
			new Dds.Settings(steps, eta, ADMM));
		final Projector projector = projector(ANGLES);
		final Columns y = measured(projector), actual = sample(method, prior(method), projector, y, SEED, Progress.SILENT);

		final NoiseSchedule schedule = NoiseSchedule.ho();
		final DenseScan scan = new DenseScan(projector);
		final Admm admm = new Admm(scan, flat(y));
		double[] x = gaussians(NoiseField.of(SEED, DdimSampler.START), actual), clean = null;
		for (int step = 0; step < steps; step++) {
			final int t = (steps - step) * 1000 / steps - 1, next = (steps - step - 1) * 1000 / steps - 1;
			final double alpha = schedule.alphaBar(t), alphaNext = next < 0 ? 1 : schedule.alphaBar(next);
			final double[] x0 = predicted(x, schedule, t, step, groups);
			final double[] noise = plus(x, -Math.sqrt(alpha), x0);
			clean = groups ? scan.solve(0, admm.right, x0, 2) : admm.sweep(x0);
			final double[] z = gaussians(NoiseField.of(SEED, DdimSampler.STEP, step), actual);
			for (int i = 0; i < x.length; i++)
				x[i] = Math.sqrt(alphaNext) * clean[i] + Math.sqrt(1 - alphaNext) * (Math.sqrt(1 - eta * eta) * noise[i] / Math
					.sqrt(1 - alpha) + eta * z[i]);
		}
		requireAgreement(clean, actual);
	}

	@ParameterizedTest
	@CsvSource({ "2, 0.16", "3, 0.16", "6, 0.3", "50, 0.1", "3, 0" })
	void predictorAndCorrectorAgreeWithAnIndependentComputation(final int steps, final double snr) {
		final DiffusionMbir method = new DiffusionMbir(new DiffusionMbir.Settings(steps, snr, ADMM));
		final Projector projector = projector(ANGLES);
		final Columns y = measured(projector), actual = sample(method, EXPLODING, projector, y, SEED, Progress.SILENT);

		final NoiseSchedule schedule = EXPLODING.schedule();
		final Admm admm = new Admm(new DenseScan(projector), flat(y));
		final double[] sigmas = new double[steps];
		for (int i = 0; i < steps; i++)
			sigmas[i] = Math.exp(Math.log(0.02) + i * Math.log(5 / 0.02) / (steps - 1));
		double[] x = gaussians(NoiseField.of(SEED, DdimSampler.START), actual);
		x = plus(new double[x.length], 5, x);
		for (int i = steps - 1; i >= 0; i--) {
			final int step = steps - 1 - i, level = (int) Math.round(i * 20.0 / (steps - 1));
			final double removed = sigmas[i] * sigmas[i] - (i == 0 ? 0 : sigmas[i - 1] * sigmas[i - 1]);
			x = plus(plus(x, removed, score(x, schedule, level)), Math.sqrt(removed), gaussians(NoiseField.of(SEED,
				DdimSampler.STEP, step), actual));
			final double[] score = score(x, schedule, level), z = gaussians(NoiseField.of(SEED, DdimSampler.PASS, step), actual);
			final double size = 2 * Math.pow(snr * meanNorm(z) / meanNorm(score), 2);
			x = plus(plus(x, size, score), Math.sqrt(2 * size), z);
			x = admm.sweep(x);
		}
		requireAgreement(x, actual);
	}

	private static double[] score(final double[] x, final NoiseSchedule schedule, final int level) {
		final double perVariance = 1 / Math.pow(schedule.sigma(level), 2);
		return plus(plus(new double[x.length], perVariance, predicted(x, schedule, level, 0, false)), -perVariance, x);
	}

	/** Mean of the norms of the slices. */
	private static double meanNorm(final double[] x) {
		double sum = 0;
		for (int z = 0; z < GRID.nz(); z++) {
			double squares = 0;
			for (int i = z; i < x.length; i += GRID.nz())
				squares += x[i] * x[i];
			sum += Math.sqrt(squares) / GRID.nz();
		}
		return sum;
	}

	/** A denoiser that knows the volume, with as many views as determine it and a weight of differences that is small. */
	@ParameterizedTest
	@MethodSource("methods")
	void trueDenoiserAndAllViewsGiveTheVolume(final SliceDiffusion method) {
		final AxialAdmm.Settings small = new AxialAdmm.Settings(5, 1e-4, 1e-7);
		final SliceDiffusion many = switch (method.need()) {
			case SLICES -> new Dds(new Dds.Settings(20, 0.85, small));
			case SLICES_VE -> new DiffusionMbir(new DiffusionMbir.Settings(60, 0.16, small));
			default -> new DiffusionBlend(new DiffusionBlend.Settings(20, 0.85, 5));
		};
		final PriorSettings prior = method.need() == PriorNeed.SLICES_VE ? SlicePriors.exploding() : prior(method);
		final Projector projector = projector(ScanGeometry.evenAngles(24, 0, 180));
		final Columns truth = object(GRID).scale(2);
		final Denoiser oracle = new Denoiser() {

			@Override
			public int patch() {
				return 1;
			}

			@Override
			public void denoise(final Columns noisy, final int timestep, final Placement placement, final NoiseField padding,
				final Columns clean, final Progress progress)
			{
				clean.set(truth);
			}
		};
		final Columns result = many.sample(prior.schedule(), oracle, many.consistency(projector, measured(projector), prior),
			projector.newVolume(), 1, Progress.SILENT);
		final double error = result.add(-1, truth).norm() / truth.norm();
		// The last x of DiffusionMBIR holds noise of the smallest σ, 0.02 of the truth's mean of 1.
		assertTrue(error < (method.need() == PriorNeed.SLICES_VE ? 0.02 : 1e-4), method.name() + ": " + error);
	}

	private static final RunSettings RUN = new RunSettings("cpu", 4, null);

	private static Projections scan(final Grid grid, final int views, final double range, final Intensity intensity) {
		return Simulation.scan(Layouts.denormalised("object", object(grid), grid, intensity), 1, ParallelBeam.covering(grid,
			ScanGeometry.evenAngles(views, 0, range)), NoiseModel.NONE, 0, "cpu", Progress.SILENT);
	}

	@ParameterizedTest
	@MethodSource("methods")
	void sameSeedGivesTheSameBytesWithARealNetworkWhateverTheNumberOfSlices(final SliceDiffusion method) {
		try (Prior prior = Prior.create(prior(method), "cpu", 3)) {
			for (final int slices : new int[] { 1, 2, 4, 11 }) {
				final Grid grid = new Grid(6, 5, slices, 1, 1.3, 2);
				final Projections scan = scan(grid, 4, 180, Intensity.HU);
				final Columns kept = Layouts.toColumns(scan.img());
				final float[][][] results = new float[3][][];
				for (int i = 0; i < 3; i++) {
					final Volume volume = method.reconstruct(scan, grid, prior, new RunSettings("cpu", i / 2, null),
						Progress.SILENT);
					assertEquals(grid, volume.grid());
					assertEquals(Intensity.HU, volume.intensity());
					results[i] = Layouts.planes(volume.img());
				}
				assertArrayEquals(results[0], results[1]);
				assertFalse(Arrays.deepEquals(results[0], results[2]));
				for (final float[] plane : results[0])
					for (final float v : plane)
						assertTrue(Float.isFinite(v));
				assertArrayEquals(kept.data(), Layouts.toColumns(scan.img()).data());
			}
		}
	}

	/** Enough views and iterations determine the volume whatever the prior, so that all units must have come through. */
	@ParameterizedTest
	@MethodSource("methods")
	void completeScanGivesTheObjectInItsOwnUnits(final SliceDiffusion method) {
		final AxialAdmm.Settings admm = new AxialAdmm.Settings(150, 1e-4, 1e-7);
		final SliceDiffusion thorough = switch (method.need()) {
			case SLICES -> new Dds(new Dds.Settings(2, 0.85, admm));
			case SLICES_VE -> new DiffusionMbir(new DiffusionMbir.Settings(2, 0.16, admm));
			default -> new DiffusionBlend(new DiffusionBlend.Settings(2, 0.85, 150));
		};
		for (final Intensity intensity : List.of(Intensity.HU, Intensity.ATTENUATION))
			try (Prior prior = Prior.create(prior(method), "cpu", 3)) {
				final List<Img<FloatType>> previews = new ArrayList<>();
				final Volume result = thorough.reconstruct(scan(GRID, 30, 180, intensity), GRID, prior, RUN, new Progress() {

					@Override
					public void update(final String stage, final double done) { }

					@Override
					public void iterated(final Iterate iterate) {
						previews.add(iterate.volume().get());
					}
				});
				final Columns truth = Layouts.toColumns(Layouts.denormalised("object", object(GRID), GRID, intensity).img());
				final double error = Layouts.toColumns(result.img()).add(-1, truth).norm() / truth.norm();
				assertTrue(error < 0.01, thorough.name() + ": " + error);
				assertEquals(2, previews.size());
				if (method.need() != PriorNeed.SLICES_VE) assertArrayEquals(Layouts.planes(result.img())[3], Layouts.planes(
					previews.get(1))[3], (float) (1e-5 * (intensity.high() - intensity.low())));
			}
	}

	@ParameterizedTest
	@MethodSource("methods")
	void cancelEndsTheRun(final SliceDiffusion method) {
		final Projector projector = projector(ANGLES);
		for (int questions = 0; questions < 9; questions++) {
			final Progress impatient = TestProgress.cancelledAfter(questions);
			assertThrows(CancelledException.class, () -> sample(method, prior(method), projector, measured(projector), 1,
				impatient));
		}
	}

	@Test
	void priorOfAnotherKindIsRefused() {
		final Projections scan = scan(GRID, 3, 180, Intensity.HU);
		final List<PriorSettings> priors = List.of(SlicePriors.slices(), SlicePriors.exploding(), SlicePriors.groups(),
			PatchDenoiserTest.tiny(Prediction.V));
		for (final PriorSettings settings : priors)
			try (Prior prior = Prior.create(settings, "cpu", 1)) {
				for (final SliceDiffusion method : methods())
					if (priors.indexOf(settings) != method.need().ordinal()) assertTrue(assertThrows(InvalidInputException.class,
						() -> method.reconstruct(scan, GRID, prior, RUN, Progress.SILENT)).getMessage().matches("The prior \"" +
							settings.name() + "\" .*, but " + method.name() + " needs one .*"));
			}
	}

	@Test
	void groupsOfOtherSpacingsAreRefused() {
		final PriorSettings groups = SlicePriors.groups();
		SliceDenoiser.requireSpacings(groups, List.of(1, 3));
		assertEquals("The prior \"groups\" knows groups of slices at the spacings [1, 3]; this method needs [1, 2]. Choose a " +
			"prior that was trained on them.", assertThrows(InvalidInputException.class, () -> SliceDenoiser.requireSpacings(
				groups, List.of(1, 2))).getMessage());
	}

	@Test
	void priorIsProposedByMethodAndValues() {
		assertEquals(List.of("body-ct-slices", "body-ct-slices-ve", "body-ct-groups"), methods().stream().map(
			method -> method.prior(null, Intensity.HU).bundled()).toList());
		assertEquals(List.of("mouse-microct-slices", "mouse-microct-slices-ve", "mouse-microct-groups"), methods().stream()
			.map(method -> method.prior(null, Intensity.grey(0, 9)).bundled()).toList());
		assertEquals(List.of("mouse-microct-slices", "mouse-microct-slices-ve", "mouse-microct-groups"), methods().stream()
			.map(method -> method.prior(Path.of("mouse-microct"), Intensity.HU).toString()).toList());
		assertEquals("body-ct-slices", new DiffusionBlend().prior(Path.of("body-ct-slices"), Intensity.HU).bundled());
		assertEquals(Path.of("my.safetensors"), new Dds().prior(Path.of("my.safetensors"), Intensity.HU).file());
	}

	@Test
	void weightOfTotalVariationGrowsWhereAnglesAreMissing() {
		final AxialAdmm.Settings automatic = new AxialAdmm.Settings(5, 10, 0);
		assertEquals(0.04, automatic.lambda(ParallelBeam.covering(GRID, ScanGeometry.evenAngles(8, 0, 180))));
		assertEquals(0.4, automatic.lambda(ParallelBeam.covering(GRID, ScanGeometry.evenAngles(120, 0, 120))));
		assertEquals(0.3, ADMM.lambda(ParallelBeam.covering(GRID, ScanGeometry.evenAngles(120, 0, 120))));
	}

	@Test
	void settingsThatMakeNoSenseAreRefusedWithWhatIsAllowed() {
		assertEquals("Sampling steps 0: it must be from 1 to 1000.", refusal(() -> new Dds.Settings(0, 0, ADMM)));
		assertEquals("Eta -0.1: it must be from 0 to 1.", refusal(() -> new Dds.Settings(1, -0.1, ADMM)));
		assertEquals("Sampling steps 1: it must be from 2 to 10000.", refusal(() -> new DiffusionMbir.Settings(1, 0, ADMM)));
		assertEquals("Signal-to-noise ratio snr 2.0: it must be from 0 to 1; the paper has 0.16.", refusal(
			() -> new DiffusionMbir.Settings(2, 2, ADMM)));
		assertEquals("Conjugate-gradient iterations 0: it must be from 1 to 1000.", refusal(() -> new DiffusionBlend.Settings(1,
			0, 0)));
		assertEquals("ADMM coupling rho 0.0: it must be positive, at most 1e6; the papers have 10.", refusal(
			() -> new AxialAdmm.Settings(5, 0, 0)));
		assertEquals("Total-variation weight lambda NaN: it must be 0 (automatic) or positive, at most 1e6; the papers have " +
			"0.04 and 0.4.", refusal(() -> new AxialAdmm.Settings(5, 10, Double.NaN)));
	}

	private static String refusal(final Runnable action) {
		return assertThrows(InvalidInputException.class, action::run).getMessage();
	}

	@Test
	void recipeNamesTheSettings() {
		assertEquals("DDS, 50 steps, eta 0.85, 5 CG iterations, rho 10.0, lambda 0.04 (limited angle 0.4)", new Dds()
			.description());
		assertEquals("DiffusionMBIR, 3 steps, snr 0.16, 2 CG iterations, rho 10.0, lambda 0.3", methods().get(1).description());
		assertEquals("DiffusionBlend, 200 steps, eta 0.85, 5 CG iterations", new DiffusionBlend().description());
	}

	@Test
	void volumeThatCannotFitIsRefusedBeforeAnythingIsAllocated() {
		final Grid huge = new Grid(13, 11, 2_000_000_000, 1.5, 1.2, 2);
		final Projections scan = scan(GRID, 3, 180, Intensity.HU);
		for (final SliceDiffusion method : methods())
			try (Prior prior = Prior.create(prior(method), "cpu", 1)) {
				assertTrue(assertThrows(InvalidInputException.class, () -> method.reconstruct(scan, huge, prior, RUN,
					Progress.SILENT)).getMessage().startsWith(method.name() + " of 13 x 11 x 2000000000 voxels "));
			}
	}
}
