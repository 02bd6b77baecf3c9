package org.patchct.evaluate;

import java.math.BigDecimal;
import java.math.MathContext;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Intensity;

/**
 * Values shown from black to white.
 *
 * @param black in the volume's units
 * @param white in the volume's units, greater than {@code black}
 */
public record GreyWindow(double black, double white) {

	/** Width 400 HU at level 40 HU, the usual window for soft tissue of the trunk. */
	static final GreyWindow SOFT_TISSUE = new GreyWindow(-160, 240);

	public GreyWindow {
		if (!(white > black) || Double.isInfinite(white - black)) throw new InvalidInputException("Grey window " + black +
			" to " + white + ": the second value must be greater than the first.");
	}

	/** The soft-tissue window for Hounsfield units, else all of the intensity's own window. */
	public static GreyWindow usual(final Intensity intensity) {
		return intensity.isHounsfield() ? SOFT_TISSUE : new GreyWindow(intensity.low(), intensity.high());
	}

	/**
	 * Reads "-160,240"; blank gives null, for {@link #usual}.
	 *
	 * @throws InvalidInputException if the text is not two increasing numbers
	 */
	public static GreyWindow parse(final String text) {
		if (text == null || text.isBlank()) return null;
		try {
			final String[] parts = text.strip().split("\\s*,\\s*|\\s+");
			if (parts.length == 2) return new GreyWindow(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
		}
		catch (final NumberFormatException e) {
			// Reported below like any other text that is not two numbers.
		}
		throw new InvalidInputException("Grey window \"" + text +
			"\": give the values of black and white, such as -160,240, or nothing for a usual one.");
	}

	/** 0 (black) to 255. */
	int grey(final double value) {
		return (int) Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black))));
	}

	@Override
	public String toString() {
		return number(black) + " to " + number(white);
	}

	/** A number to four digits, without trailing zeros. */
	public static String number(final double value) {
		return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
	}
}
