package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.bench.ToothBench;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Fbp;
import org.patchct.recon.ImportSettings;
import org.patchct.recon.ImportSettings.Axis;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.ScanImport;
import org.patchct.scan.Beam;
import org.patchct.scan.BeamSettings;
import org.patchct.scan.Detector;
import org.patchct.scan.Projections;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanPlan;
import org.patchct.scan.ViewOrder;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;

/** Scans of real scanners. */
class MeasuredScanTest {

	private static final Path SCANS = Path.of(System.getProperty("patchct.data", "../shared/data"), "projections");

	private static final BeamSettings BEAM = BeamSettings.parallel(1);

	private static Path scan(final String name) {
		Assumptions.assumeTrue(Files.isDirectory(SCANS), "measured scans are absent: " + SCANS);
		return SCANS.resolve(name);
	}

	private static File file(final String name) {
		return scan(name).toFile();
	}

	private static RawScan toothStacks() {
		return ScanOpener.open(scan("tooth_projections.tif"), null, file("tooth_flats.tif"), file("tooth_darks.tif"), file(
			"tooth_angles_deg.txt"));
	}

	private static ScanImport imported(final RawScan raw, final ImportSettings settings) {
		return new ScanImport(ScanPlan.of(raw, null, 0, 180, false, false), settings, Progress.SILENT);
	}

	@Test
	void axisOfTheToothIsFound() {
		try (RawScan raw = ScanOpener.open(scan("tooth.h5"), null, null, null, null)) {
			final ScanPlan plan = ScanPlan.of(raw, null, 0, 180, false, false);
			assertEquals(ViewOrder.PROJECTIONS, plan.order());
			assertEquals("640 2 181", plan.bins() + " " + plan.rows() + " " + plan.angles().length);
			final ScanImport tooth = new ScanImport(plan, ImportSettings.of(BEAM), Progress.SILENT);
			assertEquals(295.5, tooth.centre(), 0.5);
		}
	}

	/** Each row by itself. */
	@Test
	void axisOfTheToothIsFoundInEitherRow() {
		try (RawScan raw = toothStacks()) {
			for (int row = 0; row < 2; row++) {
				final ScanImport tooth = imported(RowOfScan.of(raw, row), ImportSettings.of(BEAM));
				assertEquals(295.5, tooth.centre(), 0.5, "row " + row);
			}
		}
	}

	@Test
	void toothIsTheSameFromHdf5AndTiff() {
		final ImportSettings settings = ImportSettings.of(BEAM).withAxis(Axis.GIVEN, 295.5);
		try (RawScan hdf5 = ScanOpener.open(scan("tooth.h5"), null, null, null, null); RawScan tiff = toothStacks()) {
			final ScanImport a = imported(hdf5, settings), b = imported(tiff, settings);
			assertArrayEquals(a.projections().geometry().angles(), b.projections().geometry().angles(), 1e-5);
			final float[][] planesA = Layouts.planes(a.projections().img()), planesB = Layouts.planes(b.projections().img());
			for (int view = 0; view < planesA.length; view++)
				assertArrayEquals(planesA[view], planesB[view], 1e-4f, "view " + view);
		}
	}

	/** At a quarter of the resolution and with half the usual iterations, in seconds; ToothBench does it in full. */
	@Test
	void fewViewsOfTheToothComeNearerToAllByAdmmTvThanByFbp() {
		try (RawScan raw = toothStacks()) {
			final Projections all = imported(raw, ImportSettings.of(BEAM).withBinning(4)).projections();
			final Projections few = ToothBench.everyFourth(all);
			assertEquals("181 45", all.geometry().views() + " " + few.geometry().views());
			final float[] reference = slice(new Fbp(), all);
			final Reconstructor admmTv = new AdmmTv(AdmmTv.Settings.DEFAULT.withIterations(15, 5));
			final double byFbp = relativeError(slice(new Fbp(), few), reference), byTv = relativeError(slice(admmTv, few),
				reference);
			// Measured: 0.204 and 0.074; with pixels joined by 2 and 30 iterations 0.338 and 0.097.
			assertTrue(byFbp < 0.23 && byTv < 0.09 && byTv < 0.5 * byFbp, "FBP " + byFbp + ", ADMM-TV " + byTv);
		}
	}

