package org.patchct.evaluate;

import java.util.ArrayList;
import java.util.List;

import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;

/**
 * One of the scans that a comparison makes of a volume.
 *
 * @param views number of views
 * @param range degrees that they are spread over evenly from 0
 * @param limited whether what makes the scan hard, and so its name, is the range rather than the number of views
 */
public record ScanCase(int views, double range, boolean limited) {

	/** From here on a parallel beam measures every line; limited angles are less. */
	private static final int HALF_TURN = 180;

	public ScanCase {
		ScanGeometry.evenAngles(views, 0, range);
	}

	/** Few views over a range. */
	public static ScanCase sparse(final int views, final double range) {
		return new ScanCase(views, range, false);
	}

	/** A view every degree from 0 to {@code degrees} − 1, as in DiffusionMBIR (Chung et al. 2023). */
	public static ScanCase limited(final int degrees) {
		return new ScanCase(degrees, degrees, true);
	}

	/**
	 * Reads scans.
	 *
	 * @param views numbers of views separated by commas or blanks; may be blank if {@code limited} is not
	 * @param range of those, degrees
	 * @param limited whole degrees of limited angles, separated likewise; blank for none
	 * @throws InvalidInputException if one is not a whole number in its range, or there is none
	 */
	public static List<ScanCase> parse(final String views, final double range, final String limited) {
		final List<ScanCase> cases = new ArrayList<>();
		if (!views.isBlank() || limited.isBlank()) for (final int n : Protocol.parseViews(views))
			cases.add(sparse(n, range));
		if (!limited.isBlank()) for (final String text : limited.strip().split("[,\\s]+")) {
			final int degrees = text.matches("\\d{1,3}") ? Integer.parseInt(text) : 0;
			if (degrees < 1 || degrees >= HALF_TURN) throw new InvalidInputException("Limited angles \"" + limited +
				"\": give whole degrees from 1 to " + (HALF_TURN - 1) + ", separated by commas, such as 90,120.");
			if (!cases.contains(limited(degrees))) cases.add(limited(degrees));
		}
		return cases;
	}

	/** View angles, degrees. */
	double[] angles() {
		return ScanGeometry.evenAngles(views, 0, range);
	}

	/** Its name in files: "20v", "90deg". */
	public String code() {
		return views + (limited ? "deg" : "v");
	}

	/** Its name in tables with a column of views: "20", "90deg". */
	public String column() {
		return limited ? code() : String.valueOf(views);
	}

	/** Its name in figures and texts: "20 views", "90 degrees". */
	public String label() {
		return limited ? views + " degrees" : views == 1 ? "1 view" : views + " views";
	}
}
