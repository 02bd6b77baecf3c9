package org.patchct.scan;

import java.util.List;
import java.util.function.IntFunction;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.Parallel;
import org.patchct.volume.Ellipsoid;
import org.patchct.volume.Layouts;

/** Exact projections of phantoms made of ellipsoids: data that no projector made. */
public final class EllipsoidScan {

	private EllipsoidScan() { }

	/** Line integrals at the centres of bins and rows, as radiographs (u, v, view). */
	public static Img<FloatType> atCentres(final List<Ellipsoid> ellipsoids, final ScanGeometry geometry) {
		return sampled(ellipsoids, geometry, 1);
	}

	/**
	 * Line integrals averaged over each bin and row, as a detector with area measures them but for the logarithm: exactly
	 * over bins in parallel beam, else the mean of {@code samples} rays, and over rows the mean of {@code samples}.
	 */
	public static Img<FloatType> averaged(final List<Ellipsoid> ellipsoids, final ScanGeometry geometry,
		final int samples)
	{
		return geometry instanceof ParallelBeam parallel ? binMeans(ellipsoids, parallel, samples) : sampled(ellipsoids,
			geometry, samples);
	}

	private static Img<FloatType> binMeans(final List<Ellipsoid> ellipsoids, final ParallelBeam geometry,
		final int rowSamples)
	{
		final double[] angles = geometry.angles();
		final double start = geometry.s(-0.5), pitch = geometry.binPitch();
		return scan(geometry, view -> {
			final List<Ellipsoid.Shadow> shadows = ellipsoids.stream().map(ellipsoid -> ellipsoid.shadow(angles[view]))
				.toList();
			return (v, row) -> {
				for (int n = 0; n < rowSamples; n++) {
					final double z = (v - geometry.rows() / 2.0 + (n + 0.5) / rowSamples) * geometry.rowPitch();
					for (final Ellipsoid.Shadow shadow : shadows)
						shadow.addMeans(z, start, pitch, 1.0 / rowSamples, row);
				}
			};
		});
	}

	private static Img<FloatType> sampled(final List<Ellipsoid> ellipsoids, final ScanGeometry geometry,
		final int samples)
	{
		final List<Ellipsoid.Chords> chords = ellipsoids.stream().map(Ellipsoid::chords).toList();
		final ScanGeometry fine = geometry.refined(samples);
		return scan(geometry, index -> {
			final View view = fine.view(index);
			return (v, row) -> {
				for (int n = v * samples; n < (v + 1) * samples; n++)
					for (int u = 0; u < fine.bins(); u++) {
						final Ray ray = view.ray(u, n);
						for (final Ellipsoid.Chords ellipsoid : chords)
							row[u / samples] += ellipsoid.lineIntegral(ray.x(), ray.y(), ray.z(), ray.dx(), ray.dy(), ray.dz()) /
								(samples * samples);
					}
			};
		});
	}

	/** Adds the line integrals of detector row v of one view. */
	@FunctionalInterface
	private interface Caster {

		void add(int v, double[] row);
	}

	private static Img<FloatType> scan(final ScanGeometry geometry, final IntFunction<Caster> views) {
		final int bins = geometry.bins(), rows = geometry.rows();
		final float[][] planes = new float[geometry.views()][bins * rows];
		Parallel.loop(planes.length, view -> {
			final Caster caster = views.apply(view);
			for (int v = 0; v < rows; v++) {
				final double[] row = new double[bins];
				caster.add(v, row);
				for (int u = 0; u < bins; u++)
					planes[view][u + bins * v] = (float) row[u];
			}
		});
		return Layouts.wrap(planes, bins, rows);
	}
}
