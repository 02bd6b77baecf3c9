package org.patchct.diffusion;

import org.patchct.network.PriorSettings;
import org.patchct.volume.Intensity;

/** What a prior's values mean. */
public final class PriorWindow {

	private PriorWindow() { }

	/** Whether values of this unit are attenuations, so that they can be turned into those of another such unit. */
	static boolean isCalibrated(final String unit) {
		return Intensity.HU.unit().equals(unit) || Intensity.ATTENUATION.unit().equals(unit);
	}

	/** The intensity model of the volumes that a prior was trained on. */
	static Intensity of(final PriorSettings prior) {
		final double low = prior.low(), high = prior.high();
		// 1000 HU are the attenuation of water; the window begins at empty space.
		if (Intensity.HU.unit().equals(prior.unit())) return new Intensity(prior.unit(), low, high, Intensity.MU_WATER *
			(high - low) / 1000);
		if (Intensity.ATTENUATION.unit().equals(prior.unit())) return new Intensity(prior.unit(), low, high, high - low);
		return Intensity.grey(low, high);
	}

	/**
	 * What a prior takes for 0 and 1 in a volume of its unit: the prior's own window where values are calibrated. Grey
	 * values have no scale but their window, which differs from volume to volume, so there it is the volume's.
	 */
	public static Intensity of(final PriorSettings prior, final Intensity given) {
		return isCalibrated(prior.unit()) ? of(prior) : given;
	}
}
