package org.patchct.network;

import com.google.gson.JsonObject;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Arrays;
import java.util.Locale;

import org.patchct.recon.RampFilter;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * The scans whose filtered back-projections a network was trained to correct: views evenly spread from 0 degrees in
 * parallel beam.
 *
 * @param views number of views
 * @param range angular range that they are spread over, degrees, up to 180
 * @param photons per detector bin, 0 for no noise
 * @param window of the ramp filter
 */
public record FbpScan(int views, double range, double photons, RampFilter.Window window) {

	/**
	 * A scan may have this many times more or fewer views than those trained on, and this many times more or less angular
	 * range: farther off, another network is the better choice by far. One for 10 views added 6.2 dB to the FBP of a limb with
	 * 10 views, 4.8 and 5.9 dB with 7 and 14, and 4.0 and 4.4 dB with 5 and 20.
	 */
	static final double MOST_VIEWS = 2, MOST_RANGE = 1.5;

	/** Views may be turned by this share of their distance before it is worth a warning. */
	private static final double TURN = 0.1;

	public FbpScan {
		ScanGeometry.evenAngles(views, 0, range);
		if (range > 180) throw new InvalidInputException("Angular range " + range +
			" degrees of a network for FBP: at most 180, within which parallel beam sees everything.");
		new NoiseModel(photons, 0);
		if (window == null) throw new InvalidInputException("The network's record has no \"window\" of the FBP filter, or " +
			"one that is not known: it must be one of " + Arrays.toString(RampFilter.Window.values()) + ".");
	}

	/** The scan of a volume on a grid. */
	public ParallelBeam beam(final Grid grid) {
		return ParallelBeam.covering(grid, angles());
	}

	private double[] angles() {
		return ScanGeometry.evenAngles(views, 0, range);
	}

	/** Whether the FBP of a volume that is mirrored in x or y is its mirrored FBP. */
	public boolean keepsFlips() {
		return keepsReflection(0); // the ray at θ becomes that at −θ
	}

	/** Whether the FBP of a volume whose x and y are exchanged is so exchanged itself. */
	public boolean keepsTransposes() {
		return keepsReflection(90); // the ray at θ becomes that at 90° − θ
	}

	/** Whether the views are the same ones after θ → about − θ, modulo half a turn. */
	private boolean keepsReflection(final double about) {
		final double[] angles = angles();
		return Arrays.stream(angles).allMatch(a -> Arrays.stream(angles).anyMatch(b -> apart(about - a, b, 180) < 1e-6));
	}

	/** Distance of two numbers modulo a period. */
	private static double apart(final double a, final double b, final double period) {
		return Math.abs(Math.IEEEremainder(a - b, period));
	}

	/**
	 * How a scan differs from these, as a sentence for the user, or null if it does not.
	 *
	 * @param network its name
	 * @throws InvalidInputException if it is too different to be of use
	 */
	public String difference(final ScanGeometry geometry, final String network) {
		final boolean parallel = geometry instanceof ParallelBeam;
		final double[] given = parallel ? Arrays.stream(geometry.angles()).map(a -> Math.round((a - 180 * Math.floor(a /
			180)) * 1e6) % 180_000_000 * 1e-6).sorted().distinct().toArray() : geometry.angles();
		final double[] angles = geometry.angles();
		final double covered = geometry.limitedAngle() == null ? 180 : (angles[angles.length - 1] - angles[0]) *
			angles.length / (angles.length - 1);
		final String text = "The network \"" + network + "\" was trained on the FBP of " + views + " views over " + number(
			range) + " degrees from 0 in parallel beam, and this scan has " + given.length + " over " + number(covered) +
			(parallel ? " from " + number(given[0]) : " in fan or cone beam");
		final String cure = "Train one for such scans with CT Train FBP-UNet....";
		if (isFar(given.length, views, MOST_VIEWS) || isFar(covered, range, MOST_RANGE)) throw new InvalidInputException(
			text + ": too far off to be of use. " + cure);
		final boolean turned = apart(given[0], 0, range / views) > TURN * range / views;
		return parallel && !turned && given.length == views && Math.abs(covered - range) < 0.01 * range ? null : text +
			": it has other streaks than the network knows. " + cure;
	}

	/** Whether two positive numbers are more than a factor apart. */
	private static boolean isFar(final double a, final double b, final double factor) {
		return Math.max(a / b, b / a) > factor;
	}

	private static String number(final double value) {
		return new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
	}

	JsonObject toJson() {
		final JsonObject json = new JsonObject();
		json.addProperty("views", views);
		json.addProperty("range", range);
		json.addProperty("photons", photons);
		json.addProperty("window", window.name());
		return json;
	}

	static FbpScan read(final JsonObject json) {
		final String window = NetworkConfig.field(json, "window").getAsString();
		return new FbpScan(NetworkConfig.field(json, "views").getAsInt(), NetworkConfig.field(json, "range").getAsDouble(),
			NetworkConfig.field(json, "photons").getAsDouble(), Arrays.stream(RampFilter.Window.values()).filter(w -> w.name()
				.equals(window)).findFirst().orElse(null));
	}

	@Override
	public String toString() {
		return views + " views over " + number(range) + " degrees, " + (photons == 0 ? "no noise" : String.format(
			Locale.ROOT, "%.3g photons per bin", photons)) + ", " + window + " window";
	}
}
