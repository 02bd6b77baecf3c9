package org.patchct.projector.cpu;

import java.util.Arrays;

import org.patchct.projector.Projector;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Joseph's projector, and its exact transpose, for beams whose detector rows each see one slice: parallel and fan. All
 * slices have the same weights ({@link PlaneRays}), so that both directions are sums of scaled columns. No two threads
 * write the same column.
 */
public final class CpuSliceProjector implements Projector {

	/** Slices handled together; tiles larger in the plane and 64 or 128 slices high were slower. */
	private static final int SLAB = 256;

	/**
	 * Side in voxels of the tiles that go through all views while they are in the second-level cache (1 MB on the machine
	 * that chose them): forward a tile's voxel columns, in the adjoint the detector columns that it meets. ProjectorBench
	 * at 256³ and 60 views gave 0.52 s forward and 0.46 s in the adjoint without tiles, 0.32 and 0.36 s with these; other
	 * sides from 16 to 48 and 4 to 24 were slower or within the scatter of repeated runs, which is a third.
	 */
	private static final int FORWARD_TILE = 24, ADJOINT_TILE = 8;

	/**
	 * Views whose terms are collected together in the adjoint, so that the detector columns that they name, about a
	 * thousand, stay in the second-level cache.
	 */
	private static final int ADJOINT_VIEWS = 64;

	/** Most views in a forward task; each task reads the volume once. */
	private static final int VIEWS = 16;

	private final Grid grid;

	private final ScanGeometry geometry;

	private final PlaneRays[] views;

	/**
	 * @param geometry parallel or fan beam, with a detector row for every slice
	 * @throws org.patchct.task.InvalidInputException if the source would pass through the grid
	 */
	public CpuSliceProjector(final Grid grid, final ScanGeometry geometry) {
		this.grid = grid;
		this.geometry = geometry;
		views = PlaneRays.of(grid, geometry);
	}

	@Override
	public Grid grid() {
		return grid;
	}

	@Override
	public ScanGeometry geometry() {
		return geometry;
	}

	@Override
	public String device() {
		return "cpu";
	}

	@Override
	public void forward(final Columns x, final Columns y) {
		final int slabs = (grid.nz() + SLAB - 1) / SLAB;
		// Results do not depend on the grouping: every detector column meets the tiles in the same order.
		final int group = Math.max(1, Math.min(VIEWS, views.length * slabs / Parallel.threads()));
		final int groups = (views.length + group - 1) / group;
		Parallel.loop(slabs * groups, task -> {
			final int z0 = task / groups * SLAB, z1 = Math.min(grid.nz(), z0 + SLAB);
			final int v0 = task % groups * group, v1 = Math.min(views.length, v0 + group);
			final ColumnSums sums = new ColumnSums();
			for (int v = v0; v < v1; v++)
				for (int u = 0; u < geometry.bins(); u++)
					Arrays.fill(y.column(u, v), z0, z1, 0);
			for (int j = 0; j < grid.ny(); j += FORWARD_TILE)
				for (int i = 0; i < grid.nx(); i += FORWARD_TILE) {
					final Tile tile = Tile.of(grid, i, j, FORWARD_TILE);
					for (int v = v0; v < v1; v++) {
						final int view = v;
						views[v].visit(tile, true, sums, (u, terms) -> terms.addTo(x.data(), y.column(u, view), z0, z1));
					}
				}
		});
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		gather(y, x, (tile, v0, v1, sums) -> {
			final ColumnSums ray = new ColumnSums();
			for (int v = v0; v < v1; v++) {
				final int first = v * geometry.bins();
				views[v].visit(tile, true, ray, (u, terms) -> terms.spread(first + u, sums));
			}
		});
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		gather(filtered, x, (tile, v0, v1, sums) -> {
			for (int j = tile.j0(); j < tile.j1(); j++)
				for (int i = tile.i0(); i < tile.i1(); i++)
					for (int v = v0; v < v1; v++)
						views[v].collectInterpolated(i, j, v, sums[tile.index(i, j)]);
		});
	}

	@FunctionalInterface
	private interface Collector {

		/** Adds the detector columns of views v0 to v1 to the sum of each voxel column of a tile. */
		void collect(Tile tile, int v0, int v1, ColumnSums[] sums);
	}

	/** x(i, j) ← sum of what the collector names for that voxel column, tile by tile. */
	private void gather(final Columns y, final Columns x, final Collector collector) {
		final int across = (grid.nx() + ADJOINT_TILE - 1) / ADJOINT_TILE;
		final int down = (grid.ny() + ADJOINT_TILE - 1) / ADJOINT_TILE;
		Parallel.loop(down, row -> {
			final ColumnSums[] sums = ColumnSums.several(ADJOINT_TILE * ADJOINT_TILE);
			for (int i = 0; i < across; i++)
				gather(Tile.of(grid, i * ADJOINT_TILE, row * ADJOINT_TILE, ADJOINT_TILE).fromZero(), y, x, collector, sums);
		});
	}

	/** The same for a tile, with room for the sums of its columns. */
	private void gather(final Tile tile, final Columns y, final Columns x, final Collector collector,
		final ColumnSums[] sums)
	{
		for (int v = 0; v < views.length; v += ADJOINT_VIEWS) {
			for (final ColumnSums sum : sums)
				sum.clear();
			collector.collect(tile, v, Math.min(views.length, v + ADJOINT_VIEWS), sums);
			for (int z = 0; z < grid.nz(); z += SLAB)
				for (int j = tile.j0(); j < tile.j1(); j++)
					for (int i = tile.i0(); i < tile.i1(); i++) {
						final int end = Math.min(grid.nz(), z + SLAB);
						if (v == 0) Arrays.fill(x.column(i, j), z, end, 0);
						sums[tile.index(i, j)].addTo(y.data(), x.column(i, j), z, end);
					}
		}
	}
}
