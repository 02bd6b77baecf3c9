package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;

import java.io.InputStream;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Thorax;

class BundledPriorTest {

	private static final List<String> TEST_BODIES = List.of("liver_crlm_1006", "limb_sts_042", "limb_sts_043",
		"limb_sts_044", "limb_sts_045", "limb_sts_046"), TEST_MICE = List.of("NZW_LACJ_", "PERC.EiJ_", "PL.J_", "PWK.PhJ_",
			"SF.CamEiJ_");

	private static final int PATCHES_BYTES = 20_000_000, SLICES_BYTES = 10_000_000;

	@Test
	void priorsAreSmallAndSayHowTheyWereMade() throws Exception {
		assertEquals(List.of("body-ct", "mouse-microct"), Prior.BUNDLED);
		for (final String kind : Prior.bundledKinds("body-ct").toList())
			check(kind, Intensity.HU, TEST_BODIES);
		for (final String kind : Prior.bundledKinds("mouse-microct").toList())
			check(kind, Intensity.grey(0, 1), TEST_MICE);
	}

	private static void check(final String name, final Intensity window, final List<String> test) throws Exception {
		try (InputStream file = Prior.class.getResourceAsStream("priors/" + name + ".safetensors")) {
			final int bytes = file.readAllBytes().length;
			assertTrue(bytes <= (Prior.BUNDLED.contains(name) ? PATCHES_BYTES : SLICES_BYTES), name + ": " + bytes);
		}
		try (Prior prior = Prior.bundled(name, "cpu")) {
			final PriorSettings settings = prior.settings();
			assertEquals(window.unit(), settings.unit());
			assertEquals(window.low(), settings.low());
			assertEquals(window.high(), settings.high());
			final JsonObject record = settings.record();
			for (final String key : new String[] { "revision", "data", "training", "volumes", "validationVolumes", "minutes",
				"device", "threads", "validation", "voxelSize" })
				assertTrue(record.has(key), name + ": " + key);
			// The test split must not be among what it learnt from or was watched on.
			final String seen = record.get("volumes").toString() + record.get("validationVolumes");
			for (final String volume : test)
				assertFalse(seen.contains(volume), name + ": " + volume);
		}
	}

	/** A phantom is not what it was trained on, but tissue is: the prior must find it under noise. */
	@Test
	void bodyCtDenoisesAChest() {
		final Grid grid = new Grid(64, 48, 40, 5, 5, 5);
		final Columns clean = Layouts.normalised(Thorax.create(grid, 4));
		try (Prior prior = Prior.bundled("body-ct", "cpu")) {
			final PriorSettings settings = prior.settings();
			clean.affine((float) (settings.networkHigh() - settings.networkLow()), (float) settings.networkLow());
			final NoiseSchedule schedule = NoiseSchedule.of(settings);
			for (final int t : new int[] { 100, 300 }) {
				final Columns noisy = NoiseField.of(1, t).mixInto(clean.copy(), (float) schedule.signal(t), (float) schedule
					.noise(t));
				final Columns estimate = clean.zeros();
				VolumeDenoiser.of(prior, grid.nx(), grid.ny(), grid.nz(), 8).denoise(noisy, t, new Placement(3, 1, 7, 0), NoiseField
					.of(2), estimate, Progress.SILENT);
				final double before = schedule.sigma(t) * Math.sqrt(grid.voxels());
				final double after = estimate.add(-1, clean).norm();
				assertTrue(after < 0.5 * before, "t = " + t + ": error " + after + " of " + before);
			}
		}
	}
}
