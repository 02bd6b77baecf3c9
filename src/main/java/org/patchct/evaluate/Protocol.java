package org.patchct.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.patchct.scan.NoiseModel;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;

/**
 * How a comparison's scans are simulated.
 *
 * @param cases the scans
 * @param size voxels along the longest side of the volume that is reconstructed; 0 for the reference's own grid
 * @param oversample how many times finer the grid that is projected is than the one reconstructed; 1 makes the data
 * with the operator that inverts them, as the papers do
 * @param noise photon statistics of each detector bin
 */
public record Protocol(List<ScanCase> cases, int size, int oversample, NoiseModel noise) {

	/** Largest side; 1024³ voxels are 4 GB. */
	public static final int MAX_SIZE = 2048;

	public Protocol {
		cases = List.copyOf(cases);
		if (cases.isEmpty()) throw wrongViews("");
		if (size < 0 || size > MAX_SIZE) throw new InvalidInputException("Size " + size +
			": give the voxels along the longest side, 1 to " + MAX_SIZE + ", or 0 for the reference's own grid.");
		if (oversample < 1 || oversample > 8) throw new InvalidInputException("Oversampling " + oversample +
			": it must be from 1 (none) to 8.");
	}

	/**
	 * Sparse views.
	 *
	 * @param views numbers of views, one scan each
	 * @param range angular range that the views are spread over evenly from 0, degrees
	 */
	public Protocol(final List<Integer> views, final double range, final int size, final int oversample,
		final NoiseModel noise)
	{
		this(views.stream().map(n -> ScanCase.sparse(n, range)).toList(), size, oversample, noise);
	}

	/** What kinds of scans there are: "views over 180 degrees, limited angles with a view every degree". */
	String scans() {
		return cases.stream().map(c -> c.limited() ? "limited angles with a view every degree" : "views over " + GreyWindow
			.number(c.range()) + " degrees").distinct().collect(Collectors.joining(", "));
	}

	/**
	 * Reads numbers of views.
	 *
	 * @param list whole numbers separated by commas or blanks: "8, 20, 60"
	 * @throws InvalidInputException if one is not a whole number from 1 to {@link ScanGeometry#MAX_VIEWS}
	 */
	public static List<Integer> parseViews(final String list) {
		final List<Integer> views = new ArrayList<>();
		for (final String text : list.strip().split("[,\\s]+")) {
			if (!text.matches("\\d{1,6}")) throw wrongViews(list);
			final int n = Integer.parseInt(text);
			if (n < 1 || n > ScanGeometry.MAX_VIEWS) throw wrongViews(list);
			if (!views.contains(n)) views.add(n);
		}
		return views;
	}

	private static InvalidInputException wrongViews(final String list) {
		return new InvalidInputException("Views \"" + list + "\": give one or more whole numbers from 1 to " +
			ScanGeometry.MAX_VIEWS + ", separated by commas, such as 8,20,60.");
	}
}
