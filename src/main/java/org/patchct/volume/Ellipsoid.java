package org.patchct.volume;

import java.util.List;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.Parallel;
import org.patchct.task.Progress;

/**
 * A homogeneous ellipsoid, the building block of phantoms whose projections are known exactly. It may be turned about z.
 * Positions are those of {@link Grid}, with y pointing down; lengths are mm.
 *
 * @param value what it adds to the voxels that it covers
 * @param x centre
 * @param y centre
 * @param z centre
 * @param a semi-axis along x before turning
 * @param b semi-axis along y before turning
 * @param c semi-axis along z
 * @param rotation by how much it is turned about its centre, degrees, counter-clockwise on the screen
 */
public record Ellipsoid(double value, double x, double y, double z, double a, double b, double c, double rotation) {

	/** Sums that differ from 0 by less than this share of the largest value are rounding. */
	private static final double ROUNDING = 1e-12;

	public Ellipsoid {
		if (!(a > 0 && b > 0 && c > 0)) throw new IllegalArgumentException("Semi-axes " + a + ", " + b + ", " + c);
	}

	/** Whether a point is inside. */
	public boolean contains(final double px, final double py, final double pz) {
		final double cos = Math.cos(Math.toRadians(rotation)), sin = Math.sin(Math.toRadians(rotation));
		final double right = px - x, up = y - py;
		final double u = (right * cos + up * sin) / a, v = (up * cos - right * sin) / b, w = (pz - z) / c;
		return u * u + v * v + w * w <= 1;
	}

	/** {@link #value} times the volume, mm³. */
	public double mass() {
		return value * 4 / 3 * Math.PI * a * b * c;
	}

	/** The ellipsoid made ready for line integrals. */
	public Chords chords() {
		return new Chords(this, Math.cos(Math.toRadians(rotation)), Math.sin(Math.toRadians(rotation)));
	}

	/**
	 * Line integrals of an ellipsoid: {@link #value} times the length of the part of a line that is inside.
	 *
	 * @param of the ellipsoid
	 * @param cos of its rotation
	 * @param sin of its rotation
	 */
	public record Chords(Ellipsoid of, double cos, double sin) {

		/** The line integral through the point (px, py, pz) along the unit vector (dx, dy, dz). */
		public double lineIntegral(final double px, final double py, final double pz, final double dx, final double dy,
			final double dz)
		{
			// In coordinates in which the ellipsoid is the unit ball: |p + t d|² = 1.
			final double right = px - of.x, up = of.y - py;
			final double pu = (right * cos + up * sin) / of.a, pv = (up * cos - right * sin) / of.b, pw = (pz - of.z) / of.c;
			final double du = (dx * cos - dy * sin) / of.a, dv = (-dy * cos - dx * sin) / of.b, dw = dz / of.c;
			final double dd = du * du + dv * dv + dw * dw, pd = pu * du + pv * dv + pw * dw;
			final double root2 = pd * pd - dd * (pu * pu + pv * pv + pw * pw - 1);
			return root2 <= 0 ? 0 : 2 * of.value * Math.sqrt(root2) / dd;
		}
	}

	/** How the ellipsoid looks from one direction of a parallel beam. */
	public Shadow shadow(final double degrees) {
		final double theta = Math.toRadians(degrees), phi = theta - Math.toRadians(rotation);
		return new Shadow(this, x * Math.cos(theta) - y * Math.sin(theta), Math.hypot(a * Math.cos(phi), b * Math.sin(
			phi)));
	}

	/**
	 * Projections of an ellipsoid at one view angle. The plane at height z' cuts an ellipse of semi-axes A = a h and B = b
	 * h, h² = 1 − ((z' − z)/c)². With φ = θ − rotation, α² = A² cos² φ + B² sin² φ and the distance t of the ray from the
	 * centre, the line integral is 2 value A B √(α² − t²) / α² (Kak and Slaney, Principles of Computerized Tomographic
	 * Imaging, 1988, equation 3.6).
	 *
	 * @param of the ellipsoid
	 * @param centre where its centre falls on the detector, mm from the axis
	 * @param halfWidth α of its equator, mm
	 */
	public record Shadow(Ellipsoid of, double centre, double halfWidth) {

