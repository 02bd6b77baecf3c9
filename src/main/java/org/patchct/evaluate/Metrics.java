package org.patchct.evaluate;

import java.util.Arrays;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/**
 * PSNR, SSIM and z-consistency of volumes in window units. Both volumes are clipped to [0, 1] first and the data range is
 * 1, so a score belongs to the window as much as to the method.
 * <p>
 * SSIM is that of Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE TIP
 * 13(4), 2004: 11 × 11 Gaussian of σ 1.5, K1 0.01, K2 0.03, population (co)variances. A slice's score is the mean over
 * the pixels whose whole window lies inside the slice, which is what scikit-image's {@code structural_similarity(...,
 * gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)} gives. Along an axis shorter than the
 * window, where scikit-image refuses, the slice is continued by reflection about its edges and every pixel counts.
 * </p>
 */
public final class Metrics {

	/** Half width of the window: ⌊3.5 σ + ½⌋, scikit-image's truncation. */
	private static final int RADIUS = 5;

	private static final double SIGMA = 1.5;

	/** (K1 · data range)² and (K2 · data range)². */
	private static final double C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;

	private static final double[] KERNEL = kernel();

	private Metrics() { }

	/**
	 * Scores {@code result} against {@code reference}, both in window units and of the same shape.
	 *
	 * @throws InvalidInputException if the shapes differ
	 */
	public static Scores compare(final Columns result, final Columns reference, final Progress progress) {
		if (result.nx() != reference.nx() || result.ny() != reference.ny() || result.nz() != reference.nz())
			throw new InvalidInputException("A result of " + result + " voxels cannot be compared with a reference of " +
				reference + ": reconstruct on the reference's grid.");
		final int nx = result.nx(), ny = result.ny(), nz = result.nz();
		final float[][] a = result.data(), b = reference.data();
		final double psnr = psnr(result, reference);
		progress.checkCancelled();
		final Scores.Plane axial = plane(nz, nx, ny, (k, i, j, to) -> {
			to[0] = a[i + nx * j][k];
			to[1] = b[i + nx * j][k];
		});
		progress.checkCancelled();
		final Scores.Plane coronal = plane(ny, nz, nx, (j, k, i, to) -> {
			to[0] = a[i + nx * j][k];
			to[1] = b[i + nx * j][k];
		});
		progress.checkCancelled();
		final Scores.Plane sagittal = plane(nx, nz, ny, (i, k, j, to) -> {
			to[0] = a[i + nx * j][k];
			to[1] = b[i + nx * j][k];
		});
		return new Scores(psnr, axial, coronal, sagittal, zConsistency(result, reference));
	}

	/** Reads pixel (u, v) of slice s of both volumes. */
	@FunctionalInterface
	private interface Pixels {

		void read(int s, int u, int v, float[] to);
	}

	private static Scores.Plane plane(final int slices, final int width, final int height, final Pixels pixels) {
		final double[] errors = new double[slices], ssim = new double[slices];
		Parallel.loop(slices, s -> {
			final double[] a = new double[width * height], b = new double[width * height];
			final float[] pair = new float[2];
			double sum = 0;
			for (int v = 0; v < height; v++)
				for (int u = 0; u < width; u++) {
					pixels.read(s, u, v, pair);
					final double p = clip(pair[0]), q = clip(pair[1]);
					a[u + width * v] = p;
					b[u + width * v] = q;
					sum += (p - q) * (p - q);
				}
			errors[s] = sum / (width * height);
			ssim[s] = ssim(a, b, width, height);
		});
		double psnrSum = 0, ssimSum = 0;
		int differing = 0;
		for (int s = 0; s < slices; s++) {
			ssimSum += ssim[s];
			// A slice without any error (air, as a rule) has an infinite PSNR and would swamp the mean.
			if (errors[s] == 0) continue;
			psnrSum += decibel(errors[s]);
			differing++;
		}
		return new Scores.Plane(differing == 0 ? Double.POSITIVE_INFINITY : psnrSum / differing, ssimSum / slices);
	}

	/** PSNR of the whole volume, dB; both in window units and of the same shape. */
	static double psnr(final Columns result, final Columns reference) {
		final float[][] a = result.data(), b = reference.data();
		final double[] sums = new double[a.length];
		Parallel.loop(a.length, i -> {
			double sum = 0;
			for (int k = 0; k < a[i].length; k++) {
				final double d = clip(a[i][k]) - clip(b[i][k]);
				sum += d * d;
			}
			sums[i] = sum;
		});
		double sum = 0;
		for (final double s : sums)
			sum += s;
		return decibel(sum / ((double) a.length * result.nz()));
	}

