package org.patchct.volume;

import java.util.Arrays;
import java.util.List;

import org.patchct.task.Parallel;

/** Total variation in 3-D of volumes in memory. */
public final class ColumnsTotalVariation implements TotalVariation<Columns> {

	/** Rows of which a task computes ∇*: it needs the row before its first once more. */
	private static final int ROWS = 8;

	private final int nx, ny;

	private final float wx, wy, wz;

	public ColumnsTotalVariation(final Grid grid) {
		nx = grid.nx();
		ny = grid.ny();
		final float[] weights = TotalVariation.weights(grid);
		wx = weights[0];
		wy = weights[1];
		wz = weights[2];
	}

	/** Σ over voxels of |∇x| */
	public double value(final Columns x) {
		return x.sum(() -> {
			final float[] after = new float[x.nz()];
			return (i, sums) -> {
				final float[] here = x.data()[i], right = right(x, i), below = below(x, i);
				after(here, after);
				for (int k = 0; k < sums.length; k++) {
					final float gx = wx * (right[k] - here[k]), gy = wy * (below[k] - here[k]), gz = wz * (after[k] - here[k]);
					sums[k] += (float) Math.sqrt(gx * gx + gy * gy + gz * gz);
				}
			};
		});
	}

	/** The next column along x, or column i itself at the border. */
	private float[] right(final Columns x, final int i) {
		return x.data()[i % nx + 1 < nx ? i + 1 : i];
	}

	/** The next column along y, likewise. */
	private float[] below(final Columns x, final int i) {
		return x.data()[i / nx + 1 < ny ? i + nx : i];
	}

	/** Copies each slice's neighbour before it, or itself at the border: loops over shifted arrays make slow SIMD code. */
	private static void before(final float[] column, final float[] shifted) {
		System.arraycopy(column, 0, shifted, 1, column.length - 1);
		shifted[0] = column[0];
	}

	/** Each slice's neighbour after it, likewise. */
	private static void after(final float[] column, final float[] shifted) {
		System.arraycopy(column, 1, shifted, 0, column.length - 1);
		shifted[column.length - 1] = column[column.length - 1];
	}

	@Override
	public void split(final Columns x, final List<Columns> v, final float threshold) {
		x.forColumns(() -> {
			final int n = x.nz();
			final float[] kept = new float[n], after = new float[n]; // u = kept · v
			return i -> {
				final float[] vx = v.get(0).data()[i], vy = v.get(1).data()[i], vz = v.get(2).data()[i];
				for (int k = 0; k < n; k++)
					kept[k] = 1 - shrinkage(vx[k], vy[k], vz[k], threshold);
				final float[] here = x.data()[i];
				after(here, after);
				addDifference(here, right(x, i), wx, kept, vx);
				addDifference(here, below(x, i), wy, kept, vy);
				addDifference(here, after, wz, kept, vz);
			};
		});
	}

	/** v ← w · (next − here) + kept · v */
	private static void addDifference(final float[] here, final float[] next, final float w, final float[] kept,
		final float[] v)
	{
		for (int k = 0; k < v.length; k++)
			v[k] = w * (next[k] - here[k]) + kept[k] * v[k];
	}

