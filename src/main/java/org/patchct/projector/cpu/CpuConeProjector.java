package org.patchct.projector.cpu;

import java.util.Arrays;

import org.patchct.projector.Projector;
import org.patchct.scan.ConeBeam;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Joseph's projector for circular cone beam, and its exact transpose. The rays to one detector column lie in one vertical
 * plane, so that seen from above they are one ray of a fan ({@link PlaneRays}); and over one voxel column the rays of
 * neighbouring detector rows lie at equal distances ({@link HeightSampler}). So a view of the volume is every voxel column
 * resampled to the heights of the rays above it, and then the fan's sums of columns, over detector rows instead of slices;
 * rays are interpolated along the sheet of their detector row. The adjoint is the two steps' transposes in reverse.
 */
public final class CpuConeProjector implements Projector {

	/**
	 * Lines whose resampled voxel columns are kept at a time: with two columns each they fill one pass of
	 * {@link ColumnSums}.
	 */
	private static final int LINES = 4;

	/**
	 * Detector rows handled together. Forward projection of 256³ voxels, 335 rows, takes 5.0 s of one core in blocks of 128,
	 * 4.0 s in blocks of 176 and 3.2 s in one: finding a column's heights costs more than a wider working set.
	 */
	private static final int ROWS = 512;

	private final Grid grid;

	private final ConeBeam geometry;

	private final PlaneRays[] views;

	/**
	 * @throws org.patchct.task.InvalidInputException if the source would pass through the grid
	 */
	public CpuConeProjector(final Grid grid, final ConeBeam geometry) {
		this.grid = grid;
		this.geometry = geometry;
		views = PlaneRays.of(grid, geometry);
	}

	@Override
	public Grid grid() {
		return grid;
	}

	@Override
	public ConeBeam geometry() {
		return geometry;
	}

	@Override
	public String device() {
		return "cpu";
	}

	@Override
	public void forward(final Columns x, final Columns y) {
		final int blocks = (geometry.rows() + ROWS - 1) / ROWS;
		Parallel.loop(blocks * views.length, task -> {
			final int view = task / blocks, v0 = task % blocks * ROWS, v1 = Math.min(geometry.rows(), v0 + ROWS);
			for (int u = 0; u < geometry.bins(); u++)
				Arrays.fill(y.column(u, view), v0, v1, 0);
			addLines(true, view, v0, v1, x, y);
			addLines(false, view, v0, v1, x, y);
			for (int u = 0; u < geometry.bins(); u++)
				multiplyByLengths(view, u, v0, v1, y.column(u, view));
		});
	}

	/** Adds to the rays of one kind what they meet, in voxels, on all lines. */
	private void addLines(final boolean alongY, final int view, final int v0, final int v1, final Columns x,
		final Columns y)
	{
		final PlaneRays rays = views[view];
		final int lines = rays.lines(alongY), n = rays.across(alongY);
		final float[][] resampled = new float[LINES * n][];
		final boolean[] ready = new boolean[LINES * n];
		final ColumnSums sums = new ColumnSums();
		for (int start = 0; start < lines; start += LINES) {
			Arrays.fill(ready, false);
			for (int u = 0; u < geometry.bins(); u++) {
				if (rays.alongY(u) != alongY) continue;
				sums.clear();
				final int end = Math.min(start + LINES - 1, rays.last(u));
				for (int line = Math.max(start, rays.first(u)); line <= end; line++) {
					final double position = rays.position(u, line);
					final int i = (int) Math.floor(position);
					final double fraction = position - i;
					for (int k = Math.max(0, i); k <= Math.min(n - 1, i + 1); k++) {
						final int slot = (line - start) * n + k;
						if (!ready[slot]) {
							ready[slot] = true;
							if (resampled[slot] == null) resampled[slot] = new float[geometry.rows()];
							resample(view, alongY ? k : line, alongY ? line : k, x, resampled[slot], v0, v1);
						}
						sums.add(slot, (float) (k == i ? 1 - fraction : fraction));
					}
				}
				sums.addTo(resampled, y.column(u, view), v0, v1);
			}
		}
	}

	private void resample(final int view, final int i, final int j, final Columns x, final float[] out, final int v0,
		final int v1)
	{
		Arrays.fill(out, v0, v1, 0);
		sampler(view, i, j).addVoxels(x.column(i, j), out, v0, v1);
	}

	private HeightSampler sampler(final int view, final int i, final int j) {
		return HeightSampler.of(grid, geometry, views[view].nearness(i, j));
	}

	private void multiplyByLengths(final int view, final int u, final int v0, final int v1, final float[] column) {
		final float length = views[view].length(u);
		for (int v = v0; v < v1; v++) {
			final double slope = geometry.slope(u, v);
			column[v] *= (float) (length * Math.sqrt(1 + slope * slope));
		}
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		final int rows = geometry.rows();
		final int padding = HeightSampler.padding(grid, geometry);
		final Columns padded = new Columns(geometry.bins(), views.length, rows + 2 * padding);
		padded.forColumns(index -> {
			final float[] column = y.data()[index].clone();
			multiplyByLengths(index / geometry.bins(), index % geometry.bins(), 0, rows, column);
			System.arraycopy(column, 0, padded.data()[index], padding, rows);
		});
		gather(x, rows + 2 * padding, (j, view, sums) -> {
			final int first = view * geometry.bins();
			views[view].visit(new Tile(0, grid.nx(), j, j + 1, -j * grid.nx(), grid.nx()), false, new ColumnSums(), (u,
				terms) -> terms.spread(first + u, sums));
		}, (sampler, sum, shadow, column) -> {
			final int v0 = padding + sampler.firstRow(), v1 = padding + sampler.endRow();
			Arrays.fill(shadow, v0, v1, 0);
			sum.addTo(padded.data(), shadow, v0, v1);
			sampler.spreadRows(shadow, padding, column);
		});
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		gather(x, geometry.rows(), (j, view, sums) -> {
			for (int i = 0; i < grid.nx(); i++)
				views[view].collectInterpolated(i, j, view, sums[i]);
		}, (sampler, sum, shadow, column) -> {
			final int v0 = sampler.firstRow(), v1 = sampler.endRow();
			Arrays.fill(shadow, v0, v1, 0);
			sum.addTo(filtered.data(), shadow, v0, v1);
			sampler.addRows(shadow, column);
		});
	}

	@FunctionalInterface
	private interface Collector {

		/** Adds the detector columns of a view to the sums of a row of voxel columns. */
		void collect(int j, int view, ColumnSums[] sums);
	}

	@FunctionalInterface
	private interface Gatherer {

		/** Adds the sum of a view's detector columns to a voxel column, with room for a detector column. */
		void add(HeightSampler sampler, ColumnSums sum, float[] shadow, float[] column);
	}

	private void gather(final Columns x, final int room, final Collector collector, final Gatherer gatherer) {
		Parallel.loop(grid.ny(), j -> {
			final ColumnSums[] sums = ColumnSums.several(grid.nx());
			final float[] shadow = new float[room];
			for (int i = 0; i < grid.nx(); i++)
				Arrays.fill(x.column(i, j), 0);
			for (int view = 0; view < views.length; view++) {
				for (final ColumnSums sum : sums)
					sum.clear();
				collector.collect(j, view, sums);
				for (int i = 0; i < grid.nx(); i++)
					gatherer.add(sampler(view, i, j), sums[i], shadow, x.column(i, j));
			}
		});
	}
}
