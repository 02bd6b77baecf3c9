package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.patchct.diffusion.SlicePriors;
import org.patchct.recon.RampFilter.Window;
import org.patchct.scan.Beam;
import org.patchct.scan.Detector;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

class FbpScanTest {

	private static final Grid GRID = Grid.cube(16, 1);

	private static FbpScan scan(final int views, final double range) {
		return new FbpScan(views, range, 1e5, Window.RAM_LAK);
	}

	private static String difference(final ScanGeometry geometry) {
		return scan(10, 180).difference(geometry, "ten");
	}

	private static ScanGeometry given(final Beam beam, final int views, final double start, final double range) {
		return beam.covering(GRID, 0, 0, Detector.FLAT, ScanGeometry.evenAngles(views, start, range));
	}

	@Test
	void scansLikeThoseTrainedOnDoNotDiffer() {
		assertNull(difference(scan(10, 180).beam(GRID)));
		assertNull(difference(given(Beam.PARALLEL, 10, 180, 180)), "the same lines the other way round");
		assertNull(difference(given(Beam.PARALLEL, 20, 0, 360)), "every line twice");
		assertNull(difference(given(Beam.PARALLEL, 10, 1, 180)), "hardly turned");
		assertNull(scan(10, 120).difference(given(Beam.PARALLEL, 10, 0, 120), "limited"));
		assertNull(scan(1, 180).difference(given(Beam.PARALLEL, 1, 0, 180), "one"));
	}

	@Test
	void otherScansAreToldApart() {
		assertEquals("The network \"ten\" was trained on the FBP of 10 views over 180 degrees from 0 in parallel beam, and this " +
			"scan has 12 over 180 from 7.5: it has other streaks than the network knows. Train one for such scans with CT Train " +
			"FBP-UNet....", difference(given(Beam.PARALLEL, 12, 7.5, 180)));
		assertTrue(difference(given(Beam.PARALLEL, 10, 9, 180)).contains(" from 9: "));
		assertTrue(difference(given(Beam.PARALLEL, 10, 0, 150)).contains(" has 10 over 150 from 0: "));
		assertTrue(difference(given(Beam.FAN, 10, 0, 360)).contains(" has 10 over 180 in fan or cone beam: "));
	}

	@Test
	void scansThatAreFarOffAreRefused() {
		for (final ScanGeometry far : List.of(given(Beam.PARALLEL, 21, 0, 180), given(Beam.PARALLEL, 4, 0, 180), given(
			Beam.PARALLEL, 10, 0, 100)))
			assertTrue(assertThrows(InvalidInputException.class, () -> difference(far)).getMessage().contains(
				": too far off to be of use. Train one"));
	}

	@Test
	void symmetriesAreThoseOfTheSetOfViews() {
		assertEquals(List.of(true, true), List.of(scan(10, 180).keepsFlips(), scan(10, 180).keepsTransposes()));
		assertEquals(List.of(true, false), List.of(scan(9, 180).keepsFlips(), scan(9, 180).keepsTransposes()));
		assertEquals(List.of(false, false), List.of(scan(10, 120).keepsFlips(), scan(10, 120).keepsTransposes()));
	}

	@Test
	void impossibleScansAreRefused() {
		assertThrows(InvalidInputException.class, () -> scan(0, 180));
		assertThrows(InvalidInputException.class, () -> scan(10, 181));
		assertThrows(InvalidInputException.class, () -> new FbpScan(10, 180, 0.5, Window.RAM_LAK));
		assertThrows(InvalidInputException.class, () -> new FbpScan(10, 180, 0, null));
	}

	@Test
	void settingsSurviveJsonAndSayWhatTheNetworkIsFor() {
		final PriorSettings settings = SlicePriors.fbp(6);
		assertEquals(settings, PriorSettings.fromJson(settings.toJson()));
		assertTrue(settings.toJson().contains("\"version\": 2"));
		for (final String[] wrong : new String[][] { { "RAM_LAK", "SQUARE", "\"window\" of the FBP filter" }, { "\"views\": 6",
			"\"views\": 0", "Number of views 0" }, { "\"timesteps\": 1", "\"timesteps\": 9", "has 9 noise levels" } })
			assertTrue(assertThrows(InvalidInputException.class, () -> PriorSettings.fromJson(settings.toJson().replace(wrong[0],
				wrong[1]))).getMessage().contains(wrong[2]), wrong[1]);
	}

	@Test
	void networksForFbpAndPriorsAreNotTakenForEachOther() {
		assertEquals("The prior \"fbp\" is a network for FBP slices, but DiffusionMBIR needs one for single slices. " +
			"Choose such a prior.", assertThrows(InvalidInputException.class, () -> SlicePriors.fbp(6).require(1,
				NoiseSchedule.Kind.VE, "DiffusionMBIR")).getMessage());
		assertEquals("The prior \"slices\" is one for single slices, but FBP-UNet needs a network for FBP slices. " +
			"Choose one made by CT Train FBP-UNet....", assertThrows(InvalidInputException.class, () -> SlicePriors.slices()
				.requireFbp("FBP-UNet")).getMessage());
		SlicePriors.fbp(6).requireFbp("FBP-UNet");
	}
}
