package org.patchct.scan;

import java.util.Arrays;
import java.util.Locale;

import org.patchct.task.InvalidInputException;

/**
 * How a raw scan is going to be read: what its directions are and which angle each view has.
 *
 * @param raw the scan, not yet read
 * @param order which direction runs over the views
 * @param angles degrees, in the order of the views in the file
 */
public record ScanPlan(RawScan raw, ViewOrder order, double[] angles) {

	public ScanPlan {
		final int views = order.views(raw.data());
		if (views != angles.length) throw new InvalidInputException(raw.data().name() + " holds " + raw.data().size() +
			" values, " + views + " views when read as " + order.toString().toLowerCase(Locale.ROOT) + ", but " +
			angles.length + " view angles were given: choose another order, or give one angle for each view.");
		if (Arrays.stream(angles).anyMatch(angle -> !Double.isFinite(angle))) throw new InvalidInputException(
			"The view angles of " + raw.data().name() + " are not all finite numbers. Give others.");
	}

	/**
	 * @param order null to recognise it, {@link ViewOrder#recognise}
	 * @param start first angle where the scan has none of its own, degrees
	 * @param range angle over which the views are then spread, degrees
	 * @param inclusive whether the last view is then at the end of the range, not one step before
	 * @param reverse whether the object turned the other way: angles are taken negative
	 */
	public static ScanPlan of(final RawScan raw, final ViewOrder order, final double start, final double range,
		final boolean inclusive, final boolean reverse)
	{
		final double[] known = raw.angles();
		final ViewOrder chosen = order == null ? ViewOrder.recognise(raw.data(), known == null ? 0 : known.length, raw
			.flats()) : order;
		final double[] angles = known == null ? ViewAngles.even(chosen.views(raw.data()), start, range, inclusive) : known;
		return new ScanPlan(raw, chosen, reverse ? Arrays.stream(angles).map(angle -> 0 - angle).toArray() : angles);
	}

	public int bins() {
		return order.bins(raw.data());
	}

	public int rows() {
		return order.rows(raw.data());
	}

	/** What was recognised, for the user to approve of before anything is read. */
	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s holds %s values, read as %s: %d views from %.4g to %.4g degrees%s, %d bins x " +
			"%d rows; flats: %s; darks: %s", raw.data().name(), raw.data().size(), order.toString().toLowerCase(Locale.ROOT),
			angles.length, angles[0], angles[angles.length - 1], raw.angles() == null ? " (no angles given)" : "", bins(),
			rows(), size(raw.flats()), size(raw.darks()));
	}

	private static String size(final Planes planes) {
		return planes == null ? "none" : planes.size();
	}
}
