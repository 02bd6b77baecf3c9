package org.patchct.imagej;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;

import ij.gui.Plot;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;

import org.patchct.evaluate.GreyWindow;
import org.patchct.evaluate.SameVoxels;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * Values of volumes along a line in one slice, interpolated linearly at steps of about a voxel.
 *
 * @param x1 first column; 0 is the centre of the first voxel
 * @param y1 first row
 * @param x2 last column
 * @param y2 last row
 * @param slice from 1
 */
public record LineProfile(double x1, double y1, double x2, double y2, int slice) {

	/** Column of the table with the distances from the start. */
	public static final String DISTANCE = "distance (mm)";

	/** Distinguishable with impaired colour vision (Okabe and Ito 2008). */
	private static final List<Color> COLOURS = List.of(Color.BLACK, new Color(0x00, 0x72, 0xb2), new Color(0xd5, 0x5e,
		0x00), new Color(0x00, 0x9e, 0x73), new Color(0xcc, 0x79, 0xa7), new Color(0xe6, 0x9f, 0x00), new Color(0x56, 0xb4,
			0xe9));

	/**
	 * Plots the profiles, and shows them as a table.
	 *
	 * @param volumes one or more; the first one's voxels and unit count
	 * @throws InvalidInputException if the volumes differ in size, voxel size or unit, or the line is not in them
	 */
	public Plot plot(final List<Volume> volumes) {
		final Volume first = volumes.get(0);
		for (final Volume volume : volumes)
			SameVoxels.require(volume, first);
		requireInside(first);
		final List<String> headings = new ArrayList<>();
		final List<double[]> columns = new ArrayList<>();
		headings.add(DISTANCE);
		columns.add(null);
		final Plot plot = new Plot("Profiles " + this, DISTANCE, first.intensity().unit());
		for (final Volume volume : volumes) {
			final double[] values = values(volume);
			columns.set(0, distances(first.grid(), values.length));
			headings.add(volume.name());
			columns.add(values);
			plot.setColor(COLOURS.get((headings.size() - 2) % COLOURS.size()));
			plot.setLineWidth(2);
			plot.add("line", columns.get(0), values);
		}
		plot.setColor(Color.BLACK);
		plot.setLineWidth(1);
		plot.addLegend(String.join("\n", headings.subList(1, headings.size())));
		plot.setLimitsToFit(false);
		Tables.show(Tables.of(headings, columns), "Line Profiles");
		return plot;
	}

	private double[] values(final Volume volume) {
		final ImageProcessor plane = new FloatProcessor(volume.grid().nx(), volume.grid().ny(), Layouts.planes(volume
			.img())[slice - 1]);
		plane.setInterpolationMethod(ImageProcessor.BILINEAR);
		return plane.getLine(x1, y1, x2, y2);
	}

	private double[] distances(final Grid grid, final int n) {
		final double length = Math.hypot((x2 - x1) * grid.dx(), (y2 - y1) * grid.dy());
		final double[] distances = new double[n];
		for (int i = 1; i < n; i++)
			distances[i] = length * i / (n - 1);
		return distances;
	}

	private void requireInside(final Volume volume) {
		final Grid grid = volume.grid();
		final boolean inside = Math.min(x1, x2) >= 0 && Math.max(x1, x2) <= grid.nx() - 1 && Math.min(y1, y2) >= 0 && Math
			.max(y1, y2) <= grid.ny() - 1 && slice >= 1 && slice <= grid.nz();
		if (!inside) throw new InvalidInputException("The line " + this + " is not inside \"" + volume.name() +
			"\": columns are from 0 to " + (grid.nx() - 1) + ", rows from 0 to " + (grid.ny() - 1) + ", slices from 1 to " + grid
				.nz() + ".");
		if (Math.hypot(x2 - x1, y2 - y1) < 1) throw new InvalidInputException(
			"The line's ends are less than a voxel apart: give it two different ends.");
	}

	@Override
	public String toString() {
		return "from " + point(x1, y1) + " to " + point(x2, y2) + " in slice " + slice;
	}

	private static String point(final double x, final double y) {
		return "(" + GreyWindow.number(x) + ", " + GreyWindow.number(y) + ")";
	}
}
