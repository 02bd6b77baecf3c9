package org.patchct.volume;

import java.util.List;

/** Total variation in 3-D of volumes in memory. */
public final class ColumnsTotalVariation implements TotalVariation<Columns> {

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
		final double[] sums = new double[x.data().length];
		x.forColumns(i -> {
			final float[][] g = new float[3][x.nz()];
			gradient(x, i, g[0], g[1], g[2]);
			double sum = 0;
			for (int k = 0; k < x.nz(); k++)
				sum += Math.sqrt(g[0][k] * g[0][k] + g[1][k] * g[1][k] + g[2][k] * g[2][k]);
			sums[i] = sum;
		});
		double sum = 0;
		for (final double s : sums)
			sum += s;
		return sum;
	}

	/** The three components of ∇x in column i. */
	private void gradient(final Columns x, final int i, final float[] gx, final float[] gy, final float[] gz) {
		final float[] here = x.data()[i];
		final float[] right = right(x, i), below = below(x, i);
		final int n = here.length;
		for (int k = 0; k < n; k++)
			gx[k] = wx * (right[k] - here[k]);
		for (int k = 0; k < n; k++)
			gy[k] = wy * (below[k] - here[k]);
		for (int k = 0; k < n - 1; k++)
			gz[k] = wz * (here[k + 1] - here[k]);
		gz[n - 1] = 0;
	}

	/** The next column along x, or column i itself at the border. */
	private float[] right(final Columns x, final int i) {
		return x.data()[i % nx + 1 < nx ? i + 1 : i];
	}

	/** The next column along y, likewise. */
	private float[] below(final Columns x, final int i) {
		return x.data()[i / nx + 1 < ny ? i + nx : i];
	}

	@Override
	public void split(final Columns x, final List<Columns> v, final float threshold) {
		x.forColumns(i -> {
			final float[] vx = v.get(0).data()[i], vy = v.get(1).data()[i], vz = v.get(2).data()[i];
			final int n = vx.length;
			final float[] kept = new float[n]; // u = kept · v
			for (int k = 0; k < n; k++)
				kept[k] = 1 - shrinkage(vx[k], vy[k], vz[k], threshold);
			final float[] here = x.data()[i], right = right(x, i), below = below(x, i);
			for (int k = 0; k < n; k++)
				vx[k] = wx * (right[k] - here[k]) + kept[k] * vx[k];
			for (int k = 0; k < n; k++)
				vy[k] = wy * (below[k] - here[k]) + kept[k] * vy[k];
			for (int k = 0; k < n - 1; k++)
				vz[k] = wz * (here[k + 1] - here[k]) + kept[k] * vz[k];
			vz[n - 1] *= kept[n - 1];
		});
	}

	@Override
	public void addTarget(final List<Columns> v, final float threshold, final float weight, final Columns out) {
		out.forColumns(i -> {
			final float[] target = out.data()[i];
			final int n = target.length;
			final float[] vx = v.get(0).data()[i], vy = v.get(1).data()[i], vz = v.get(2).data()[i];
			final boolean hasRight = i % nx + 1 < nx, hasBelow = i / nx + 1 < ny;
			final float[] f = new float[n], fz = new float[n];
			for (int k = 0; k < n; k++)
				f[k] = weight * (2 * shrinkage(vx[k], vy[k], vz[k], threshold) - 1); // d − u = f · v / weight
			for (int k = 0; k < n - 1; k++)
				fz[k] = wz * f[k] * vz[k];
			final float fx = hasRight ? wx : 0, fy = hasBelow ? wy : 0;
			for (int k = 0; k < n; k++)
				target[k] -= f[k] * (fx * vx[k] + fy * vy[k]) + fz[k];
			for (int k = 1; k < n; k++)
				target[k] += fz[k - 1];
			if (i % nx > 0) addShifted(v, i - 1, 0, threshold, weight * wx, target);
			if (i / nx > 0) addShifted(v, i - nx, 1, threshold, weight * wy, target);
		});
	}

	private static void addShifted(final List<Columns> v, final int i, final int axis, final float threshold,
		final float weight, final float[] target)
	{
		final float[] vx = v.get(0).data()[i], vy = v.get(1).data()[i], vz = v.get(2).data()[i], component = v.get(axis).data()[i];
		for (int k = 0; k < target.length; k++)
			target[k] += weight * (2 * shrinkage(vx[k], vy[k], vz[k], threshold) - 1) * component[k];
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
		final float own = weight * c;
		return out.sum((i, sums) -> {
			final float[] target = out.data()[i], here = x.data()[i];
			final float[] left = i % nx > 0 ? x.data()[i - 1] : here, right = right(x, i);
			final float[] above = i / nx > 0 ? x.data()[i - nx] : here, below = below(x, i);
			final int n = target.length;
			// Apart: HotSpot makes no SIMD code of a loop as long as both.
			for (int k = 0; k < n; k++)
				target[k] = a * target[k] + own * here[k] + ax * (2 * here[k] - left[k] - right[k]);
			for (int k = 0; k < n; k++)
				target[k] += ay * (2 * here[k] - above[k] - below[k]);
			for (int k = 1; k < n; k++)
				target[k] += az * (here[k] - here[k - 1]);
			for (int k = 0; k < n - 1; k++)
				target[k] -= az * (here[k + 1] - here[k]);
			for (int k = 0; k < n; k++)
				sums[k] += (double) here[k] * target[k];
		});
	}
}
