package org.patchct.volume;

import java.util.Arrays;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;

/**
 * Volumes on other grids. All methods are separable, use all cores and leave their input alone.
 * <p>
 * Along an axis whose voxels become smaller, values are interpolated linearly. Along one whose voxels become larger, they
 * are averaged over the new voxel: plain means where new voxels consist of whole old ones, else means of the linear
 * interpolant. So nothing is aliased, constants and linear ramps are kept, and so is the mean where the two grids cover
 * the same space and no voxel becomes smaller.
 * </p>
 */
public final class Resampling {

	/** Misplacements below this many voxels are rounding of the spacings in files. */
	private static final double ROUNDING = 1e-3;

	private Resampling() { }

	/**
	 * A volume with cubic voxels over the same space, its longest side {@code longestSide} voxels. Other sides are rounded
	 * to whole voxels.
	 *
	 * @param longestSide voxels along the physically longest side; 0 gives the volume as it is
	 * @throws InvalidInputException if it is negative, or the result would not fit into memory
	 */
	public static Volume toCubic(final Volume volume, final int longestSide) {
		return toCubic(volume, longestSide, Progress.SILENT);
	}

	/** The same, telling how far it is. */
	public static Volume toCubic(final Volume volume, final int longestSide, final Progress progress) {
		return toGrid(volume, cubic(volume.grid(), longestSide), progress);
	}

	/**
	 * The grid of {@link #toCubic}.
	 *
	 * @throws InvalidInputException if {@code longestSide} is negative
	 */
	public static Grid cubic(final Grid from, final int longestSide) {
		if (longestSide == 0) return from;
		if (longestSide < 0) throw new InvalidInputException("Size " + longestSide +
			": give the number of voxels along the longest side, or 0 to keep the volume as it is.");
		final double lx = from.nx() * from.dx(), ly = from.ny() * from.dy(), lz = from.nz() * from.dz();
		final double spacing = Math.max(lx, Math.max(ly, lz)) / longestSide;
		return new Grid(voxels(lx, spacing), voxels(ly, spacing), voxels(lz, spacing), spacing, spacing, spacing);
	}

	private static int voxels(final double length, final double spacing) {
		return (int) Math.max(1, Math.round(length / spacing));
	}

	/**
	 * A volume on another grid with the same centre. Voxels whose centre lies outside the old grid are empty space
	 * ({@link Intensity#low}).
	 *
	 * @throws InvalidInputException if the result would not fit into memory
	 */
	public static Volume toGrid(final Volume volume, final Grid grid) {
		return toGrid(volume, grid, Progress.SILENT);
	}

	/** Like {@link #toGrid(Volume, Grid)}, with progress, which may cancel. */
	public static Volume toGrid(final Volume volume, final Grid grid, final Progress progress) {
		final Grid from = volume.grid();
		if (from.equals(grid)) return volume;
		Memory.requireRoom("\"" + volume.name() + "\" resampled to " + grid, grid.voxels());
		final Axis x = new Axis(from.nx(), from.dx(), grid.nx(), grid.dx());
		final Axis y = new Axis(from.ny(), from.dy(), grid.ny(), grid.dy());
		final Axis z = new Axis(from.nz(), from.dz(), grid.nz(), grid.dz());
		final float empty = (float) volume.intensity().low();
		final float[][] source = Layouts.planes(volume.img()), slices = new float[source.length][];
		Parallel.loop(source.length, k -> {
			progress.checkCancelled();
			progress.update("Resampling", 0.5 * k / source.length);
			slices[k] = resampleSlice(source[k], x, y, empty);
		});
		final float[][] planes = new float[grid.nz()][];
		Parallel.loop(planes.length, k -> {
			progress.checkCancelled();
			progress.update("Resampling", 0.5 + 0.5 * k / planes.length);
			final float[] plane = new float[grid.nx() * grid.ny()];
			if (z.weights[k].length == 0) Arrays.fill(plane, empty);
			for (int j = 0; j < z.weights[k].length; j++)
				add(slices[z.first[k] + j], 0, z.weights[k][j], plane, 0, plane.length);
			planes[k] = plane;
		});
		return new Volume(volume.name(), Layouts.wrap(planes, grid.nx(), grid.ny()), grid, volume.intensity());
	}

	private static float[] resampleSlice(final float[] source, final Axis x, final Axis y, final float empty) {
		// Rows first: each input row is then read once, and the columns' sums run along rows.
		final int nx = x.first.length, ny = y.first.length;
		final float[] rows = new float[nx * y.inputs];
		for (int j = 0; j < y.inputs; j++)
			for (int i = 0; i < nx; i++) {
				final float[] weights = x.weights[i];
				final int start = j * x.inputs + x.first[i];
				float sum = weights.length == 0 ? empty : 0;
				for (int w = 0; w < weights.length; w++)
					sum += weights[w] * source[start + w];
				rows[i + nx * j] = sum;
			}
		final float[] slice = new float[nx * ny];
		for (int j = 0; j < ny; j++) {
			final float[] weights = y.weights[j];
			if (weights.length == 0) Arrays.fill(slice, nx * j, nx * (j + 1), empty);
			for (int w = 0; w < weights.length; w++)
				add(rows, nx * (y.first[j] + w), weights[w], slice, nx * j, nx);
		}
		return slice;
	}

