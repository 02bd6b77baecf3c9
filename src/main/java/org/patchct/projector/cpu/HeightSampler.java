package org.patchct.projector.cpu;

import org.patchct.scan.ConeBeam;
import org.patchct.volume.Grid;

/**
 * The heights at which the rays of a cone beam's detector rows cross one voxel column, k(v) = step · v + start in slices,
 * with linear interpolation between slices or rows; outside them is 0.
 */
final class HeightSampler {

	/** Rows this near to the end of the column, in slices, are left to the code that looks at every index. */
	private static final double MARGIN = 1e-6;

	private final double step, start;

	private final int slices, rows;

	private HeightSampler(final double step, final double start, final int slices, final int rows) {
		this.step = step;
		this.start = start;
		this.slices = slices;
		this.rows = rows;
	}

	/** @param nearness see {@link org.patchct.scan.View#nearness} */
	static HeightSampler of(final Grid grid, final ConeBeam beam, final double nearness) {
		final double step = beam.rowPitch() * beam.sourceToAxis() / (beam.sourceToDetector() * nearness * grid.dz());
		return new HeightSampler(step, (grid.nz() - 1) / 2.0 - step * ((beam.rows() - 1) / 2.0 + beam.rowOffset()), grid
			.nz(), beam.rows());
	}

	/** Room that {@link #spreadRows} needs on both sides of the rows, for every column of the grid. */
	static int padding(final Grid grid, final ConeBeam beam) {
		final double radius = Math.hypot(grid.nx() * grid.dx(), grid.ny() * grid.dy()) / 2;
		final double nearest = beam.sourceToAxis() / (beam.sourceToAxis() - radius);
		return (int) Math.ceil(2 / of(grid, beam, nearest).step) + 2;
	}

	/** The first row whose ray meets the column, or an end of the range. */
	int firstRow() {
		return clamp(Math.floor((-1 - start) / step), 0, rows);
	}

	/** The row after the last one whose ray meets the column. */
	int endRow() {
		return Math.max(firstRow(), clamp(Math.ceil((slices - start) / step) + 1, 0, rows));
	}

	/** rows[v] ← rows[v] + the column's value at k(v), for v0 ≤ v &lt; v1. */
	void addVoxels(final float[] column, final float[] out, final int v0, final int v1) {
		add(column, slices, step, start, out, Math.max(v0, firstRow()), Math.min(v1, endRow()));
	}

	/** column[k] ← column[k] + the value of the rows at the height k. */
	void addRows(final float[] shadow, final float[] column) {
		// Rows from −1 to their number have a part in the column.
		add(shadow, rows, 1 / step, -start / step, column, clamp(Math.floor(start - step), 0, slices), clamp(Math.ceil(
			start + step * rows) + 1, 0, slices));
	}

	/** out[i] ← out[i] + in(a · i + b), interpolated between in[0] and in[n − 1]. */
	private static void add(final float[] in, final int n, final double a, final double b, final float[] out,
		final int from, final int to)
	{
		final int inside = clamp(Math.ceil(-b / a + MARGIN), from, to), end = clamp(Math.ceil((n - 1 - b) / a - MARGIN),
			inside, to);
		for (int i = from; i < inside; i++)
			out[i] += at(in, n, a * i + b);
		for (int i = inside; i < end; i++) {
			final double position = a * i + b;
			final int k = (int) position;
			final float low = in[k];
			out[i] += low + (float) (position - k) * (in[k + 1] - low);
		}
		for (int i = end; i < to; i++)
			out[i] += at(in, n, a * i + b);
	}

	private static float at(final float[] in, final int n, final double position) {
		final int k = (int) Math.floor(position);
		final float fraction = (float) (position - k);
		return (k >= 0 && k < n ? (1 - fraction) * in[k] : 0) + (k >= -1 && k + 1 < n ? fraction * in[k + 1] : 0);
	}

	/**
	 * The transpose of {@link #addVoxels}: column[k] ← column[k] + Σ over rows of max(0, 1 − |k(v) − k|) · row v.
	 *
	 * @param shadow row v at {@code padding + v}; what lies outside the rows is not used but must be finite
	 */
	void spreadRows(final float[] shadow, final int padding, final float[] column) {
		final int from = clamp(Math.floor(start - 1) + 1, 0, slices), to = clamp(Math.ceil(start + step * (rows - 1) + 1),
			from, slices);
		// Height k is at row (k − start) / step; padding keeps that positive.
		final double perSlice = 1 / step, first = padding - start / step;
		final float a = (float) step;
		if (step >= 1) for (int k = from; k < to; k++) {
			final double row = perSlice * k + first;
			final int v = (int) row;
			final float low = 1 - a * (float) (row - v), high = 1 - a + a * (float) (row - v);
			column[k] += Math.max(0, low) * shadow[v] + Math.max(0, high) * shadow[v + 1];
		}
		else if (step >= 2 / 3.0) for (int k = from; k < to; k++) {
			// At most three rows lie less than 1 / step ≤ 1.5 rows away; the first is below, the third above.
			final double row = perSlice * k + first;
			final int v = (int) (row - perSlice) + 1;
			final float below = a * (float) (row - v);
			column[k] += (1 - below) * shadow[v] + (1 - Math.abs(below - a)) * shadow[v + 1] + Math.max(0, 1 + below - 2 * a) *
				shadow[v + 2];
		}
		else for (int k = from; k < to; k++) {
			final double row = perSlice * k + first;
			float sum = 0;
			for (int v = (int) (row - perSlice) + 1; v < row + perSlice; v++)
				sum += (1 - a * (float) Math.abs(row - v)) * shadow[v];
			column[k] += sum;
		}
	}

	private static int clamp(final double value, final int low, final int high) {
		return (int) Math.max(low, Math.min(high, value));
	}
}
