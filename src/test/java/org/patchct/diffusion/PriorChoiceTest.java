package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class PriorChoiceTest {

	private static final PriorSettings TINY = PatchDenoiserTest.tiny(Prediction.V);

	@Test
	void unitOfTheScanProposesThePrior() {
		assertEquals("body-ct, proposed for values in HU", PriorChoice.of(null, Intensity.HU).toString());
		assertEquals("body-ct, proposed for values in 1/mm", PriorChoice.of(null, Intensity.ATTENUATION).toString());
		assertEquals("mouse-microct, proposed for values in grey", PriorChoice.of(null, Intensity.grey(0, 255)).toString());
	}

	@Test
	void bundledPriorsHaveNamesAndFilesHavePaths(@TempDir final Path folder) {
		try (Prior prior = PriorChoice.of(Path.of("body-ct"), Intensity.grey(0, 1)).open("cpu")) {
			assertEquals("HU", prior.settings().unit());
		}
		final Path file = folder.resolve("mine");
		try (Prior prior = Prior.create(TINY, "cpu", 1)) {
			prior.save(file);
		}
		assertEquals(file.toString(), PriorChoice.of(file, Intensity.HU).toString());
		try (Prior prior = PriorChoice.of(file, Intensity.HU).open("cpu")) {
			assertEquals("tiny", prior.settings().name());
		}
		assertTrue(assertThrows(InvalidInputException.class, () -> PriorChoice.of(Path.of("no-such"), Intensity.HU).open(
			"cpu")).getMessage().startsWith("There is no bundled prior \"no-such\"."));
	}

	@Test
	void scanLikeTheTrainingVolumesRaisesNoWarning() {
		assertEquals(List.of(), PriorFit.warnings(trainedOn(1, 3), new Grid(64, 64, 4, 0.6, 0.6, 5.9)));
		assertEquals(List.of(), PriorFit.warnings(TINY, new Grid(64, 64, 64, 0.001, 0.001, 0.001)), "nothing recorded");
	}

	@Test
	void voxelsOfOtherSizesAndThinVolumesRaiseWarnings() {
		final List<String> fine = PriorFit.warnings(trainedOn(1, 3), Grid.cube(64, 0.4));
		assertEquals(List.of("The voxels of 0.400 to 0.400 mm are far from those that the prior \"tiny\" was trained on, " +
			"1.00 to 3.00 mm: structures have other sizes in voxels than it knows. Resample the scan, or choose another prior."),
			fine);
		assertEquals(1, PriorFit.warnings(trainedOn(1, 3), Grid.cube(64, 7)).size());
		final List<String> thin = PriorFit.warnings(TINY, new Grid(64, 64, 3, 1, 1, 1));
		assertEquals(1, thin.size());
		assertTrue(thin.get(0).startsWith("The volume's shortest side of 3 voxels is less than half of a patch"), thin.get(
			0));
	}

	private static PriorSettings trainedOn(final double low, final double high) {
		final JsonArray sizes = new JsonArray();
		sizes.add(low);
		sizes.add(high);
		final JsonObject record = new JsonObject();
		record.add(PriorFit.VOXEL_SIZE, sizes);
		return TINY.withRecord(record);
	}

	@Test
	void valuesAboveThePriorsWindowRaiseAWarning() {
		final Grid grid = Grid.cube(10, 1);
		// Twice the window of the prior, of which one voxel in five lies above the prior's.
		final Intensity wide = new Intensity("HU", -1000, 3000, 4 * Intensity.MU_WATER);
		final Columns x = Columns.of(grid).fill(0.45f);
		final ParallelBeam geometry = ParallelBeam.covering(grid, new double[] { 0, 90 });
		final Projections scan = new Projections("scan", Projections.toImage(new Columns(geometry.bins(), 2, geometry
			.rows())), geometry, grid, wide);
		assertEquals(List.of(), PriorFit.warnings(TINY, scan, volume(x, grid, wide)));
		for (int i = 0; i < 20; i++)
			java.util.Arrays.fill(x.data()[i], 0.6f);
		assertEquals(List.of("20 % of the voxels lie above the window of -1000.0 to 1000.0 HU that the prior \"tiny\" was " +
			"trained on: it cannot know them. Choose a prior with a wider window."), PriorFit.warnings(TINY, scan, volume(x,
				grid, wide)));
	}

	private static Volume volume(final Columns x, final Grid grid, final Intensity intensity) {
		return Layouts.denormalised("volume", x, grid, intensity);
	}
}