	/** The first slice on the detector's own grid. */
	private static float[] slice(final Reconstructor method, final Projections scan) {
		return slice(method, scan, scan.grid());
	}

	private static float[] slice(final Reconstructor method, final Projections scan, final Grid grid) {
		return Layouts.planes(method.reconstruct(scan, grid, RunSettings.DEFAULT, Progress.SILENT).img())[0];
	}

	/** Root mean square of the difference over that of the reference, in the disc that every view of the tooth sees. */
	private static double relativeError(final float[] slice, final float[] reference) {
		final int n = (int) Math.sqrt(slice.length);
		double difference = 0, energy = 0;
		for (int i = 0; i < slice.length; i++) {
			// The axis is at bin 295.5 of 640, which leaves 295.5 / 320 of half the width on its nearer side.
			if (radius(i, n) > 295.5 / 320 * n / 2) continue;
			difference += (slice[i] - reference[i]) * (slice[i] - reference[i]);
			energy += reference[i] * reference[i];
		}
		return Math.sqrt(difference / energy);
	}

	@Test
	void dendritesLoseTheirRings() {
		try (RawScan raw = ScanOpener.open(scan("dendrites.mat"), null, null, null, null)) {
			final ScanPlan plan = ScanPlan.of(raw, null, 0, 180, false, false);
			assertEquals(ViewOrder.SINOGRAMS, plan.order());
			assertEquals("1260 1 360", plan.bins() + " " + plan.rows() + " " + plan.angles().length);
			final ImportSettings settings = ImportSettings.of(BEAM);
			final ScanImport with = new ScanImport(plan, settings.withAxis(Axis.GIVEN, 630), Progress.SILENT);
			final ScanImport without = new ScanImport(plan, settings.withRings(21), Progress.SILENT);
			final double before = ringEnergy(with), after = ringEnergy(without);
			assertTrue(after <= 0.5 * before, before + " before, " + after + " after");
			assertEquals(630, without.centre(), 2.5);
			ringsGoFromTheSliceAndTheObjectStays(with.projections(), without.projections());
		}
	}

	/** In the middle of the slice at full resolution, both times about the same axis. */
	private static void ringsGoFromTheSliceAndTheObjectStays(final Projections with, final Projections without) {
		final Grid scan = with.grid(), grid = new Grid(256, 256, 1, scan.dx(), scan.dy(), scan.dz());
		final int n = grid.nx();
		final float[] ringed = slice(new Fbp(), with, grid), clean = slice(new Fbp(), new Projections("without rings", without
			.img(), with.geometry(), scan, with.intensity()), grid);
		final double[] rings = angularMeans(ringed, n), rest = angularMeans(clean, n);
		final double before = highPassEnergy(rings), after = highPassEnergy(rest);
		// Measured: 0.052 of the energy is left, and the rest correlates by 0.975.
		assertTrue(after <= 0.2 * before, before + " before, " + after + " after");
		final double correlation = correlation(less(ringed, rings, n), less(clean, rest, n), n);
		assertTrue(correlation >= 0.95, "correlation " + correlation);
	}

