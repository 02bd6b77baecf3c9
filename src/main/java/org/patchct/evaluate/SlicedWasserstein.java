package org.patchct.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import org.patchct.diffusion.NoiseField;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;

/**
 * How far apart two sets of volumes are, by the distributions of their small patches at several scales: the sliced
 * Wasserstein distance between descriptors from Laplacian pyramids, as Karras, Aila, Laine and Lehtinen ("Progressive
 * growing of GANs", 2018, section 5) judge generated images. Papers on generation state the Fréchet inception distance
 * instead; that needs a network trained on photographs, which would have to be downloaded and sees single colour slices.
 * <p>
 * Here descriptors are 7³ voxels of one channel instead of 7² of three, a level is halved by means over 2³ voxels, and
 * both sets are scaled by their common standard deviation, so that contrast that one of them lacks counts.
 * </p>
 */
public final class SlicedWasserstein {

	/** Side of a descriptor and number of directions, of Karras et al.; of a direction's values W1 is exact. */
	private static final int SIDE = 7, DIRECTIONS = 128;

	/** Descriptors of a set at each level: 11 MB. Karras et al. take 128 of each of 16384 images. */
	private static final int DESCRIPTORS = 8192;

	/** Volumes are halved while their shortest side stays at least this long (Karras et al.: down to 16 pixels). */
	private static final int COARSEST = 16;

	/** Elements of the paths of random streams, by purpose. */
	private static final int POSITION = 0, DIRECTION = 1;

	private SlicedWasserstein() { }

	/**
	 * The distance at each level, finest first; 0 for equal sets, and growing without bound. It does not depend on which
	 * set is which, nor on the number of threads.
	 *
	 * @param a window units; at least one volume, each side at least 7
	 * @param b the same
	 * @param seed of the places and directions
	 * @throws InvalidInputException if a set is empty or a volume smaller
	 */
	public static double[] distances(final List<Columns> a, final List<Columns> b, final long seed) {
		final int side = Math.min(shortestSide(a), shortestSide(b));
		if (side < SIDE) throw new InvalidInputException("The sliced Wasserstein distance needs two sets of volumes with at " +
			"least " + SIDE + " voxels along each side.");
		int levels = 1;
		while (side >> levels >= COARSEST)
			levels++;
		final double[] distances = new double[levels];
		List<Columns> fineA = a, fineB = b;
		for (int level = 0; level < levels; level++) {
			if (level == levels - 1) {
				distances[level] = distance(fineA, fineB, seed, level);
				break;
			}
			final List<Columns> coarseA = fineA.stream().map(SlicedWasserstein::halved).toList();
			final List<Columns> coarseB = fineB.stream().map(SlicedWasserstein::halved).toList();
			distances[level] = distance(details(fineA, coarseA), details(fineB, coarseB), seed, level);
			fineA = coarseA;
			fineB = coarseB;
		}
		return distances;
	}

	private static int shortestSide(final List<Columns> volumes) {
		return volumes.stream().mapToInt(v -> Math.min(v.nx(), Math.min(v.ny(), v.nz()))).min().orElse(0);
	}

	/** Means over 2³ voxels; an odd last voxel is dropped. */
	private static Columns halved(final Columns fine) {
		final Columns coarse = new Columns(fine.nx() / 2, fine.ny() / 2, fine.nz() / 2);
		coarse.forColumns(i -> {
			final int x = 2 * (i % coarse.nx()), y = 2 * (i / coarse.nx());
			final float[] out = coarse.data()[i];
			for (int dy = 0; dy < 2; dy++)
				for (int dx = 0; dx < 2; dx++) {
					final float[] in = fine.column(x + dx, y + dy);
					for (int z = 0; z < out.length; z++)
						out[z] += (in[2 * z] + in[2 * z + 1]) / 8;
				}
		});
		return coarse;
	}

