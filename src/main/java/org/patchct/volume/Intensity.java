package org.patchct.volume;

import org.patchct.task.InvalidInputException;

/**
 * What stored voxel values mean: a straight line from value to linear attenuation, and the window that is [0, 1] to
 * priors and metrics. {@code low} is empty space (zero attenuation), {@code high} is the value whose attenuation is
 * {@code muHigh}.
 *
 * @param unit "HU", "grey", "1/mm", …
 * @param low value of empty space; 0 in the window
 * @param high upper end of the window; 1 in the window
 * @param muHigh linear attenuation of {@code high}, 1/mm
 */
public record Intensity(String unit, double low, double high, double muHigh) {

	/**
	 * Linear attenuation of water at 70 keV, near the mean energy of a 120 kVp spectrum: 0.1929 cm²/g · 1 g/cm³ (NIST,
	 * X-ray mass attenuation coefficients, table 4).
	 */
	public static final double MU_WATER = 0.01929;

	/**
	 * Linear attenuation of cortical bone at 40 keV, a usual micro-CT energy: 0.6655 cm²/g · 1.92 g/cm³ (NIST, table 4),
	 * taken for the brightest value of an uncalibrated image.
	 */
	public static final double MU_BONE_MICRO_CT = 0.1278;

	/** Hounsfield units, window −1000…1000 HU. */
	public static final Intensity HU = new Intensity("HU", -1000, 1000, 2 * MU_WATER);

	/** Values that are linear attenuations, 1/mm; the window reaches from 0 to that of 1000 HU. */
	public static final Intensity ATTENUATION = new Intensity("1/mm", 0, 2 * MU_WATER, 2 * MU_WATER);

	public Intensity {
		if (!(high > low)) throw new InvalidInputException("Intensity window " + low + "…" + high +
			": its upper end must be greater than its lower end.");
		if (!(muHigh > 0)) throw new InvalidInputException("Attenuation " + muHigh +
			" 1/mm of the window's upper end: it must be positive.");
	}

	/** Uncalibrated grey values, {@code low} being empty space and {@code high} the densest material. */
	public static Intensity grey(final double low, final double high) {
		return new Intensity("grey", low, high, MU_BONE_MICRO_CT);
	}

	public boolean isHounsfield() {
		return "HU".equals(unit);
	}

	/** Value to window: {@code low} → 0, {@code high} → 1; not clipped. */
	public double normalise(final double value) {
		return (value - low) / (high - low);
	}

	/** Window to value, the inverse of {@link #normalise}. */
	public double denormalise(final double normalised) {
		return low + normalised * (high - low);
	}

	/** Value to linear attenuation, 1/mm. Not clipped: values below {@code low} give negative attenuation. */
	public double attenuation(final double value) {
		return muHigh * normalise(value);
	}
}
