package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.WaveletConfig;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class SliceStageTest {

	private static final Grid GRID = new Grid(14, 10, 9, 1, 1, 1);

	/** 20 bins at this size: 3 views are few, 4 are not. */
	private static final int FEW = 3, MANY = 4;

	private static final SamplerSettings SHORT = SamplerSettings.FAST.withSteps(2).withSliceSteps(3);

	private static final PriorSettings PATCHES = new PriorSettings("patches", new WaveletConfig(5, 16, List.of(4, 6), List.of(1,
		1), 8, List.of()), true, true, Prediction.CLEAN, NoiseSchedule.ho(), 0, 2, "HU", -1000, 1000, null);

	private static ScanGeometry beam(final int views) {
		return ParallelBeam.covering(GRID, ScanGeometry.evenAngles(views, 0, 180));
	}

	private static Volume object() {
		final Columns x = Columns.of(GRID);
		for (int i = 0; i < x.data().length; i++)
			for (int k = 0; k < GRID.nz(); k++)
				x.data()[i][k] = (float) (0.5 + 0.3 * Math.sin(0.7 * i + 0.4 * k));
		return Layouts.denormalised("object", x, GRID, Intensity.HU);
	}

	private static Projections scan(final int views) {
		return Simulation.scan(object(), 1, beam(views), NoiseModel.NONE, 0, "cpu", Progress.SILENT);
	}

	/** A prior for patches and one of slices, saved side by side; returns the first. */
	private static Path pair(final Path folder, final PriorSettings slices) {
		final Path file = folder.resolve("mine.safetensors");
		try (Prior patches = Prior.create(PATCHES, "cpu", 1); Prior whole = Prior.create(
			slices, "cpu", 2))
		{
			patches.save(file);
			whole.save(folder.resolve("mine-slices.safetensors"));
		}
		return file;
	}

	private static RunSettings run(final Path prior) {
		return new RunSettings("cpu", 4, prior);
	}

	@Test
	void priorOfSlicesIsTheOneBesideThatForPatchesIfViewsAreFew(@TempDir final Path folder) throws Exception {
		final PriorChoice body = PriorChoice.of(Path.of("body-ct"), Intensity.HU), mouse = PriorChoice.of(Path.of(
			"mouse-microct"), Intensity.HU);
		assertEquals("body-ct-slices", SliceStage.choose(body, beam(FEW)).bundled());
		assertNull(SliceStage.choose(body, beam(MANY)));
		assertNull(SliceStage.choose(mouse, beam(FEW)));
		assertNull(SliceStage.choose(PriorChoice.of(Path.of("body-ct-slices"), Intensity.HU), beam(FEW)));
		final Path patches = Files.createFile(folder.resolve("mine.safetensors")), beside = folder.resolve(
			"mine-slices.safetensors");
		final PriorChoice own = PriorChoice.of(patches, Intensity.HU);
		assertNull(SliceStage.choose(own, beam(FEW)));
		Files.createFile(beside);
		assertEquals(beside, SliceStage.choose(own, beam(FEW)).file());
	}

	@Test
	void recipeNamesBothPriorsUnlessSlicesAreUnwanted(@TempDir final Path folder) {
		final RunSettings run = run(pair(folder, SlicePriors.slices()));
		final Map<String, String> with = new PatchDiffusion(SHORT).recipe(beam(FEW), Intensity.HU, run);
		assertTrue(with.get("Prior of slices").contains("mine-slices.safetensors"), with.toString());
		assertTrue(with.get("Prior of slices' checksum").matches("SHA-256 [0-9a-f]{64}"), with.toString());
		assertNull(new PatchDiffusion(SHORT).with(Map.of("slices", "false")).recipe(beam(FEW), Intensity.HU, run).get(
			"Prior of slices"));
		assertNull(new PatchDiffusion(SHORT).recipe(beam(MANY), Intensity.HU, run).get("Prior of slices"));
	}

	@Test
	void runsAgreeWithThemselvesAndCountAllSteps(@TempDir final Path folder) {
		final RunSettings run = run(pair(folder, SlicePriors.slices()));
		final PatchDiffusion method = new PatchDiffusion(SHORT);
		final List<Integer> numbers = new ArrayList<>(), totals = new ArrayList<>();
		final float[][] first = Layouts.planes(method.reconstruct(scan(FEW), GRID, run, new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public void iterated(final Iterate iterate) {
				numbers.add(iterate.number());
				totals.add(iterate.total());
			}
		}).img());
		assertArrayEquals(first, Layouts.planes(method.reconstruct(scan(FEW), GRID, run, Progress.SILENT).img()));
		// 30 of ADMM-TV, 3 with slices, 2 with patches alone.
		assertEquals(IntStream.rangeClosed(1, 35).boxed().toList(), numbers);
		assertEquals(List.of(35), totals.stream().distinct().toList());
		final Volume without = new PatchDiffusion(SHORT.withSliceSteps(0)).reconstruct(scan(FEW), GRID, run, Progress.SILENT);
		assertTrue(Layouts.toColumns(without.img()).add(-1, Layouts.toColumns(Layouts.wrap(first, GRID.nx(), GRID.ny())))
			.norm() > 0);
		assertTrue(method.estimate(scan(FEW), GRID, run, Progress.SILENT).seconds() > 0);
	}

	/** Of equal predictions the mean is either. */
	@Test
	void stepsAreThoseOfTheMeanOfBothPredictions() {
		try (Prior slices = Prior.create(SlicePriors.slices(), "cpu", 2)) {
			final PriorSettings known = slices.settings();
			final Denoiser same = new SliceDenoiser(slices, SliceGroups.single(GRID.nz()), GRID.nx(), GRID.ny(),
				new Stopwatch());
			final Columns mean = Layouts.normalised(object()), alone = mean.copy();
			new SliceStage(slices, same, known, SHORT, GRID, new Stopwatch()).improve(mean, DataConsistency.NONE, 5,
				Progress.SILENT);
			new DdimSampler(NoiseSchedule.of(known), same, DataConsistency.NONE, SHORT.withSteps(3)
				.withOverlap(1), 5).sample(alone, Progress.SILENT);
			assertEquals(0, mean.add(-1, alone).norm() / alone.norm(), 1e-6);
		}
	}

	@Test
	void priorOfOtherUnitsIsRefused(@TempDir final Path folder) {
		final PriorSettings slices = SlicePriors.slices(), other = new PriorSettings("other", slices.network(), false, false,
			Prediction.CLEAN, NoiseSchedule.ho(), 0, 2, "HU", -1000, 3000, null);
		final RunSettings run = run(pair(folder, other));
		final String message = assertThrows(InvalidInputException.class, () -> new PatchDiffusion(SHORT).reconstruct(scan(FEW),
			GRID, run, Progress.SILENT)).getMessage();
		assertTrue(message.matches("The prior of slices \"other\" was trained on values from -1000.0 to 3000.0 HU as " +
			"0.0 to 2.0, but the prior \"patches\" that it lies beside on values from -1000.0 to 1000.0 HU as 0.0 to 2.0. Train both alike, or set slices=false."), message);
	}
}