	/** What halving loses. */
	private static List<Columns> details(final List<Columns> fine, final List<Columns> coarse) {
		return IntStream.range(0, fine.size()).mapToObj(v -> {
			final Columns c = coarse.get(v), detail = fine.get(v).copy();
			detail.forColumns(i -> {
				final float[] low = c.column(Math.min(c.nx() - 1, i % detail.nx() / 2), Math.min(c.ny() - 1, i / detail.nx() / 2));
				final float[] out = detail.data()[i];
				for (int z = 0; z < out.length; z++)
					out[z] -= low[Math.min(low.length - 1, z / 2)];
			});
			return detail;
		}).toList();
	}

	private static double distance(final List<Columns> a, final List<Columns> b, final long seed, final int level) {
		final float[][] da = descriptors(a, seed, level), db = descriptors(b, seed, level);
		final double deviation = deviation(da, db);
		if (deviation == 0) return 0;
		final double[] distances = new double[DIRECTIONS];
		Parallel.loop(DIRECTIONS, d -> {
			final float[] direction = new float[SIDE * SIDE * SIDE];
			final SplittableRandom random = NoiseField.of(seed, DIRECTION, level).column(d);
			double square = 0;
			for (int i = 0; i < direction.length; i++) {
				direction[i] = (float) random.nextGaussian();
				square += direction[i] * direction[i];
			}
			distances[d] = wasserstein(projected(da, direction), projected(db, direction)) / Math.sqrt(square);
		});
		return Arrays.stream(distances).average().getAsDouble() / deviation;
	}

	/** Patches at random places, which are the same for every set. */
	private static float[][] descriptors(final List<Columns> volumes, final long seed, final int level) {
		final int each = Math.max(1, DESCRIPTORS / volumes.size());
		final float[][] descriptors = new float[volumes.size() * each][];
		Parallel.loop(descriptors.length, i -> {
			final Columns volume = volumes.get(i / each);
			final var random = NoiseField.of(seed, POSITION, level).column(i);
			final int x0 = random.nextInt(volume.nx() - SIDE + 1), y0 = random.nextInt(volume.ny() - SIDE + 1);
			final int z0 = random.nextInt(volume.nz() - SIDE + 1);
			final float[] descriptor = new float[SIDE * SIDE * SIDE];
			for (int y = 0; y < SIDE; y++)
				for (int x = 0; x < SIDE; x++)
					System.arraycopy(volume.column(x0 + x, y0 + y), z0, descriptor, (y * SIDE + x) * SIDE, SIDE);
			descriptors[i] = descriptor;
		});
		return descriptors;
	}

	/** Standard deviation of the values of two sets, each set counting half. */
	private static double deviation(final float[][] a, final float[][] b) {
		double mean = 0, square = 0;
		for (final float[][] set : new float[][][] { a, b })
			for (final float[] descriptor : set)
				for (final float v : descriptor) {
					mean += v / (2.0 * set.length * descriptor.length);
					square += (double) v * v / (2.0 * set.length * descriptor.length);
				}
		return Math.sqrt(Math.max(0, square - mean * mean));
	}

	private static float[] projected(final float[][] descriptors, final float[] direction) {
		final float[] values = new float[descriptors.length];
		for (int i = 0; i < values.length; i++) {
			float sum = 0;
			for (int j = 0; j < direction.length; j++)
				sum += direction[j] * descriptors[i][j];
			values[i] = sum;
		}
		Arrays.sort(values);
		return values;
	}

	/** ∫ |F⁻¹(u) − G⁻¹(u)| du of the distributions of two sorted samples, not necessarily of the same size. */
	static double wasserstein(final float[] a, final float[] b) {
		double sum = 0, from = 0;
		for (int i = 0, j = 0; i < a.length && j < b.length;) {
			final double endA = (i + 1.0) / a.length, endB = (j + 1.0) / b.length, to = Math.min(endA, endB);
			sum += (to - from) * Math.abs((double) a[i] - b[j]);
			from = to;
			if (endA <= to) i++;
			if (endB <= to) j++;
		}
		return sum;
	}
}
