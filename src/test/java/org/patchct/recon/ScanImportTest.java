package org.patchct.recon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.recon.ImportSettings.Axis;
import org.patchct.recon.ImportSettings.Values;
import org.patchct.scan.ArrayPlanes;
import org.patchct.scan.Beam;
import org.patchct.scan.BeamSettings;
import org.patchct.scan.Binning;
import org.patchct.scan.Detector;
import org.patchct.scan.EllipsoidScan;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Planes;
import org.patchct.scan.Projections;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.ScanPlan;
import org.patchct.scan.ViewAngles;
import org.patchct.scan.ViewOrder;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.SheppLogan;
import org.patchct.volume.SheppLogan.Contrast;

/** A scanner with all its faults, made from exact projections: importing its counts must give the line integrals back. */
class ScanImportTest {

	private static final int BINS = 96, ROWS = 4;

	private static final double PIXEL = 0.5, OFFSET = 5.3, CENTRE = (BINS - 1) / 2.0 + OFFSET;

	/** Photons of the open beam: line integrals up to 2 are measured to ±0.003. */
	private static final double OPEN = 800_000;

	private static final BeamSettings BEAM = BeamSettings.parallel(PIXEL);

	/** Exact line integrals, one array a view. */
	private static float[][] exact(final double[] angles) {
		final Grid object = new Grid(66, 66, 40, PIXEL, PIXEL, PIXEL);
		return Layouts.planes(EllipsoidScan.averaged(SheppLogan.ellipsoids(object, Contrast.MODIFIED, 0.1), new ParallelBeam(
			BINS, ROWS, PIXEL, PIXEL, OFFSET, angles), 1));
	}

	/** Counts of line integrals, with a gain for each pixel that falls off to the sides, a dark current, and noise. */
	private static float[][] counts(final float[][] exact, final boolean beam, final float[] gain, final long seed) {
		final Random random = new Random(seed);
		final float[][] counts = new float[exact.length][];
		for (int k = 0; k < counts.length; k++) {
			counts[k] = new float[BINS * ROWS];
			for (int i = 0; i < counts[k].length; i++) {
				final double n = beam ? OPEN * gain[i] * Math.exp(-exact[k][i]) : 0;
				counts[k][i] = (float) Math.rint(100 + 3 * (i % 7) + n + Math.sqrt(n) * random.nextGaussian());
			}
		}
		return counts;
	}

	private static float[] gain() {
		final Random random = new Random(3);
		final float[] gain = new float[BINS * ROWS];
		for (int i = 0; i < gain.length; i++) {
			final double x = (i % BINS - BINS / 2.0) / BINS;
			gain[i] = (float) ((1 - x * x) * (1 + 0.05 * random.nextGaussian()));
		}
		return gain;
	}

	private static Planes planes(final float[][] radiographs) {
		return new ArrayPlanes("radiographs", BINS, ROWS, radiographs);
	}

	private static RawScan scan(final double[] angles, final float[] gain) {
		final float[][] air = new float[20][BINS * ROWS];
		return new RawScan("scan", planes(counts(exact(angles), true, gain, 1)), planes(counts(air, true, gain, 2)), planes(
			counts(air, false, gain, 3)), angles, 0, () -> { });
	}

	private static ScanImport imported(final RawScan raw, final ImportSettings settings) {
		return new ScanImport(ScanPlan.of(raw, null, 0, 180, false, false), settings, Progress.SILENT);
	}

	private static double error(final float[][] exact, final Projections found) {
		final float[][] planes = Layouts.planes(found.img());
		double sum = 0;
		for (int view = 0; view < planes.length; view++)
			for (int i = 0; i < planes[view].length; i++)
				sum += Math.pow(planes[view][i] - exact[view][i], 2);
		return Math.sqrt(sum / (planes.length * planes[0].length));
	}

