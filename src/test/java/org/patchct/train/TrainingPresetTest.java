package org.patchct.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.network.WaveletConfig;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Presets, what they cost, and which volumes they can use. */
class TrainingPresetTest {

	@Test
	void paperIsAsPublished() {
		final PriorSettings prior = TrainingPreset.PAPER.prior("p", "HU");
		assertEquals(UNetConfig.paper(), prior.network());
		assertEquals(Prediction.EPSILON, prior.prediction());
		assertEquals(new NoiseSchedule(1000, 1e-4, 0.02), prior.schedule());
		final TrainingSettings training = TrainingPreset.PAPER.training(0, 3);
		assertEquals(List.of(64, 2e-5, 0.999, 0.0, 1.0), List.of(training.batch(), training.learningRate(), training
			.emaDecay(), training.weightDecay(), training.levelPower()));
	}

	@Test
	void stepsAreThePresetsUnlessGiven() {
		for (final TrainingPreset preset : TrainingPreset.values()) {
			assertTrue(preset.training(0, 3).steps() >= 4000);
			for (final int steps : new int[] { 1, 2, 30 })
				assertEquals(steps, preset.training(steps, 3).steps());
			assertEquals(3, preset.training(0, 3).seed());
		}
		assertNotEquals(TrainingPreset.GPU.training(0, 0).batch(), TrainingPreset.LAPTOP.training(0, 0).batch());
	}

	@Test
	void slicesHaveTheCompactNetworkAndFewerPatchesAStep() {
		final PriorSettings slices = TrainingPreset.LAPTOP.prior("p", "HU", PriorKind.SLICES, NoiseSchedule.Kind.VP), groups =
			TrainingPreset.GPU.prior("p", "HU", PriorKind.GROUPS, NoiseSchedule.Kind.VP);
		assertEquals(List.of(1, 3), List.of(slices.slices(), groups.slices()));
		assertEquals(List.of(1, 3), groups.network().spacings());
		assertEquals(NoiseSchedule.ho(), slices.schedule());
		assertEquals(TrainingPreset.LAPTOP.prior("p", "HU"), TrainingPreset.LAPTOP.prior("p", "HU", PriorKind.PATCHES,
			NoiseSchedule.Kind.VP));
		assertEquals(TrainingPreset.LAPTOP.training(7, 3), TrainingPreset.LAPTOP.training(7, 3, PriorKind.PATCHES));
		final TrainingSettings training = TrainingPreset.LAPTOP.training(0, 3, PriorKind.SLICES);
		assertEquals(List.of(2, 2, 2 * TrainingPreset.LAPTOP.training(0, 3).steps()), List.of(training.batch(), training
			.volumesPerStep(), training.steps()));
		assertEquals(5, TrainingPreset.GPU.training(5, 3, PriorKind.GROUPS).steps());
	}

	@Test
	void explodingVarianceGoesFromThePapersLeastNoiseToItsMost() {
		final PriorSettings slices = TrainingPreset.LAPTOP.prior("p", "HU", PriorKind.SLICES, NoiseSchedule.Kind.VE);
		final double span = slices.networkHigh() - slices.networkLow();
		assertEquals(0.01, slices.schedule().sigma(0) / span, 1e-9);
		assertEquals(378, slices.schedule().sigma(999) / span, 1e-9);
		// The second expert takes over at the same noise.
		final double bound = slices.schedule().sigma(slices.network().bounds().get(0));
		assertEquals(1, bound / NoiseSchedule.ho().sigma(WaveletConfig.compact().bounds().get(0)), 0.01);
	}

	@Test
	void combinationsThatDoNotExistAreRefused() {
		for (final PriorKind kind : List.of(PriorKind.PATCHES, PriorKind.GROUPS))
			assertEquals("The schedule VE for " + kind + ": it is for Slices only. Choose VP.", assertThrows(
				InvalidInputException.class, () -> TrainingPreset.LAPTOP.prior("p", "HU", kind, NoiseSchedule.Kind.VE))
					.getMessage());
		assertEquals("The preset Paper for Slices: it is for 3-D patches only. Choose Laptop or GPU.", assertThrows(
			InvalidInputException.class, () -> TrainingPreset.PAPER.prior("p", "HU", PriorKind.SLICES, NoiseSchedule.Kind.VP))
				.getMessage());
	}

	@Test
	void windowFollowsTheUnit() {
		for (final Intensity known : List.of(Intensity.HU, Intensity.ATTENUATION, Intensity.grey(0, 1))) {
			final PriorSettings prior = TrainingPreset.LAPTOP.prior("p", known.unit());
			assertEquals(List.of(known.unit(), known.low(), known.high()), List.of(prior.unit(), prior.low(), prior.high()));
		}
	}

