package org.patchct.projector.cpu;

import org.patchct.scan.DivergentBeam;
import org.patchct.scan.Ray;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.View;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/**
 * The rays of one view in the plane of a slice, as Joseph's method walks them (P. M. Joseph, IEEE TMI 1:192, 1982). A ray
 * that runs mostly along y crosses row j at x-index pos(u, j) = slope · j + offset and takes there the linear
 * interpolation of the two neighbouring voxels, times the length of the ray between two rows; rays mostly along x likewise
 * with the axes exchanged, so that a "line" is a row or a column of a slice.
 * <p>
 * The adjoint walks the same rays and hands each term to the voxel instead: both directions use the same numbers.
 * </p>
 */
public final class PlaneRays {

	private final Grid grid;

	private final View view;

	private final int bins;

	private final boolean[] alongY;

	private final double[] slope, offset;

	/** 1 / slope; a large number for rays along an axis, whose way across the lines it bounds as well. */
	private final double[] inverse;

	private final float[] length;

	/** Lines where −1 &lt; pos &lt; n may hold. */
	private final int[] first, last;

	private PlaneRays(final Grid grid, final ScanGeometry geometry, final int index) {
		this.grid = grid;
		view = geometry.view(index);
		bins = geometry.bins();
		alongY = new boolean[bins];
		slope = new double[bins];
		inverse = new double[bins];
		offset = new double[bins];
		length = new float[bins];
		first = new int[bins];
		last = new int[bins];
		for (int u = 0; u < bins; u++) {
			final Ray ray = view.ray(u, 0);
			alongY[u] = Math.abs(ray.dy()) / grid.dy() >= Math.abs(ray.dx()) / grid.dx();
			final double step = Math.hypot(ray.dx(), ray.dy());
			if (alongY[u]) {
				final double dxdy = ray.dx() / ray.dy();
				slope[u] = dxdy * grid.dy() / grid.dx();
				offset[u] = (ray.x() + (grid.y(0) - ray.y()) * dxdy) / grid.dx() + (grid.nx() - 1) / 2.0;
				length[u] = (float) (grid.dy() * step / Math.abs(ray.dy()));
			}
			else {
				final double dydx = ray.dy() / ray.dx();
				slope[u] = dydx * grid.dx() / grid.dy();
				offset[u] = (ray.y() + (grid.x(0) - ray.x()) * dydx) / grid.dy() + (grid.ny() - 1) / 2.0;
				length[u] = (float) (grid.dx() * step / Math.abs(ray.dx()));
			}
			inverse[u] = 1 / (slope[u] == 0 ? 1e-9 : slope[u]);
			clip(u);
		}
	}

	/**
	 * The rays of every view.
	 *
	 * @throws InvalidInputException if a source would pass through the grid
	 */
	public static PlaneRays[] of(final Grid grid, final ScanGeometry geometry) {
		if (geometry instanceof DivergentBeam beam) beam.requireSourceOutside(grid);
		final PlaneRays[] views = new PlaneRays[geometry.views()];
		for (int view = 0; view < views.length; view++)
			views[view] = new PlaneRays(grid, geometry, view);
		return views;
	}

	private void clip(final int u) {
		final int lines = lines(alongY[u]), n = across(alongY[u]);
		last[u] = lines - 1;
		if (slope[u] == 0) return;
		final double in = (-1 - offset[u]) / slope[u], out = (n - offset[u]) / slope[u];
		first[u] = (int) Math.floor(Math.max(0, Math.min(in, out)));
		last[u] = (int) Math.ceil(Math.min(lines - 1, Math.max(in, out)));
	}

	/** How many lines rays of a kind cross. */
	int lines(final boolean mostlyAlongY) {
		return mostlyAlongY ? grid.ny() : grid.nx();
	}

	/** How many voxels a line has. */
	int across(final boolean mostlyAlongY) {
		return mostlyAlongY ? grid.nx() : grid.ny();
	}

	/** Whether ray u runs mostly along y, so that its lines are rows. */
	public boolean alongY(final int u) {
		return alongY[u];
	}

