package org.patchct.projector.cpu;

import org.patchct.projector.Projector;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Joseph's projector, and its exact transpose, for beams whose detector rows each see one slice: parallel and fan. All
 * slices have the same weights ({@link PlaneRays}), so that both directions are sums of scaled columns. No two threads
 * write the same column.
 */
public final class CpuSliceProjector implements Projector {

	/**
	 * Slices handled together: long enough to pay for computing the weights, short enough for the caches. Chosen by
	 * ProjectorBench among 32, 64, 128 and 256 at 256³ and 60 views: 256 is fastest forward, where a view touches the
	 * whole slab in any case, and 128 in the adjoint.
	 */
	private static final int FORWARD_SLAB = 256, ADJOINT_SLAB = 128;

	private final Grid grid;

	private final ScanGeometry geometry;

	private final PlaneRays[] views;

	/**
	 * @param geometry parallel or fan beam
	 * @throws InvalidInputException if the detector's rows are not the grid's slices
	 */
	public CpuSliceProjector(final Grid grid, final ScanGeometry geometry) {
		if (geometry.rows() != grid.nz() || Math.abs(geometry.rowPitch() - grid.dz()) > 1e-4 * grid.dz())
			throw new InvalidInputException("In parallel and fan beams every detector row is a slice: the detector has " +
				geometry.rows() + " rows of " + geometry.rowPitch() + " mm but the volume " + grid.nz() + " slices of " + grid
					.dz() + " mm. Choose the volume's slices to match.");
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
		final int slabs = (grid.nz() + FORWARD_SLAB - 1) / FORWARD_SLAB;
		final int chunk = 32; // bins a task
		final int chunks = (geometry.bins() + chunk - 1) / chunk;
		Parallel.loop(slabs * views.length * chunks, task -> {
			final int z0 = task / (views.length * chunks) * FORWARD_SLAB, z1 = Math.min(grid.nz(), z0 + FORWARD_SLAB);
			final int v = task / chunks % views.length;
			final int u0 = task % chunks * chunk, u1 = Math.min(geometry.bins(), u0 + chunk);
			final ColumnSums sums = new ColumnSums(grid.nz());
			for (int u = u0; u < u1; u++) {
				sums.clear();
				views[v].collectVoxels(u, x.data(), sums);
				sums.evaluate(y.column(u, v), z0, z1, views[v].length(u));
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

	/** x(i, j) ← sum of what the collector names for that voxel column, slab by slab. */
	private void gather(final Columns x, final Collector collector) {
		final int slabs = (grid.nz() + ADJOINT_SLAB - 1) / ADJOINT_SLAB;
		Parallel.loop(slabs * grid.ny(), task -> {
			final int z0 = task / grid.ny() * ADJOINT_SLAB, z1 = Math.min(grid.nz(), z0 + ADJOINT_SLAB);
			final int j = task % grid.ny();
			final ColumnSums sums = new ColumnSums(grid.nz());
			for (int i = 0; i < grid.nx(); i++) {
				sums.clear();
				collector.collect(i, j, sums);
				sums.evaluate(x.column(i, j), z0, z1, 1);
			}
		});
	}
}