	/**
	 * The organisers' angles turn the other way, and their slices' y axis points up. Compared at half the resolution, on both
	 * sides by joining pixels, in a quarter of the time.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "ta", "tc" })
	void fanBeamAgreesWithTheOrganisersReconstruction(final String name) {
		try (RawScan raw = ScanOpener.open(scan("htc2022_" + name + "_sinogram.tif"), null, null, null, null)) {
			final ScanPlan plan = ScanPlan.of(raw, null, 0, 360, true, true);
			assertEquals(ViewOrder.SINOGRAMS, plan.order());
			final BeamSettings beam = new BeamSettings(Beam.FAN, Detector.FLAT, 0.2, 410.66, 553.74);
			final ScanImport scan = new ScanImport(plan, ImportSettings.of(beam).withBinning(2), Progress.SILENT);
			assertEquals("Line integrals", scan.recipe().get("Measured values"));
			assertEquals((560 - 1) / 2.0, scan.centre(), 0.25);
			final double voxel = 2 * 0.2 * beam.atAxis();
			final Grid grid = new Grid(256, 256, 1, voxel, voxel, scan.projections().grid().dz());
			final float[] slice = slice(new Fbp(), scan.projections(), grid);
			final float[] reference = new TiffPlanes(scan("htc2022_" + name + "_reference_fbp.tif")).read(0);
			final double correlation = correlation(slice, upsideDown(joined(reference, 512), 256), 256);
			assertTrue(correlation >= 0.98, "correlation " + correlation);
		}
	}

	/** Means of two by two pixels of an image of n x n. */
	private static float[] joined(final float[] image, final int n) {
		final float[] joined = new float[n * n / 4];
		for (int i = 0; i < n * n; i++)
			joined[i % n / 2 + n / 2 * (i / n / 2)] += image[i] / 4;
		return joined;
	}

	private static float[] upsideDown(final float[] image, final int n) {
		final float[] turned = new float[n * n];
		for (int y = 0; y < n; y++)
			System.arraycopy(image, n * y, turned, n * (n - 1 - y), n);
		return turned;
	}

	private static double radius(final int i, final int n) {
		return Math.hypot(i % n - (n - 1) / 2.0, i / n - (n - 1) / 2.0);
	}

	/** Inside the disc that touches the image's sides. */
	private static double correlation(final float[] a, final float[] b, final int n) {
		double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0, count = 0;
		for (int i = 0; i < n * n; i++) {
			if (radius(i, n) > n / 2.0) continue;
			final double p = a[i], q = b[i];
			sa += p;
			sb += q;
			saa += p * p;
			sbb += q * q;
			sab += p * q;
			count++;
		}
		return (sab - sa * sb / count) / Math.sqrt((saa - sa * sa / count) * (sbb - sb * sb / count));
	}

	/** Energy of what differs from bin to bin in the mean over all views, where the object varies smoothly. */
	private static double ringEnergy(final ScanImport scan) {
		final float[][] planes = Layouts.planes(scan.projections().img());
		final double[] mean = new double[planes[0].length];
		for (final float[] plane : planes)
			for (int u = 0; u < mean.length; u++)
				mean[u] += plane[u] / planes.length;
		return highPassEnergy(mean);
	}

	/** The mean of a slice at each whole distance from its middle, within the disc that touches its sides. */
	private static double[] angularMeans(final float[] slice, final int n) {
		final double[] sum = new double[n / 2], count = new double[n / 2];
		for (int i = 0; i < n * n; i++)
			if (radius(i, n) < n / 2) {
				sum[(int) radius(i, n)] += slice[i];
				count[(int) radius(i, n)]++;
			}
		for (int r = 0; r < sum.length; r++)
			sum[r] /= count[r];
		return sum;
	}

	/** A slice less its mean at each distance from the middle: what is no ring. */
	private static float[] less(final float[] slice, final double[] means, final int n) {
		final float[] rest = new float[n * n];
		for (int i = 0; i < n * n; i++)
			if (radius(i, n) < n / 2) rest[i] = (float) (slice[i] - means[(int) radius(i, n)]);
		return rest;
	}

	private static double highPassEnergy(final double[] values) {
		double energy = 0;
		final int reach = 7;
		for (int u = reach; u < values.length - reach; u++) {
			final double smooth = Arrays.stream(values, u - reach, u + reach + 1).average().orElseThrow();
			energy += (values[u] - smooth) * (values[u] - smooth);
		}
		return energy;
	}
}
