package org.patchct.volume;

/**
 * A straight piece of a vessel, an airway or a bone: all points nearer to a line segment than a radius that changes
 * linearly along it. Lengths in mm.
 *
 * @param from one end
 * @param to the other end
 * @param r0 radius at {@code from}
 * @param r1 radius at {@code to}
 * @param value what it holds, HU
 * @param inLung whether it shows only within the lungs
 */
record Tube(double[] from, double[] to, double r0, double r1, float value, boolean inLung) {

	/**
	 * Draws the tube's part in one slice over what is there. A tube thinner than a voxel covers the voxels it meets by the
	 * share of their area that it fills.
	 *
	 * @param slice the slice, HU
	 * @param lung share of each voxel that is lung
	 * @param x positions of the columns, mm
	 * @param y positions of the rows, mm
	 * @param z position of the slice, mm
	 * @param voxel mean voxel size, mm
	 */
	void draw(final float[] slice, final float[] lung, final double[] x, final double[] y, final double z,
		final double voxel)
	{
		final double reach = Math.max(Math.max(r0, r1), voxel / 2) + voxel;
		if (z < Math.min(from[2], to[2]) - reach || z > Math.max(from[2], to[2]) + reach) return;
		final int i0 = first(x, Math.min(from[0], to[0]) - reach), i1 = first(x, Math.max(from[0], to[0]) + reach);
		final int j0 = first(y, Math.min(from[1], to[1]) - reach), j1 = first(y, Math.max(from[1], to[1]) + reach);
		final double dx = to[0] - from[0], dy = to[1] - from[1], dz = to[2] - from[2];
		final double length2 = Math.max(1e-9, dx * dx + dy * dy + dz * dz);
		for (int j = j0; j < j1; j++)
			for (int i = i0; i < i1; i++) {
				final double px = x[i] - from[0], py = y[j] - from[1], pz = z - from[2];
				final double t = Math.max(0, Math.min(1, (px * dx + py * dy + pz * dz) / length2));
				final double ex = px - t * dx, ey = py - t * dy, ez = pz - t * dz;
				final double radius = r0 + t * (r1 - r0), drawn = Math.max(radius, voxel / 2);
				double cover = 0.5 + (drawn - Math.sqrt(ex * ex + ey * ey + ez * ez)) / voxel;
				if (cover <= 0) continue;
				cover = Math.min(1, cover) * (radius / drawn) * (radius / drawn);
				final int at = i + x.length * j;
				if (inLung) cover *= lung[at];
				slice[at] += (float) (cover * (value - slice[at]));
			}
	}

	/** Index of the first position not below {@code p}, in equal steps. */
	private static int first(final double[] positions, final double p) {
		if (positions.length == 1) return p <= positions[0] ? 0 : 1;
		final double index = (p - positions[0]) / (positions[1] - positions[0]);
		return (int) Math.max(0, Math.min(positions.length, Math.ceil(index)));
	}
}