	/**
	 * How much neighbouring slices differ beside how much those of the reference do: the mean of |x(z + 1) − x(z)| over all
	 * voxels, divided by the reference's. 1 is as consistent as the reference; more is slices that jump, as they do when
	 * each is made without regard to the next; less is a blur along z. Both are in window units, of the same shape, and clipped.
	 *
	 * @return NaN for a single slice, or if neither changes along z; infinite if the reference alone does not
	 */
	static double zConsistency(final Columns result, final Columns reference) {
		return roughness(result) / roughness(reference);
	}

	/** Sum of the magnitudes of the differences along z. */
	private static double roughness(final Columns volume) {
		final float[][] columns = volume.data();
		final double[] sums = new double[columns.length];
		Parallel.loop(columns.length, i -> {
			for (int k = 1; k < columns[i].length; k++)
				sums[i] += Math.abs(clip(columns[i][k]) - clip(columns[i][k - 1]));
		});
		return Arrays.stream(sums).sum();
	}

	private static double decibel(final double meanSquaredError) {
		return -10 * Math.log10(meanSquaredError);
	}

	private static double clip(final double value) {
		return Math.min(1, Math.max(0, value));
	}

	/** Mean SSIM of two images in [0, 1], {@code [u + width · v]}. */
	static double ssim(final double[] a, final double[] b, final int width, final int height) {
		final int n = width * height;
		final double[] aa = new double[n], bb = new double[n], ab = new double[n];
		for (int i = 0; i < n; i++) {
			aa[i] = a[i] * a[i];
			bb[i] = b[i] * b[i];
			ab[i] = a[i] * b[i];
		}
		final double[] ma = smooth(a, width, height), mb = smooth(b, width, height);
		final double[] maa = smooth(aa, width, height), mbb = smooth(bb, width, height), mab = smooth(ab, width, height);
		double sum = 0;
		for (int i = 0; i < ma.length; i++) {
			final double mean2 = ma[i] * mb[i], means = ma[i] * ma[i] + mb[i] * mb[i];
			final double variances = maa[i] + mbb[i] - means, covariance = mab[i] - mean2;
			sum += (2 * mean2 + C1) * (2 * covariance + C2) / ((means + C1) * (variances + C2));
		}
		return sum / ma.length;
	}

	/** Gaussian mean along both axes. One as long as the kernel or longer loses its ends; a shorter one is reflected. */
	private static double[] smooth(final double[] image, final int width, final int height) {
		final int w = smoothed(width), h = smoothed(height);
		final double[] rows = new double[w * height];
		for (int v = 0; v < height; v++)
			for (int u = 0; u < w; u++) {
				double sum = 0;
				if (width > 2 * RADIUS) for (int t = 0; t < KERNEL.length; t++)
					sum += KERNEL[t] * image[u + t + width * v];
				else for (int t = 0; t < KERNEL.length; t++)
					sum += KERNEL[t] * image[reflect(u + t - RADIUS, width) + width * v];
				rows[u + w * v] = sum;
			}
		final double[] out = new double[w * h];
		for (int v = 0; v < h; v++)
			for (int t = 0; t < KERNEL.length; t++) {
				final int from = w * (height > 2 * RADIUS ? v + t : reflect(v + t - RADIUS, height));
				final double weight = KERNEL[t];
				for (int u = 0; u < w; u++)
					out[u + w * v] += weight * rows[u + from];
			}
		return out;
	}

	private static int smoothed(final int length) {
		return length > 2 * RADIUS ? length - 2 * RADIUS : length;
	}

	/** Index continued by reflection about the outer edges of the first and last pixel: … 1 0 | 0 1 … n−1 | n−1 n−2 … */
	private static int reflect(final int index, final int length) {
		final int period = Math.floorMod(index, 2 * length);
		return period < length ? period : 2 * length - 1 - period;
	}

	private static double[] kernel() {
		final double[] kernel = new double[2 * RADIUS + 1];
		double sum = 0;
		for (int t = -RADIUS; t <= RADIUS; t++)
			sum += kernel[t + RADIUS] = Math.exp(-t * t / (2 * SIGMA * SIGMA));
		for (int t = 0; t < kernel.length; t++)
			kernel[t] /= sum;
		return kernel;
	}
}
