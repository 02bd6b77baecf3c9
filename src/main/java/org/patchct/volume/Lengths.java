package org.patchct.volume;

import java.util.Locale;

/** Units of length by their names. */
public final class Lengths {

	private Lengths() { }

	/** Length of a unit in mm, NaN if it is none. */
	public static double millimetres(final String unit) {
		return switch (unit == null ? "" : unit.trim().toLowerCase(Locale.ROOT)) {
			case "m", "meter", "meters", "metre", "metres" -> 1000;
			case "cm", "centimeter", "centimeters", "centimetre", "centimetres" -> 10;
			case "mm", "millimeter", "millimeters", "millimetre", "millimetres" -> 1;
			// Micro sign, Greek mu.
			case "um", "\u00b5m", "\u03bcm", "micron", "microns", "micrometer", "micrometers", "micrometre", "micrometres" ->
				1e-3;
			case "nm", "nanometer", "nanometers", "nanometre", "nanometres" -> 1e-6;
			case "in", "inch", "inches" -> 25.4;
			default -> Double.NaN;
		};
	}
}
