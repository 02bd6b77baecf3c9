package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.patchct.network.Prior;
import org.patchct.recon.Fbp;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
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

class FbpUNetTest {

	private static final RunSettings RUN = new RunSettings("cpu", 0, null);

	/** A scan of 6 views of a cylinder, the same in every slice. */
	private static Projections scan(final Grid grid, final Intensity intensity) {
		final Columns columns = Columns.of(grid);
		for (int y = 0; y < grid.ny(); y++)
			for (int x = 0; x < grid.nx(); x++)
				if (Math.hypot(x - grid.nx() / 3.0, y - grid.ny() / 2.0) < grid.nx() / 4.0) Arrays.fill(columns.column(x, y), 0.6f);
		return Simulation.scan(Layouts.denormalised("rod", columns, grid, intensity), 1, SlicePriors.fbp(6).fbp().beam(grid),
			NoiseModel.NONE, 0, "cpu", Progress.SILENT);
	}

	private static float[][] planes(final Volume volume) {
		return Layouts.planes(volume.img());
	}

	@ParameterizedTest
	@CsvSource({ "20, 9, 35", "3, 1, 1", "16, 16, 16", "5, 37, 2" })
	void everySliceOfAnySizeIsCorrectedAlike(final int nx, final int ny, final int nz) {
		final Projections scan = scan(new Grid(nx, ny, nz, 2, 2, 2), Intensity.HU);
		try (Prior network = Prior.create(SlicePriors.fbp(6), "cpu", 1)) {
			final Volume result = new FbpUNet().reconstruct(scan, scan.grid(), network, RUN, Progress.SILENT);
			assertEquals(scan.grid(), result.grid());
			final float[][] planes = planes(result), fbp = planes(new Fbp().reconstruct(scan, scan.grid(), RUN,
				Progress.SILENT));
			for (final float[] plane : planes) {
				assertArrayEquals(planes[0], plane, 0.05f);
				assertFalse(Arrays.equals(fbp[0], plane));
			}
		}
	}

	@Test
	void unitsOfTheScanAreThoseOfTheResult() {
		final Grid grid = Grid.cube(12, 3);
		try (Prior network = Prior.create(SlicePriors.fbp(6), "cpu", 1)) {
			final Volume hu = new FbpUNet().reconstruct(scan(grid, Intensity.HU), grid, network, RUN, Progress.SILENT), mu =
				new FbpUNet().reconstruct(scan(grid, Intensity.ATTENUATION), grid, network, RUN, Progress.SILENT);
			final float[] a = planes(hu)[3], b = planes(mu)[3];
			for (int i = 0; i < a.length; i++)
				assertEquals(Intensity.HU.attenuation(a[i]), b[i], 1e-6);
			assertTrue(assertThrows(InvalidInputException.class, () -> new FbpUNet().reconstruct(scan(grid, Intensity.grey(0,
				1)), grid, network, RUN, Progress.SILENT)).getMessage().contains("in grey values"));
		}
	}

	@Test
	void progressShowsTheSlicesAsTheyAreDoneAndStopsTheRun() {
		final Projections scan = scan(new Grid(8, 8, 40, 2, 2, 2), Intensity.HU);
		final List<String> stages = new ArrayList<>();
		final List<float[]> middle = new ArrayList<>();
		final Progress watching = new Progress() {

			@Override
			public void update(final String stage, final double done) {
				assertTrue(done >= 0 && done <= 1);
				stages.add(stage);
			}

			@Override
			public boolean cancelled() {
				return stages.contains("Correcting slice 33 of 40");
			}

			@Override
			public void iterated(final Iterate iterate) {
				middle.add(Layouts.planes(iterate.volume().get())[20]);
			}
		};
		try (Prior network = Prior.create(SlicePriors.fbp(6), "cpu", 1)) {
			assertThrows(CancelledException.class, () -> new FbpUNet().reconstruct(scan, scan.grid(), network, RUN, watching));
			assertArrayEquals(planes(new Fbp().reconstruct(scan, scan.grid(), RUN, Progress.SILENT))[20], middle.get(0), 0.05f);
			assertArrayEquals(planes(new FbpUNet().reconstruct(scan, scan.grid(), network, RUN, Progress.SILENT))[20], middle.get(
				1), 0.05f);
		}
	}

	@Test
	void networkIsTakenFromAFileOrRefused(@TempDir final Path folder) {
		final Projections scan = scan(Grid.cube(8, 2), Intensity.HU);
		final Path file = folder.resolve("six.safetensors"), prior = folder.resolve("slices.safetensors");
		try (Prior network = Prior.create(SlicePriors.fbp(6), "cpu", 1); Prior slices = Prior.create(SlicePriors.slices(), "cpu",
			1))
		{
			network.save(file);
			slices.save(prior);
		}
		new FbpUNet().reconstruct(scan, scan.grid(), new RunSettings("cpu", 0, file), Progress.SILENT);
		assertTrue(assertThrows(InvalidInputException.class, () -> new FbpUNet().reconstruct(scan, scan.grid(),
			new RunSettings("cpu", 0, prior), Progress.SILENT)).getMessage().contains("FBP-UNet needs a network for FBP slices"));
	}

	@Test
	void nearestBundledNetworkIsTaken() {
		assertEquals(List.of(4, 4, 10, 10, 30, 30), List.of(1, 6, 7, 17, 18, 100).stream().map(views -> FbpUNet.nearest(List.of(
			4, 10, 30), views)).toList());
		final Projections scan = scan(Grid.cube(8, 2), Intensity.HU);
		for (final Path given : new Path[] { null, Path.of("body-ct") })
			assertTrue(FbpUNet.network(given, scan.geometry(), scan.intensity()).toString().matches(
				"body-ct-fbp-\\d+, .*the nearest to 6 views"));
		assertEquals("other-fbp-7", FbpUNet.network(Path.of("other-fbp-7"), scan.geometry(), scan.intensity()).bundled());
	}

	@Test
	void bundledNetworksAreForTheScansTheyAreNamedAfter() {
		for (final String prior : Prior.BUNDLED)
			for (final int views : Prior.FBP_VIEWS)
				try (Prior network = Prior.bundled(Prior.fbpName(prior, views), "cpu")) {
					assertEquals(views, network.settings().fbp().views());
				}
	}
}
