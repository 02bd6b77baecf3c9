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
			final ColumnSums sums = new ColumnSums(grid.nz());
			for (int v = v0; v < v1; v++)
				for (int u = 0; u < geometry.bins(); u++)
					Arrays.fill(y.column(u, v), z0, z1, 0);
			for (int j = 0; j < grid.ny(); j += FORWARD_TILE)
				for (int i = 0; i < grid.nx(); i += FORWARD_TILE) {
					final int i1 = Math.min(grid.nx(), i + FORWARD_TILE), j1 = Math.min(grid.ny(), j + FORWARD_TILE);
					for (int v = v0; v < v1; v++)
						for (int u = 0; u < geometry.bins(); u++) {
							sums.clear();
							views[v].collectVoxels(u, i, i1, j, j1, x.data(), sums);
							sums.addTo(y.column(u, v), z0, z1);
						}
				}
		});
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		gather(x, (i, j, sums) -> {
			for (int v = 0; v < views.length; v++)
				views[v].collectBins(i, j, y, v, true, sums);
		});
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		gather(x, (i, j, sums) -> {
			for (int v = 0; v < views.length; v++)
				views[v].collectInterpolated(i, j, filtered, v, sums);
		});
	}

	@FunctionalInterface
	private interface Collector {

		void collect(int i, int j, ColumnSums sums);
	}

	/** x(i, j) ← sum of what the collector names for that voxel column, slab by slab and tile by tile. */
	private void gather(final Columns x, final Collector collector) {
		final int slabs = (grid.nz() + SLAB - 1) / SLAB;
		final int across = (grid.nx() + ADJOINT_TILE - 1) / ADJOINT_TILE, down = (grid.ny() + ADJOINT_TILE - 1) / ADJOINT_TILE;
		Parallel.loop(slabs * across * down, task -> {
			final int z0 = task / (across * down) * SLAB, z1 = Math.min(grid.nz(), z0 + SLAB);
			final int i0 = task % across * ADJOINT_TILE, i1 = Math.min(grid.nx(), i0 + ADJOINT_TILE);
			final int j0 = task / across % down * ADJOINT_TILE, j1 = Math.min(grid.ny(), j0 + ADJOINT_TILE);
			final ColumnSums sums = new ColumnSums(grid.nz());
			for (int j = j0; j < j1; j++)
				for (int i = i0; i < i1; i++) {
					sums.clear();
					collector.collect(i, j, sums);
					sums.evaluate(x.column(i, j), z0, z1);
				}
		});
	}
}