	@Test
	void countsGiveTheLineIntegralsBackWithinNoise() {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180);
		final ScanImport scan = imported(scan(angles, gain()), ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE));
		final float[][] exact = exact(angles);
		// e^(p/2) / √I0 at the mean line integral, and the flats' own noise
		assertTrue(error(exact, scan.projections()) < 0.003, "error " + error(exact, scan.projections()));
		final ParallelBeam beam = (ParallelBeam) scan.projections().geometry();
		assertEquals(OFFSET, beam.axisOffset(), 1e-9);
		assertEquals(PIXEL, beam.binPitch());
		assertEquals("0 replaced", scan.recipe().get("Bad pixels"));
	}

	@Test
	void deadAndHotPixelsAreReplaced() {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180);
		final float[] gain = gain();
		final RawScan good = scan(angles, gain);
		final int dead = 50 + BINS, hot = 62 + 2 * BINS;
		final RawScan bad = new RawScan("scan", spoilt(good.data(), dead, hot), spoilt(good.flats(), dead, hot), spoilt(good
			.darks(), dead, hot), angles, 0, () -> { });
		final ImportSettings settings = ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE);
		final ScanImport scan = imported(bad, settings);
		assertEquals("2 replaced", scan.recipe().get("Bad pixels"));
		final float[][] exact = exact(angles), found = Layouts.planes(scan.projections().img());
		for (int view = 0; view < found.length; view++)
			for (final int pixel : new int[] { dead, hot })
				assertEquals(exact[view][pixel], found[view][pixel], 0.25, "pixel " + pixel + ", view " + view);
		final ImportSettings untouched = new ImportSettings(Values.AUTOMATIC, false, 0, 1, Axis.GIVEN, CENTRE, BEAM);
		assertEquals(Math.log(OPEN / 0.5), Layouts.planes(imported(bad, untouched).projections().img())[0][dead], 0.5);
	}

	private static Planes spoilt(final Planes planes, final int dead, final int hot) {
		final float[][] all = new float[planes.count()][];
		for (int k = 0; k < all.length; k++) {
			all[k] = planes.read(k);
			all[k][dead] = 100;
			all[k][hot] = 1e6f;
		}
		return planes(all);
	}

	/** A half turn with its end, one without, a full turn, and angles of a golden section. */
	@ParameterizedTest
	@ValueSource(strings = { "closed", "open", "full", "golden" })
	void axisIsFoundWithinAQuarterOfABin(final String kind) {
		final double[] angles = switch (kind) {
			case "closed" -> ViewAngles.even(61, 0, 180, true);
			case "open" -> ScanGeometry.evenAngles(60, 10, 180);
			case "full" -> ScanGeometry.evenAngles(90, 0, 360);
			default -> IntStream.range(0, 70).mapToDouble(i -> i * 111.246 % 180).sorted().toArray();
		};
		final RawScan raw = scan(angles, gain());
		for (final Axis method : new Axis[] { Axis.AUTOMATIC, Axis.SHARPNESS })
			assertEquals(CENTRE, imported(raw, ImportSettings.of(BEAM).withAxis(method, 0)).centre(), 0.25, kind + " by " +
				method);
	}

	@Test
	void axisIsFoundInASparseOrLimitedScan() {
		final RawScan sparse = scan(ScanGeometry.evenAngles(24, 0, 180), gain());
		assertEquals(CENTRE, imported(sparse, ImportSettings.of(BEAM).withAxis(Axis.SHARPNESS, 0)).centre(), 0.5);
		final RawScan limited = scan(ScanGeometry.evenAngles(60, 0, 140), gain());
		assertEquals(CENTRE, imported(limited, ImportSettings.of(BEAM)).centre(), 1);
	}

	/** In a full turn by opposite rays of the plane of the source, and in a short scan, which has none, by sharpness. */
	@ParameterizedTest
	@CsvSource({ "FLAT, false", "FLAT, true", "ARC, false", "ARC, true" })
	void axisOfAConeIsFound(final Detector detector, final boolean shortScan) {
		final BeamSettings beam = new BeamSettings(Beam.CONE, detector, 2 * PIXEL, 100, 200);
		final Grid object = new Grid(66, 66, 40, PIXEL, PIXEL, PIXEL);
		final double[] angles = ScanGeometry.evenAngles(shortScan ? 120 : 180, 10, shortScan ? 220 : 360);
		final float[][] cone = Layouts.planes(EllipsoidScan.averaged(SheppLogan.ellipsoids(object, Contrast.MODIFIED, 0.1),
			beam.geometry(Binning.of(1, BINS, 9), CENTRE, angles), 1));
		final RawScan raw = new RawScan("cone", new ArrayPlanes("radiographs", BINS, 9, cone), null, null, angles, 0,
			() -> { });
		for (final Axis method : new Axis[] { Axis.AUTOMATIC, Axis.SHARPNESS }) {
			final ScanImport scan = imported(raw, ImportSettings.of(beam).withAxis(method, 0));
			// Measured: 0.04 off by opposite rays, and up to 0.35 by sharpness; the middle of the detector is 5.3 off.
			final double reach = method == Axis.AUTOMATIC && !shortScan ? 0.1 : 0.5;
			assertEquals(CENTRE, scan.centre(), reach, detector + " detector, by " + method);
		}
	}

	@Test
	void oppositeViewsThatAreMissingAreSaid() {
		final RawScan limited = scan(ScanGeometry.evenAngles(30, 0, 120), gain());
		final String said = assertThrows(InvalidInputException.class, () -> imported(limited, ImportSettings.of(BEAM)
			.withAxis(Axis.OPPOSITE_VIEWS, 0))).getMessage();
		assertTrue(said.contains("from opposite sides"), said);
	}

	@Test
	void ringsGoAndTheObjectStays() {
		final double[] angles = ScanGeometry.evenAngles(90, 0, 180);
		final float[] gain = gain(), drifted = gain.clone();
		final Random random = new Random(5);
		for (int i = 0; i < gain.length; i++)
			if (random.nextInt(6) == 0) drifted[i] *= 1 + 0.3f * (random.nextFloat() - 0.5f);
		final RawScan flats = scan(angles, gain), data = scan(angles, drifted);
		final RawScan raw = new RawScan("scan", data.data(), flats.flats(), flats.darks(), angles, 0, () -> { });
		final ImportSettings settings = ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE);
		final float[][] exact = exact(angles);
		final double with = error(exact, imported(raw, settings).projections());
		final double without = error(exact, imported(raw, settings.withRings(9)).projections());
		final double clean = error(exact, imported(flats, settings.withRings(9)).projections());
		assertTrue(without < 0.75 * with, with + " with rings, " + without + " without");
		assertTrue(clean < 0.02, "a scan without rings is changed by " + clean);
	}

	@Test
	void joiningPixelsKeepsMeansAndTheAxis() {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180);
		final RawScan raw = scan(angles, gain());
		final ImportSettings settings = ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE);
		final Projections fine = imported(raw, settings).projections(), coarse = imported(raw, settings.withBinning(3))
			.projections();
		assertEquals(BINS / 3, coarse.geometry().bins());
		assertEquals(1, coarse.geometry().rows());
		assertEquals(3 * PIXEL, coarse.geometry().binPitch());
		// The same place of the detector is as far from the axis in millimetres.
		assertEquals(((ParallelBeam) fine.geometry()).s(34), ((ParallelBeam) coarse.geometry()).s(11), 1e-9);
		final float[] view = Layouts.planes(fine.img())[7], joined = Layouts.planes(coarse.img())[7];
		double transmission = 0;
		for (int v = 0; v < 3; v++)
			for (int u = 33; u < 36; u++)
				transmission += Math.exp(-view[u + BINS * v]) / 9;
		assertEquals(-Math.log(transmission), joined[11], 1e-5);
		assertEquals(CENTRE, imported(raw, ImportSettings.of(BEAM).withBinning(3)).centre(), 1);
	}

	/** The same scan written in every order is the same. */
	@ParameterizedTest
	@EnumSource(ViewOrder.class)
	void orderIsRecognisedByTheNumberOfAngles(final ViewOrder order) {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180);
		final RawScan raw = scan(angles, gain());
		final RawScan written = new RawScan("scan", ArrayPlanes.written(raw.data(), order), raw.flats(), raw.darks(), angles,
			0, () -> { });
		assertEquals(order, ScanPlan.of(written, null, 0, 180, false, false).order());
		final ImportSettings settings = ImportSettings.of(BEAM).withAxis(Axis.MIDDLE, 0);
		final float[][] expected = Layouts.planes(imported(raw, settings).projections().img()), found = Layouts.planes(
			imported(written, settings).projections().img());
		for (int view = 0; view < expected.length; view++)
			assertArrayEquals(expected[view], found[view]);
	}

	@Test
	void viewsInAnyOrderAndDirectionAreSorted() {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180), shuffled = angles.clone();
		final RawScan raw = scan(angles, gain());
		final float[][] radiographs = new float[angles.length][];
		for (int i = 0; i < angles.length; i++) {
			final int from = i * 7 % angles.length;
			shuffled[i] = angles[from] + 720;
			radiographs[i] = raw.data().read(from);
		}
		final RawScan mixed = new RawScan("scan", planes(radiographs), raw.flats(), raw.darks(), shuffled, 0, () -> { });
		final ImportSettings settings = ImportSettings.of(BEAM).withAxis(Axis.MIDDLE, 0);
		final Projections expected = imported(raw, settings).projections(), found = imported(mixed, settings).projections();
		assertArrayEquals(expected.geometry().angles(), found.geometry().angles(), 1e-9);
		assertArrayEquals(Layouts.planes(expected.img())[13], Layouts.planes(found.img())[13]);
	}

	@Test
	void lineIntegralsAndIntensitiesAreTold() {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180);
		final RawScan integrals = new RawScan("scan", planes(exact(angles)), null, null, angles, 0, () -> { });
		final ScanImport scan = imported(integrals, ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE));
		assertEquals("Line integrals", scan.recipe().get("Measured values"));
		assertEquals(0, error(exact(angles), scan.projections()));
		final float[][] transmissions = exact(angles);
		for (final float[] plane : transmissions)
			for (int i = 0; i < plane.length; i++)
				plane[i] = (float) Math.exp(-plane[i]);
		final RawScan bright = new RawScan("scan", planes(transmissions), null, null, angles, 0, () -> { });
		final ScanImport other = imported(bright, ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE));
		assertEquals("Intensities", other.recipe().get("Measured values"));
		assertTrue(error(exact(angles), other.projections()) < 1e-5);
	}

	@Test
	void attenuationsComeOutInTheirUnit() {
		final double[] angles = ScanGeometry.evenAngles(90, 0, 180);
		final Projections scan = imported(scan(angles, gain()), ImportSettings.of(BEAM).withAxis(Axis.GIVEN, CENTRE))
			.projections();
		assertEquals("1/mm", scan.intensity().unit());
		final float[][] slices = Layouts.planes(new Fbp().reconstruct(scan, scan.grid(), RunSettings.DEFAULT,
			Progress.SILENT).img());
		// Line integrals of the slice along y are those of the first view.
		final float[] first = exact(angles)[0];
		final int at = BINS / 2 + 3, slice = 2;
		double integral = 0;
		for (int j = 0; j < BINS; j++)
			integral += slices[slice][at + BINS * j] * scan.grid().dy();
		assertEquals(first[(int) Math.round(at + OFFSET) + BINS * slice], integral, 0.06 * integral);
	}

	@Test
	void partsThatDoNotFitAreRefused() {
		final double[] angles = ScanGeometry.evenAngles(40, 0, 180);
		final RawScan raw = scan(angles, gain());
		final Planes narrow = new ArrayPlanes("narrow flats", BINS - 1, ROWS, new float[][] { new float[(BINS - 1) *
			ROWS] });
		refused(new RawScan("scan", raw.data(), narrow, null, angles, 0, () -> { }), "flats and darks must be images of");
		refused(raw.with(Arrays.copyOf(angles, 39)), "one of the three sizes must be the number of angles");
		refused(new RawScan("scan", raw.data(), raw.darks(), raw.flats(), angles, 0, () -> { }),
			"do not respond to the beam");
		final double[] twice = angles.clone();
		twice[5] = twice[6];
		refused(raw.with(twice), "View angles must increase");
		twice[5] = Double.NaN;
		refused(raw.with(twice), "not all finite numbers");
		assertThrows(InvalidInputException.class, () -> imported(raw, ImportSettings.of(BEAM).withBinning(64)));
		assertThrows(InvalidInputException.class, () -> BeamSettings.parallel(0));
	}

	private static void refused(final RawScan raw, final String message) {
		final String said = assertThrows(InvalidInputException.class, () -> imported(raw, ImportSettings.of(BEAM)))
			.getMessage();
		assertTrue(said.contains(message), said);
	}
}