	/** The first line on which ray u may lie inside the grid. */
	public int first(final int u) {
		return first[u];
	}

	/** The last one. */
	public int last(final int u) {
		return last[u];
	}

	/** By how many voxels ray u advances from line to line. */
	public double slope(final int u) {
		return slope[u];
	}

	/** Where ray u crosses a line, in voxels. */
	public double position(final int u, final int line) {
		return slope[u] * line + offset[u];
	}

	/** Length of ray u in the plane between two lines, mm. */
	public float length(final int u) {
		return length[u];
	}

	/** The bin, a fraction, on which voxel column (i, j) falls. */
	double bin(final double i, final double j) {
		return view.bin(grid.x(i), grid.y(j));
	}

	/** See {@link View#nearness}. */
	double nearness(final int i, final int j) {
		return view.nearness(grid.x(i), grid.y(j));
	}

	/** Told of a ray. */
	@FunctionalInterface
	interface Visitor {

		/** @param terms the voxel columns that ray u meets, with its weights */
		void visit(int u, ColumnSums terms);
	}

	/**
	 * Visits every ray that meets voxel columns of a tile. From the middle outward the first that meets none is the last on
	 * its side, also where rays change from one kind to the other: at 45 degrees of the grid both measure alike.
	 *
	 * @param lengths whether weights are in mm; in voxels if not
	 * @param terms overwritten
	 */
	void visit(final Tile tile, final boolean lengths, final ColumnSums terms, final Visitor visitor) {
		final double middle = bin((tile.i0() + tile.i1() - 1) / 2.0, (tile.j0() + tile.j1() - 1) / 2.0);
		final int start = (int) Math.floor(Math.max(-1, Math.min(bins, middle)));
		for (int u = Math.min(start, bins - 1); u >= 0 && collectVoxels(u, tile, lengths, terms); u--)
			visitor.visit(u, terms);
		for (int u = start + 1; u < bins && collectVoxels(u, tile, lengths, terms); u++)
			visitor.visit(u, terms);
	}

	/** Collects the voxel columns of a tile that ray u meets, with their weights; returns whether there are any. */
	private boolean collectVoxels(final int u, final Tile tile, final boolean lengths, final ColumnSums terms) {
		final boolean upright = alongY[u];
		final int n0 = upright ? tile.i0() : tile.j0(), n1 = upright ? tile.i1() : tile.j1();
		final int line0 = upright ? tile.j0() : tile.i0(), line1 = upright ? tile.j1() : tile.i1();
		final double a = (n0 - 1 - offset[u]) * inverse[u], b = (n1 - offset[u]) * inverse[u];
		final int from = (int) Math.max(line0, Math.min(a, b)), to = (int) Math.min(line1 - 1, Math.max(a, b) + 1);
		final int along = upright ? 1 : tile.stride(), stride = upright ? tile.stride() : 1;
		final float scale = lengths ? length[u] : 1;
		terms.clear();
		for (int line = from; line <= to; line++) {
			final double position = position(u, line);
			final int i = (int) Math.floor(position);
			final double fraction = position - i;
			final int index = tile.origin() + i * along + line * stride;
			if (i >= n0 && i < n1) terms.add(index, (float) (1 - fraction) * scale);
			if (i + 1 >= n0 && i + 1 < n1) terms.add(index + along, (float) fraction * scale);
		}
		return !terms.isEmpty();
	}

	/**
	 * Adds the detector columns between which voxel column (i, j) falls, by their index among all views', weighted for
	 * linear interpolation and by the square of {@link #nearness}.
	 *
	 * @param index of this view
	 */
	void collectInterpolated(final int i, final int j, final int index, final ColumnSums sums) {
		final double bin = bin(i, j), nearness = nearness(i, j), weight = nearness * nearness;
		final int u = (int) Math.floor(bin);
		final double fraction = bin - u;
		if (u >= 0 && u < bins) sums.add(u + bins * index, (float) (weight * (1 - fraction)));
		if (u >= -1 && u + 1 < bins) sums.add(u + 1 + bins * index, (float) (weight * fraction));
	}
}
