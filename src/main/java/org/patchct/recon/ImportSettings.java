package org.patchct.recon;

import org.patchct.scan.BeamSettings;
import org.patchct.scan.RingRemoval;
import org.patchct.task.InvalidInputException;

/**
 * What is done to a measured scan.
 *
 * @param values what the measured values are
 * @param badPixels whether dead and hot pixels are replaced
 * @param rings width of ring removal in original bins, see {@link RingRemoval}; 0 for none
 * @param binning detector pixels joined to one along each direction
 * @param axis how the axis of rotation is found
 * @param centre where it falls on the detector, in original bins counted from 0; only for {@link Axis#GIVEN}
 * @param beam the scanner
 */
public record ImportSettings(Values values, boolean badPixels, int rings, int binning, Axis axis, double centre,
	BeamSettings beam)
{

	/** What measured values are. */
	public enum Values {
			AUTOMATIC("Automatic"), INTENSITIES("Intensities"), LINE_INTEGRALS("Line integrals");

		private final String label;

		Values(final String label) {
			this.label = label;
		}

		@Override
		public String toString() {
			return label;
		}
	}

	/** How the axis of rotation is found. */
	public enum Axis {

			/** From opposite views in parallel beam where there are some, else by the sharpness of slices. */
			AUTOMATIC("Automatic"), OPPOSITE_VIEWS("Opposite views"), SHARPNESS("Sharpness"), MIDDLE("Middle"), GIVEN(
				"Given");

		private final String label;

		Axis(final String label) {
			this.label = label;
		}

		@Override
		public String toString() {
			return label;
		}
	}

	/** The most pixels that are joined along a direction. */
	public static final int MOST_BINNING = 64;

	public ImportSettings {
		if (binning < 1 || binning > MOST_BINNING) throw new InvalidInputException("Binning by " + binning +
			": it must be from 1 (none) to " + MOST_BINNING + ".");
		if (rings != 0) RingRemoval.requireWidth(rings);
		if (!Double.isFinite(centre)) throw new InvalidInputException("Axis of rotation at bin " + centre +
			": it must be a finite number.");
	}

	/** Finds out what can be found out, and changes nothing that need not be. */
	public static ImportSettings of(final BeamSettings beam) {
		return new ImportSettings(Values.AUTOMATIC, true, 0, 1, Axis.AUTOMATIC, 0, beam);
	}

	/** The same with ring removal. */
	public ImportSettings withRings(final int width) {
		return new ImportSettings(values, badPixels, width, binning, axis, centre, beam);
	}

	/** The same with pixels joined. */
	public ImportSettings withBinning(final int factor) {
		return new ImportSettings(values, badPixels, rings, factor, axis, centre, beam);
	}

	/** The same with the axis sought in another way, or given. */
	public ImportSettings withAxis(final Axis method, final double bin) {
		return new ImportSettings(values, badPixels, rings, binning, method, bin, beam);
	}
}