		/**
		 * Adds {@code weight} times the exact mean of the line integrals over each bin to {@code bins}.
		 *
		 * @param z height, mm
		 * @param start s at the outer edge of the first bin, mm
		 * @param pitch width of a bin, mm
		 */
		public void addMeans(final double z, final double start, final double pitch, final double weight,
			final double[] bins)
		{
			final double h2 = h2(z);
			if (h2 <= 0) return;
			final double alpha = Math.sqrt(h2) * halfWidth;
			final double scale = weight * of.value * of.a * of.b * h2 / pitch;
			final int first = (int) Math.max(0, Math.floor((centre - alpha - start) / pitch));
			final int end = (int) Math.min(bins.length, Math.ceil((centre + alpha - start) / pitch));
			double before = sector((start + first * pitch - centre) / alpha);
			for (int u = first; u < end; u++) {
				final double after = sector((start + (u + 1) * pitch - centre) / alpha);
				bins[u] += scale * (after - before);
				before = after;
			}
		}

		private double h2(final double z) {
			return 1 - (z - of.z) * (z - of.z) / (of.c * of.c);
		}

		/** Integral of 2 √(1 − τ²) up to τ. */
		private static double sector(final double tau) {
			final double t = Math.max(-1, Math.min(1, tau));
			return t * Math.sqrt(1 - t * t) + Math.asin(t);
		}
	}

	/**
	 * The sum of ellipsoids as an image: each voxel is the mean over its volume, exact along x and sampled on
	 * {@code samples}² lines across. Uses all cores.
	 */
	public static Img<FloatType> render(final List<Ellipsoid> ellipsoids, final Grid grid, final int samples) {
		return render(ellipsoids, grid, samples, Progress.SILENT);
	}

	/** Like {@link #render(List, Grid, int)}, with progress, which may cancel. */
	static Img<FloatType> render(final List<Ellipsoid> ellipsoids, final Grid grid, final int samples,
		final Progress progress)
	{
		final Img<FloatType> img = Layouts.newImage(grid.nx(), grid.ny(), grid.nz());
		final float[][] planes = Layouts.planes(img);
		double largest = 0;
		for (final Ellipsoid ellipsoid : ellipsoids)
			largest = Math.max(largest, Math.abs(ellipsoid.value));
		final double zero = largest * ROUNDING;
		Parallel.loop(planes.length, k -> {
			progress.checkCancelled();
			progress.update("Slice " + (k + 1) + " of " + planes.length, (double) k / planes.length);
			// Each line through an ellipsoid adds a step up and a step down; their running sum is the row.
			final double[] steps = new double[grid.nx() + 2];
			for (int j = 0; j < grid.ny(); j++) {
				java.util.Arrays.fill(steps, 0);
				for (int sz = 0; sz < samples; sz++)
					for (int sy = 0; sy < samples; sy++)
						for (final Ellipsoid ellipsoid : ellipsoids)
							ellipsoid.addLine(grid, grid.y(j + (sy + 0.5) / samples - 0.5), grid.z(k + (sz + 0.5) / samples - 0.5),
								steps);
				double sum = 0;
				for (int i = 0; i < grid.nx(); i++) {
					sum += steps[i];
					planes[k][i + grid.nx() * j] = Math.abs(sum) < zero ? 0 : (float) (sum / (samples * samples));
				}
			}
		});
		return img;
	}

	/** Adds the steps at which the line along x at (py, pz) enters and leaves. */
	private void addLine(final Grid grid, final double py, final double pz, final double[] steps) {
		final double w = (pz - z) / c, h2 = 1 - w * w;
		if (h2 <= 0) return;
		final double cos = Math.cos(Math.toRadians(rotation)), sin = Math.sin(Math.toRadians(rotation)), up = y - py;
		// (right cos + up sin)²/a² + (up cos − right sin)²/b² = h² as p right² + 2 q right + r = 0
		final double p = cos * cos / (a * a) + sin * sin / (b * b);
		final double q = up * cos * sin * (1 / (a * a) - 1 / (b * b));
		final double r = up * up * (sin * sin / (a * a) + cos * cos / (b * b)) - h2;
		final double root2 = q * q - p * r;
		if (root2 <= 0) return;
		final double root = Math.sqrt(root2);
		addStep(value, (x + (-q - root) / p) / grid.dx() + grid.nx() / 2.0, grid.nx(), steps);
		addStep(-value, (x + (-q + root) / p) / grid.dx() + grid.nx() / 2.0, grid.nx(), steps);
	}

	/** A step at {@code at}, in voxels from the row's left end: the voxel that holds it is covered from there on. */
	private static void addStep(final double height, final double at, final int n, final double[] steps) {
		final double clipped = Math.max(0, Math.min(n, at));
		final int voxel = (int) clipped;
		final double rest = clipped - voxel;
		steps[voxel] += height * (1 - rest);
		steps[voxel + 1] += height * rest;
	}
}