	private static void add(final float[] from, final int fromStart, final float weight, final float[] to,
		final int toStart, final int n)
	{
		for (int i = 0; i < n; i++)
			to[toStart + i] += weight * from[fromStart + i];
	}

	/**
	 * A volume whose voxels are the exact means of {@code factor}³ old ones.
	 *
	 * @throws InvalidInputException if a side is not a multiple of {@code factor}
	 */
	public static Volume binned(final Volume volume, final int factor) {
		if (factor == 1) return volume;
		final Grid grid = volume.grid();
		return new Volume(volume.name(), binned(volume.img(), factor, factor, factor), new Grid(grid.nx() / factor, grid
			.ny() / factor, grid.nz() / factor, grid.dx() * factor, grid.dy() * factor, grid.dz() * factor), volume
				.intensity());
	}

	/**
	 * An image whose voxels are the exact means of {@code fx · fy · fz} old ones, summed in double precision.
	 *
	 * @throws InvalidInputException if a side is not a multiple of its factor
	 */
	public static Img<FloatType> binned(final Img<FloatType> img, final int fx, final int fy, final int fz) {
		final int[] factors = { fx, fy, fz };
		for (int d = 0; d < 3; d++)
			if (factors[d] < 1 || img.dimension(d) % factors[d] != 0) throw new InvalidInputException("An image of " + Arrays
				.toString(img.dimensionsAsLongArray()) + " voxels cannot be binned by " + Arrays.toString(factors) +
				": each side must be a multiple of its factor.");
		final int nx = (int) img.dimension(0) / fx, ny = (int) img.dimension(1) / fy, nz = (int) img.dimension(2) / fz;
		final float[][] source = Layouts.planes(img), planes = new float[nz][];
		Parallel.loop(nz, k -> {
			final double[] sums = new double[nx * ny];
			for (int c = 0; c < fz; c++) {
				final float[] plane = source[k * fz + c];
				int at = 0;
				for (int j = 0; j < ny * fy; j++)
					for (int i = 0; i < nx; i++)
						for (int a = 0; a < fx; a++)
							sums[i + nx * (j / fy)] += plane[at++];
			}
			final float[] means = new float[nx * ny];
			for (int i = 0; i < means.length; i++)
				means[i] = (float) (sums[i] / (fx * fy * fz));
			planes[k] = means;
		});
		return Layouts.wrap(planes, nx, ny);
	}

	/** For each output voxel along one axis: the first input voxel it depends on and the weights from there on. */
	private static final class Axis {

		final int inputs;

		final int[] first;

		/** Sum to 1; empty where the output voxel's centre lies outside the input. */
		final float[][] weights;

		Axis(final int inputs, final double inputSize, final int outputs, final double outputSize) {
			this.inputs = inputs;
			first = new int[outputs];
			weights = new float[outputs][];
			final double ratio = outputSize / inputSize;
			// Input voxel i covers i − ½ to i + ½ of this coordinate.
			final double start = (inputs - 1) / 2.0 - ratio * (outputs - 1) / 2.0;
			final double factor = Math.rint(ratio), edge = start - ratio / 2 + 0.5;
			final boolean whole = factor >= 1 && Math.abs(ratio - factor) * outputs < ROUNDING && Math.abs(edge - Math.rint(
				edge)) < ROUNDING;
			for (int k = 0; k < outputs; k++) {
				final double centre = start + k * ratio;
				if (centre < -0.5 - ROUNDING || centre > inputs - 0.5 + ROUNDING) weights[k] = new float[0];
				else if (whole) mean(k, centre, (int) factor);
				else if (ratio <= 1) interpolate(k, Math.max(0, Math.min(inputs - 1, centre)));
				else average(k, Math.max(-0.5, centre - ratio / 2), Math.min(inputs - 0.5, centre + ratio / 2));
			}
		}

		private void mean(final int k, final double centre, final int factor) {
			final int from = (int) Math.round(centre - (factor - 1) / 2.0);
			first[k] = Math.max(0, from);
			weights[k] = new float[Math.min(inputs, from + factor) - first[k]];
			Arrays.fill(weights[k], 1f / weights[k].length);
		}

		private void interpolate(final int k, final double at) {
			final int i = (int) at;
			final float upper = (float) (at - i);
			first[k] = i;
			weights[k] = upper == 0 ? new float[] { 1 } : new float[] { 1 - upper, upper };
		}

		private void average(final int k, final double from, final double to) {
			first[k] = Math.max(0, (int) Math.floor(from));
			final int last = Math.min(inputs - 1, (int) Math.ceil(to));
			weights[k] = new float[last - first[k] + 1];
			for (int i = first[k]; i <= last; i++)
				weights[k][i - first[k]] = (float) ((share(i, to) - share(i, from)) / (to - from));
		}

		/** Integral of input {@code i}'s part in the linear interpolant up to {@code at}; ends are continued. */
		private double share(final int i, final double at) {
			final double t = at - i;
			if (t <= 0) return i == 0 ? t : t <= -1 ? -0.5 : t + t * t / 2;
			return i == inputs - 1 ? t : t >= 1 ? 0.5 : t - t * t / 2;
		}
	}
}
