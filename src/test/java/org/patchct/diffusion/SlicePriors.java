package org.patchct.diffusion;

import java.util.List;

import org.patchct.network.FbpScan;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.WaveletConfig;
import org.patchct.recon.RampFilter;

/** Small untrained priors of slices, for tests. */
public final class SlicePriors {

	private SlicePriors() { }

	/** Single slices, whose sides must be multiples of four. */
	public static PriorSettings slices() {
		return settings("slices", 1, NoiseSchedule.ho());
	}

	/** Single slices under exploding noise, of DiffusionMBIR's range. */
	public static PriorSettings exploding() {
		return settings("exploding", 1, new NoiseSchedule(NoiseSchedule.Kind.VE, 1000, 0.02, 756));
	}

	/** Groups of three. */
	public static PriorSettings groups() {
		return settings("groups", 3, NoiseSchedule.ho());
	}

	/** The network of FBP-UNet for noise-free scans of so many views over 180 degrees. */
	public static PriorSettings fbp(final int views) {
		return new PriorSettings("fbp", slices().network(), false, false, Prediction.CLEAN, new NoiseSchedule(
			NoiseSchedule.Kind.VE, 1, 0.3, 0.3), 0, 2, "HU", -1000, 1000, new FbpScan(views, 180, 0, RampFilter.Window.RAM_LAK),
			null);
	}

	private static PriorSettings settings(final String name, final int slices, final NoiseSchedule schedule) {
		return new PriorSettings(name, new WaveletConfig(slices, 8, List.of(4, 6), List.of(1, 1), 8, List.of(), slices, slices ==
			3 ? List.of(1, 3) : List.of()), false, false, Prediction.CLEAN, schedule, 0, 2, "HU", -1000, 1000, null);
	}
}