	@Test
	void costGrowsWithVolumesNetworkAndBatch() {
		final PriorSettings compact = TrainingPreset.LAPTOP.prior("p", "HU"), paper = TrainingPreset.PAPER.prior("p", "HU");
		final TrainingSettings laptop = TrainingPreset.LAPTOP.training(0, 0), gpu = TrainingPreset.GPU.training(0, 0);
		final TrainingVolume volume = new TrainingVolume("v", new Columns(40, 50, 60), 1);
		final TrainingCost one = TrainingCost.of(compact, laptop, List.of(volume), List.of());
		final TrainingCost two = TrainingCost.of(compact, laptop, List.of(volume, volume), List.of());
		assertEquals(40 * 50 * 60, two.heap() - one.heap(), 1);
		assertEquals(one.network(), two.network());
		assertTrue(TrainingCost.of(compact, laptop, List.of(volume), List.of(volume)).heap() > two.heap());
		assertTrue(TrainingCost.of(compact, gpu, List.of(volume), List.of()).network() > 3 * one.network());
		// The paper's network has 24 times the weights, and 64 channels at 32³ instead of 32 at 16³.
		assertTrue(TrainingCost.of(paper, laptop, List.of(volume), List.of()).network() > 10 * one.network());
		// 23 MB of resident memory were measured for a patch more in the batch (bench NetworkSpeed with 4 and 16 patches).
		final double patch = 4 * (TrainingCost.of(compact, gpu, List.of(volume), List.of()).network() - one.network()) / (gpu
			.batch() - laptop.batch());
		assertEquals(23e6, patch, 10e6);
	}

	@Test
	void costOfSlicesIsThatOfPlanes() {
		final PriorSettings slices = TrainingPreset.LAPTOP.prior("p", "HU", PriorKind.SLICES, NoiseSchedule.Kind.VP);
		final TrainingSettings laptop = TrainingPreset.LAPTOP.training(0, 0, PriorKind.SLICES), gpu = TrainingPreset.GPU
			.training(0, 0, PriorKind.SLICES);
		final TrainingVolume volume = new TrainingVolume("v", new Columns(40, 50, 60), 1);
		final TrainingCost one = TrainingCost.of(slices, laptop, List.of(volume), List.of()), more = TrainingCost.of(slices, gpu,
			List.of(volume), List.of());
		// Two more slices of input, clean slice and target, and marks, in each of three batches.
		assertEquals((gpu.batch() - laptop.batch()) * 3 * 3.25 * 128 * 128, more.heap() - one.heap(), 1);
		// 36 MB of resident memory were measured for a slice more in the batch (wavelet_unet.py with 2, 10 and 18).
		assertEquals(36e6, 4 * (more.network() - one.network()) / (gpu.batch() - laptop.batch()), 20e6);
	}

	@Test
	void thinVolumesCanTeachSlices() {
		final List<Volume> volumes = List.of(volume("thin", 20, 6, Intensity.HU), volume("small", 15, 20, Intensity.HU));
		final List<String> refused = new ArrayList<>();
		assertEquals(List.of("thin"), TrainingVolumes.usable(volumes, TrainingPreset.LAPTOP.prior("p", "HU", PriorKind.SLICES,
			NoiseSchedule.Kind.VP), refused::add).stream().map(TrainingVolume::name).toList());
		assertEquals(List.of("Left out: \"small\" of 15 x 15 x 20 voxels: each side of a slice must have at least 16."),
			refused);
	}

	@Test
	void volumesThatTeachNothingAreLeftOutByName() {
		final List<Volume> volumes = new ArrayList<>(List.of(volume("grey", 20, 20, Intensity.grey(0, 1)), volume("thorax", 20,
			20, Intensity.HU), volume("thin", 20, 15, Intensity.HU), volume("leg", 16, 16, Intensity.HU)));
		volumes.add(Layouts.denormalised("air", new Columns(20, 20, 20).fill(-0.2f), Grid.cube(20, 1), Intensity.HU));
		assertEquals("HU", TrainingVolumes.unit(volumes));
		assertEquals("grey", TrainingVolumes.unit(volumes.subList(0, 2)), "the first of two as frequent ones");
		final List<String> refused = new ArrayList<>();
		final List<TrainingVolume> usable = TrainingVolumes.usable(volumes, TrainingPreset.LAPTOP.prior("p", "HU"),
			refused::add);
		assertEquals(List.of("thorax", "leg"), usable.stream().map(TrainingVolume::name).toList());
		assertEquals(3, refused.size(), refused.toString());
		assertTrue(refused.get(0).startsWith("Left out: \"grey\" is in grey"), refused.get(0));
		assertTrue(refused.get(1).startsWith("Left out: \"thin\" of 20 x 20 x 15 voxels"), refused.get(1));
		assertTrue(refused.get(2).startsWith("Left out: \"air\": it has the same value"), refused.get(2));
	}

	private static Volume volume(final String name, final int n, final int nz, final Intensity intensity) {
		final Columns columns = new Columns(n, n, nz);
		columns.column(3, 4)[5] = 0.5f;
		return Layouts.denormalised(name, columns, new Grid(n, n, nz, 1, 1, 1), intensity);
	}
}
