package org.patchct.volume;

import net.imglib2.img.Img;
import net.imglib2.img.basictypeaccess.array.FloatArray;
import net.imglib2.img.planar.PlanarImg;
import net.imglib2.img.planar.PlanarImgFactory;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.util.Fraction;


import org.patchct.task.Parallel;

/** Conversions between images (one {@code float[]} per slice) and the solvers' z-fastest {@link Columns}. */
public final class Layouts {

	/** Columns are transposed in tiles of this many, so that reads and writes both stay within a few cache lines. */
	private static final int TILE = 16;

	private Layouts() { }

	/** A zero-filled planar image, one {@code float[]} per plane. */
	public static PlanarImg<FloatType, FloatArray> newImage(final long... dims) {
		@SuppressWarnings("unchecked")
		final PlanarImg<FloatType, FloatArray> img = (PlanarImg<FloatType, FloatArray>) (Object) new PlanarImgFactory<>(
			new FloatType()).create(dims);
		return img;
	}

	/** A planar image that shares the given planes, {@code planes[k][i + nx·j]}. */
	public static PlanarImg<FloatType, FloatArray> wrap(final float[][] planes, final int nx, final int ny) {
		final PlanarImg<FloatType, FloatArray> img = new PlanarImg<>(new long[] { nx, ny, planes.length }, new Fraction());
		img.setLinkedType(new FloatType(img));
		for (int k = 0; k < planes.length; k++) {
			if (planes[k].length != nx * ny) throw new IllegalArgumentException("Plane " + k + " has " + planes[k].length +
				" values, not " + nx + " x " + ny);
			img.setPlane(k, new FloatArray(planes[k]));
		}
		return img;
	}

	/**
	 * The planes of an image, {@code planes[k][i + nx·j]}: the image's own arrays where it is planar, else copies. Callers
	 * must not write to them.
	 */
	public static float[][] planes(final Img<FloatType> img) {
		final int nx = (int) img.dimension(0), ny = (int) img.dimension(1), nz = (int) img.dimension(2);
		final float[][] planes = new float[nz][];
		if (img instanceof PlanarImg<?, ?> planar && planar.getPlane(0) instanceof FloatArray) {
			for (int k = 0; k < nz; k++)
				planes[k] = ((FloatArray) planar.getPlane(k)).getCurrentStorageArray();
			return planes;
		}
		final var access = img.randomAccess();
		for (int k = 0; k < nz; k++) {
			final float[] plane = new float[nx * ny];
			access.setPosition(k, 2);
			for (int j = 0; j < ny; j++) {
				access.setPosition(j, 1);
				for (int i = 0; i < nx; i++) {
					access.setPosition(i, 0);
					plane[i + nx * j] = access.get().get();
				}
			}
			planes[k] = plane;
		}
		return planes;
	}

	/** Image (x, y, z) to z-fastest columns. */
	public static Columns toColumns(final Img<FloatType> img) {
		final float[][] planes = planes(img);
		final Columns columns = new Columns((int) img.dimension(0), (int) img.dimension(1), planes.length);
		transpose(planes, columns.data());
		return columns;
	}

	/** z-fastest columns to a new image (x, y, z). */
	public static Img<FloatType> toImage(final Columns columns) {
		final float[][] planes = new float[columns.nz()][columns.nx() * columns.ny()];
		transpose(columns.data(), planes);
		return wrap(planes, columns.nx(), columns.ny());
	}

	/** Normalised values of a volume (its window to [0, 1], not clipped above, at 0 clipped below) as columns. */
	public static Columns normalised(final Volume volume) {
		final Intensity intensity = volume.intensity();
		final float scale = (float) (1 / (intensity.high() - intensity.low()));
		return toColumns(volume.img()).affine(scale, (float) (-intensity.low() * scale)).clampBelow(0);
	}

	/** The inverse of {@link #normalised}: columns in window units to a volume in the units of {@code intensity}. */
	public static Volume denormalised(final String name, final Columns columns, final Grid grid,
		final Intensity intensity)
	{
		return new Volume(name, affine(toImage(columns), (float) (intensity.high() - intensity.low()), (float) intensity.low()),
			grid, intensity);
	}

	/** img ← a · img + b, voxel by voxel; img is planar. */
	public static Img<FloatType> affine(final Img<FloatType> img, final float a, final float b) {
		final float[][] planes = planes(img);
		Parallel.loop(planes.length, k -> {
			final float[] plane = planes[k];
			for (int i = 0; i < plane.length; i++)
				plane[i] = a * plane[i] + b;
		});
		return img;
	}

	/** to[j][i] ← from[i][j] */
	private static void transpose(final float[][] from, final float[][] to) {
		final int tiles = (to.length + TILE - 1) / TILE;
		Parallel.loop(tiles, tile -> {
			final int end = Math.min(to.length, (tile + 1) * TILE);
			for (int i0 = 0; i0 < from.length; i0 += TILE) {
				final int i1 = Math.min(from.length, i0 + TILE);
				for (int j = tile * TILE; j < end; j++) {
					final float[] target = to[j];
					for (int i = i0; i < i1; i++)
						target[i] = from[i][j];
				}
			}
		});
	}
}
