package org.patchct.evaluate;

import java.util.Locale;

import org.patchct.task.Memory;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * A volume minus its reference.
 *
 * @param map the difference in the units of both
 * @param scores in the window of the reference
 * @param mean of the difference
 * @param absolute mean of its magnitude
 * @param rms root of its mean square
 * @param largest the difference of largest magnitude, at voxel ({@code x}, {@code y}, {@code z}), each from 0
 * @param end where a symmetric scale that suits it may end: 1, 2 or 5 times a power of ten
 */
public record Difference(Volume map, Scores scores, double mean, double absolute, double rms, double largest, int x,
	int y, int z, double end)
{

	/** Sums over a slice. */
	private record Slice(double sum, double absolute, double squares, int largest) { }

	/**
	 * @throws org.patchct.task.InvalidInputException if the volumes differ in size, voxel size or unit, or memory lacks
	 */
	public static Difference of(final Volume result, final Volume reference, final Progress progress) {
		SameVoxels.require(result, reference);
		Memory.requireRoom("The difference of \"" + result.name() + "\" and \"" + reference.name() + "\"", 3.0 * result.grid()
			.voxels());
		final Intensity window = reference.intensity();
		final int nx = result.grid().nx(), ny = result.grid().ny(), nz = result.grid().nz();
		final float[][] a = Layouts.planes(result.img()), b = Layouts.planes(reference.img()), d = new float[nz][nx * ny];
		final Slice[] slices = new Slice[nz];
		Parallel.loop(nz, k -> {
			for (int i = 0; i < d[k].length; i++)
				d[k][i] = a[k][i] - b[k][i];
			slices[k] = slice(d[k]);
		});
		double sum = 0, absolute = 0, squares = 0;
		int z = 0;
		for (int k = 0; k < nz; k++) {
			sum += slices[k].sum;
			absolute += slices[k].absolute;
			squares += slices[k].squares;
			if (Math.abs(d[k][slices[k].largest]) > Math.abs(d[z][slices[z].largest])) z = k;
		}
		final Scores scores = Metrics.compare(Layouts.normalised(new Volume(result.name(), result.img(), result.grid(),
			window)), Layouts.normalised(reference), progress);
		final int at = slices[z].largest;
		final double n = result.grid().voxels();
		final Volume map = new Volume("Difference of " + result.name() + " and " + reference.name(), Layouts.wrap(d, nx, ny),
			result.grid(), new Intensity(window.unit(), 0, window.high() - window.low(), window.muHigh()));
		return new Difference(map, scores, sum / n, absolute / n, Math.sqrt(squares / n), d[z][at], at % nx, at / nx, z,
			ErrorScale.of(map).most());
	}

	private static Slice slice(final float[] values) {
		double sum = 0, absolute = 0, squares = 0;
		int largest = 0;
		for (int i = 0; i < values.length; i++) {
			final double v = values[i];
			sum += v;
			absolute += Math.abs(v);
			squares += v * v;
			if (Math.abs(v) > Math.abs(values[largest])) largest = i;
		}
		return new Slice(sum, absolute, squares, largest);
	}

	/** The numbers in a line: PSNR, SSIM, then the difference's in the units of both. */
	@Override
	public String toString() {
		return String.format(Locale.ROOT, "PSNR %.2f dB, SSIM %.4f; in %s: mean %s, mean magnitude %s, root mean square %s, " +
			"largest %s at x=%d, y=%d, slice %d", scores.psnr(), scores.ssim(), map.intensity().unit(), GreyWindow.number(mean),
			GreyWindow.number(absolute), GreyWindow.number(rms), GreyWindow.number(largest), x, y, z + 1);
	}
}
