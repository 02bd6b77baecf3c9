package org.patchct.projector.cpu;

import org.patchct.projector.Projector;
import org.patchct.scan.ParallelBeam;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Joseph's projector (P. M. Joseph, IEEE TMI 1:192, 1982) for parallel beam, and its exact transpose.
 * <p>
 * A ray that runs mostly along y crosses row j at x-index pos(u, j) = a·u + b·j + c and takes there the linear
 * interpolation of the two neighbouring voxels, times the length of the ray between two rows; rays mostly along x
 * likewise with the axes exchanged. The adjoint gathers, for a voxel, all bins whose pos lies within one voxel of it,
 * with weight 1 − |pos − i| from the same expression in double precision, so both directions use the same numbers and no
 * two threads write the same column.
 * </p>
 */
public final class CpuParallelProjector implements Projector {

	/**
	 * Slices handled together: long enough to pay for computing the weights, short enough for the caches. Chosen by
	 * ProjectorBench among 32, 64, 128 and 256 at 256³ and 60 views: 256 is fastest forward, where a view touches the
	 * whole slab in any case, and 128 in the adjoint.
	 */
	private static final int FORWARD_SLAB = 256, ADJOINT_SLAB = 128;

	private final Grid grid;

	private final ParallelBeam geometry;

	private final View[] views;

	/** The coordinates of one view: pos(u, j) = a·u + b·j + c along x if {@code alongY}, else along y. */
	private record View(boolean alongY, double a, double b, double c, float length) {

		double position(final int u, final int line) {
			return a * u + (b * line + c);
		}
	}

	/**
	 * @throws InvalidInputException if the detector's rows are not the grid's slices
	 */
	public CpuParallelProjector(final Grid grid, final ParallelBeam geometry) {
		if (geometry.rows() != grid.nz() || Math.abs(geometry.rowPitch() - grid.dz()) > 1e-4 * grid.dz())
			throw new InvalidInputException("In parallel beam every detector row is a slice: the detector has " + geometry
				.rows() + " rows of " + geometry.rowPitch() + " mm but the volume " + grid.nz() + " slices of " + grid.dz() +
				" mm. Choose the volume's slices to match.");
		this.grid = grid;
		this.geometry = geometry;
		final double[] angles = geometry.angles();
		views = new View[angles.length];
		for (int v = 0; v < views.length; v++)
			views[v] = view(Math.toRadians(angles[v]));
	}

	private View view(final double theta) {
		final double cos = Math.cos(theta), sin = Math.sin(theta);
		final double pitch = geometry.binPitch(), s0 = geometry.s(0);
		// The ray's direction is (sin θ, cos θ); step along the axis on which it crosses more voxels.
		if (Math.abs(cos) / grid.dy() >= Math.abs(sin) / grid.dx()) {
			// x = (s + y sin θ) / cos θ, with y = y(0) + j·dy, as an index along x
			final double perX = 1 / (cos * grid.dx());
			return new View(true, pitch * perX, grid.dy() * sin * perX, (s0 + grid.y(0) * sin) * perX + (grid.nx() - 1) / 2.0,
				(float) (grid.dy() / Math.abs(cos)));
		}
		// y = (x cos θ − s) / sin θ, with x = x(0) + i·dx, as an index along y
		final double perY = 1 / (sin * grid.dy());
		return new View(false, -pitch * perY, grid.dx() * cos * perY, (grid.x(0) * cos - s0) * perY + (grid.ny() - 1) / 2.0,
			(float) (grid.dx() / Math.abs(sin)));
	}

	@Override
	public Grid grid() {
		return grid;
	}

	@Override
	public ParallelBeam geometry() {
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
				collectVoxels(views[v], u, x.data(), sums);
				sums.evaluate(y.column(u, v), z0, z1, views[v].length);
			}
		});
	}

	private void collectVoxels(final View view, final int u, final float[][] voxels, final ColumnSums sums) {
		final int lines = view.alongY ? grid.ny() : grid.nx(), n = view.alongY ? grid.nx() : grid.ny();
		final int along = view.alongY ? 1 : grid.nx(), across = view.alongY ? grid.nx() : 1;
		// Lines where the ray is inside: −1 < position < n.
		int first = 0, last = lines - 1;
		final double p0 = view.position(u, 0);
		if (view.b != 0) {
			final double in = (-1 - p0) / view.b, out = (n - p0) / view.b;
			first = Math.max(first, (int) Math.floor(Math.max(-1, Math.min(in, out))));
			last = Math.min(last, (int) Math.ceil(Math.min(lines, Math.max(in, out))));
		}
		for (int line = first; line <= last; line++) {
			final double position = view.position(u, line);
			final int i = (int) Math.floor(position);
			if (i < -1 || i >= n) continue;
			final double fraction = position - i;
			final int index = i * along + line * across;
			if (i >= 0) sums.add(voxels[index], (float) (1 - fraction));
			if (i + 1 < n) sums.add(voxels[index + along], (float) fraction);
		}
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		gather(x, (i, j, sums) -> {
			for (int v = 0; v < views.length; v++)
				collectBins(views[v], v, i, j, y, sums);
		});
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		final double[] cos = new double[views.length], sin = new double[views.length];
		final double[] angles = geometry.angles();
		for (int v = 0; v < views.length; v++) {
			cos[v] = Math.cos(Math.toRadians(angles[v])) / geometry.binPitch();
			sin[v] = Math.sin(Math.toRadians(angles[v])) / geometry.binPitch();
		}
		final double centre = (geometry.bins() - 1) / 2.0 + geometry.axisOffset();
		gather(x, (i, j, sums) -> {
			for (int v = 0; v < views.length; v++) {
				final double bin = grid.x(i) * cos[v] - grid.y(j) * sin[v] + centre;
				final int u = (int) Math.floor(bin);
				final float fraction = (float) (bin - u);
				if (u >= 0 && u < geometry.bins()) sums.add(filtered.column(u, v), 1 - fraction);
				if (u >= -1 && u + 1 < geometry.bins()) sums.add(filtered.column(u + 1, v), fraction);
			}
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

	private void collectBins(final View view, final int v, final int i, final int j, final Columns bins,
		final ColumnSums sums)
	{
		final int line = view.alongY ? j : i, index = view.alongY ? i : j;
		final double centre = (index - (view.b * line + view.c)) / view.a, reach = 1 / Math.abs(view.a);
		final int first = Math.max(0, (int) Math.floor(centre - reach));
		final int last = Math.min(geometry.bins() - 1, (int) Math.ceil(centre + reach));
		for (int u = first; u <= last; u++) {
			final double weight = 1 - Math.abs(view.position(u, line) - index);
			if (weight > 0) sums.add(bins.column(u, v), (float) weight * view.length);
		}
	}
}
