package org.patchct.scan;

import java.util.List;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.Parallel;
import org.patchct.volume.Ellipsoid;
import org.patchct.volume.Layouts;

/** Exact projections of phantoms made of ellipsoids: data that no projector made. */
public final class EllipsoidScan {

	private EllipsoidScan() { }

	/** Line integrals at the centres of bins and rows, as radiographs (u, v, view). */
	public static Img<FloatType> atCentres(final List<Ellipsoid> ellipsoids, final ParallelBeam geometry) {
		return scan(ellipsoids, geometry, 1, (shadow, z, weight, row) -> {
			for (int u = 0; u < row.length; u++)
				row[u] += weight * shadow.lineIntegral(geometry.s(u), z);
		});
	}

	/**
	 * Line integrals averaged over each bin (exactly) and over each row (the mean of {@code rowSamples} heights), as a
	 * detector with area measures them but for the logarithm.
	 */
	public static Img<FloatType> averaged(final List<Ellipsoid> ellipsoids, final ParallelBeam geometry,
		final int rowSamples)
	{
		final double start = geometry.s(-0.5), pitch = geometry.binPitch();
		return scan(ellipsoids, geometry, rowSamples, (shadow, z, weight, row) -> shadow.addMeans(z, start, pitch, weight,
			row));
	}

	/** Adds the row that a shadow casts at height z, times a weight. */
	@FunctionalInterface
	private interface Caster {

		void add(Ellipsoid.Shadow shadow, double z, double weight, double[] row);
	}

	private static Img<FloatType> scan(final List<Ellipsoid> ellipsoids, final ParallelBeam geometry,
		final int rowSamples, final Caster caster)
	{
		final double[] angles = geometry.angles();
		final int bins = geometry.bins(), rows = geometry.rows();
		final float[][] planes = new float[angles.length][bins * rows];
		Parallel.loop(angles.length, view -> {
			final List<Ellipsoid.Shadow> shadows = ellipsoids.stream().map(ellipsoid -> ellipsoid.shadow(angles[view]))
				.toList();
			for (int v = 0; v < rows; v++) {
				final double[] row = new double[bins];
				for (int n = 0; n < rowSamples; n++) {
					final double z = (v - rows / 2.0 + (n + 0.5) / rowSamples) * geometry.rowPitch();
					for (final Ellipsoid.Shadow shadow : shadows)
						caster.add(shadow, z, 1.0 / rowSamples, row);
				}
				for (int u = 0; u < bins; u++)
					planes[view][u + bins * v] = (float) row[u];
			}
		});
		return Layouts.wrap(planes, bins, rows);
	}
}