	@Override
	public void addTarget(final List<Columns> v, final float threshold, final float weight, final Columns out) {
		Parallel.loop((ny + ROWS - 1) / ROWS, band -> {
			final int nz = out.nz(), first = band * ROWS, end = Math.min(ny, first + ROWS);
			// Of d − u: the factor of v, its part along x in the last column, along y in the last row, along z.
			final float[] f = new float[nz], fx = new float[nz], fz = new float[nz], before = new float[nz];
			final float[][] fy = new float[nx][nz];
			for (int i = (first - 1) * nx; i >= 0 && i < first * nx; i++) {
				factor(v, i, threshold, weight, f);
				multiply(f, v.get(1).data()[i], wy, fy[i % nx]);
			}
			for (int i = first * nx; i < end * nx; i++) {
				if (i % nx == 0) Arrays.fill(fx, 0);
				factor(v, i, threshold, weight, f);
				final float[] target = out.data()[i];
				subtractDifference(f, v.get(0).data()[i], i % nx + 1 < nx ? wx : 0, fx, target);
				subtractDifference(f, v.get(1).data()[i], i / nx + 1 < ny ? wy : 0, fy[i % nx], target);
				multiply(f, v.get(2).data()[i], wz, fz);
				fz[nz - 1] = 0;
				before(fz, before);
				before[0] = 0;
				for (int k = 0; k < nz; k++)
					target[k] += before[k] - fz[k];
			}
		});
	}

	/** f with d − u = f · v / weight in column i */
	private static void factor(final List<Columns> v, final int i, final float threshold, final float weight,
		final float[] f)
	{
		final float[] vx = v.get(0).data()[i], vy = v.get(1).data()[i], vz = v.get(2).data()[i];
		for (int k = 0; k < f.length; k++)
			f[k] = weight * (2 * shrinkage(vx[k], vy[k], vz[k], threshold) - 1);
	}

	private static void multiply(final float[] f, final float[] v, final float w, final float[] out) {
		for (int k = 0; k < out.length; k++)
			out[k] = w * f[k] * v[k];
	}

	/** Takes w · f · v from the target and adds what it was in the column before, whose place it takes. */
	private static void subtractDifference(final float[] f, final float[] v, final float w, final float[] last,
		final float[] target)
	{
		for (int k = 0; k < target.length; k++) {
			final float now = w * f[k] * v[k];
			target[k] += last[k] - now;
			last[k] = now;
		}
	}

	/**
	 * Factor in 0…1 by which group soft-thresholding scales (x, y, z): max(0, 1 − threshold / √(x² + y² + z²)), without a
	 * branch, for SIMD code, and without 0/0 at the origin.
	 */
	private static float shrinkage(final float x, final float y, final float z, final float threshold) {
		final float length = (float) Math.sqrt(Math.max(x * x + y * y + z * z, Float.MIN_NORMAL));
		return Math.max(0, 1 - threshold / length);
	}

	@Override
	public double addLaplacian(final Columns x, final float weight, final float c, final float a, final Columns out) {
		final float ax = weight * wx * wx, ay = weight * wy * wy, az = weight * wz * wz;
		// Of the voxel itself, which stands for the neighbours that voxels at the border lack.
		final float own = weight * c + 2 * (ax + ay + az);
		return out.sum(() -> {
			final float[] before = new float[out.nz()], after = new float[out.nz()];
			return (i, sums) -> {
				final float[] target = out.data()[i], here = x.data()[i];
				final float[] left = i % nx > 0 ? x.data()[i - 1] : here, above = i / nx > 0 ? x.data()[i - nx] : here;
				addNeighbours(target, a, here, own, left, right(x, i), -ax, above, below(x, i), -ay);
				before(here, before);
				after(here, after);
				addNeighbours(target, here, before, after, -az, sums);
			};
		});
	}

	// Loops apart and in methods of their own, since HotSpot makes no SIMD code of longer ones.

	private static void addNeighbours(final float[] target, final float a, final float[] here, final float own,
		final float[] left, final float[] right, final float ax, final float[] above, final float[] below, final float ay)
	{
		for (int k = 0; k < target.length; k++)
			target[k] = a * target[k] + own * here[k] + ax * (left[k] + right[k]) + ay * (above[k] + below[k]);
	}

	private static void addNeighbours(final float[] target, final float[] here, final float[] before, final float[] after,
		final float az, final float[] sums)
	{
		for (int k = 0; k < target.length; k++) {
			final float sum = target[k] + az * (before[k] + after[k]);
			target[k] = sum;
			sums[k] += here[k] * sum;
		}
	}
}
