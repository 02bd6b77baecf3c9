package org.patchct.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.nio.FloatBuffer;
import java.util.List;

import org.patchct.network.PriorSettings;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;

/**
 * Builds the network's input from a noised, padded volume. Channels, in order: the patch; the whole (unpadded) volume
 * area-averaged to P³; the patch's x, y and z coordinates, −1…1 from the first to the last voxel of the unpadded volume
 * and beyond that in the padding. The prior's settings can leave out the second and the last three.
 */
public final class PatchInputs {

	private final PatchTiling tiling;

	private final boolean global, position, blind;

	private final Averaging ax, ay, az;

	/** For volumes of {@code nx} × {@code ny} × {@code nz} voxels before padding. */
	public PatchInputs(final PriorSettings settings, final int nx, final int ny, final int nz) {
		this(settings, nx, ny, nz, true);
	}

	/**
	 * For volumes of {@code nx} × {@code ny} × {@code nz} voxels before padding.
	 *
	 * @param seesGlobal whether the global channel, if the prior has one, holds the volume; if not, it holds zeros, which is
	 *          what priors trained with dropped conditioning take for "not known"
	 */
	public PatchInputs(final PriorSettings settings, final int nx, final int ny, final int nz, final boolean seesGlobal) {
		blind = !seesGlobal;
		tiling = new PatchTiling(nx, ny, nz, settings.patch());
		global = settings.globalChannel();
		position = settings.positionChannels();
		final int p = settings.patch();
		ax = new Averaging(nx, p);
		ay = new Averaging(ny, p);
		az = new Averaging(nz, p);
	}

	public PatchTiling tiling() {
		return tiling;
	}

	public int channels() {
		return 1 + (global ? 1 : 0) + (position ? 3 : 0);
	}

	/**
	 * D x_t: the unpadded part of {@code padded}, area-averaged to P³ voxels, in the tensor's order (x fastest); zeros if
	 * the network shall not see it.
	 *
	 * @param padded the padded volume, network units
	 */
	public float[] thumbnail(final Columns padded) {
		return average(padded, tiling.patch());
	}

	/** Like {@link #thumbnail} for a volume without padding. */
	public float[] unpaddedThumbnail(final Columns volume) {
		return average(volume, 0);
	}

	private float[] average(final Columns volume, final int margin) {
		final int p = tiling.patch();
		final float[] result = new float[p * p * p];
		if (blind) return result;
		// One output row of y at a time: z, then x, then y are averaged.
		Parallel.loop(p, jy -> {
			final float[] plane = new float[p * p];
			final float[] along = new float[p];
			for (int y = ay.first[jy]; y <= ay.last[jy]; y++) {
				final float wy = ay.weight(jy, y);
				for (int jx = 0; jx < p; jx++)
					for (int x = ax.first[jx]; x <= ax.last[jx]; x++) {
						az.average(volume.column(x + margin, y + margin), margin, along);
						final float w = wy * ax.weight(jx, x);
						for (int jz = 0; jz < p; jz++)
							plane[jz * p + jx] += w * along[jz];
					}
			}
			for (int jz = 0; jz < p; jz++)
				System.arraycopy(plane, jz * p, result, (jz * p + jy) * p, p);
		});
		return result;
	}

	/**
	 * Writes the channels of one patch to {@code target}, (channel, z, y, x), x fastest.
	 *
	 * @param padded the padded volume, network units
	 * @param thumbnail what {@link #thumbnail} gave for it; not read if the prior has no global channel
	 * @param patch where
	 * @param target values are written from index {@code start} on
	 * @param start index of the first value written
	 */
	public void write(final Columns padded, final float[] thumbnail, final PatchTiling.Patch patch, final float[] target,
		final int start)
	{
		final int p = tiling.patch(), p3 = p * p * p;
		gather(padded, patch, p, target, start);
		int channel = start + p3;
		if (global) {
			System.arraycopy(thumbnail, 0, target, channel, p3);
			channel += p3;
		}
		if (position) writePositions(patch, target, channel);
	}

	/** Writes the x, y and z coordinate channels of a patch, whatever the prior's settings. */
	public void writePositions(final PatchTiling.Patch patch, final float[] target, final int start) {
		final int p = tiling.patch(), p3 = p * p * p;
		for (int z = 0; z < p; z++) {
			final float cz = coordinate(patch.z() + z, tiling.nz());
			for (int y = 0; y < p; y++) {
				final float cy = coordinate(patch.y() + y, tiling.ny());
				for (int x = 0; x < p; x++) {
					final int i = start + (z * p + y) * p + x;
					target[i] = coordinate(patch.x() + x, tiling.nx());
					target[i + p3] = cy;
					target[i + 2 * p3] = cz;
				}
			}
		}
	}

	/**
	 * The input of patches {@code from} to {@code to} − 1: (to − from, channels, P, P, P), attached to {@code manager}.
	 */
	public NDArray batch(final NDManager manager, final Columns padded, final float[] thumbnail,
		final List<PatchTiling.Patch> patches, final int from, final int to)
	{
		final int p = tiling.patch(), size = channels() * p * p * p;
		final float[] values = new float[Math.multiplyExact(to - from, size)];
		Parallel.loop(to - from, i -> write(padded, thumbnail, patches.get(from + i), values, i * size));
		return manager.create(FloatBuffer.wrap(values), new Shape(to - from, channels(), p, p, p));
	}

	/** Copies a patch of {@code p}³ voxels out of {@code columns} in the tensor's order (x fastest). */
	public static void gather(final Columns columns, final PatchTiling.Patch patch, final int p, final float[] target,
		final int start)
	{
		final float[][] row = new float[p][];
		for (int y = 0; y < p; y++) {
			for (int x = 0; x < p; x++)
				row[x] = columns.column(patch.x() + x, patch.y() + y);
			// Row by row of the tensor: along z its steps are multiples of the cache's, which can keep only a few of them.
			for (int z = 0; z < p; z++) {
				final int from = patch.z() + z, to = start + (z * p + y) * p;
				for (int x = 0; x < p; x++)
					target[to + x] = row[x][from];
			}
		}
	}

	/** Copies a patch of {@code p}³ values in the tensor's order into {@code columns}, the inverse of {@link #gather}. */
	public static void scatter(final float[] source, final int start, final PatchTiling.Patch patch, final int p,
		final Columns columns)
	{
		for (int y = 0; y < p; y++)
			for (int x = 0; x < p; x++) {
				final float[] column = columns.column(patch.x() + x, patch.y() + y);
				int i = start + y * p + x;
				for (int z = 0; z < p; z++, i += p * p)
					column[patch.z() + z] = source[i];
			}
	}

	private float coordinate(final int paddedIndex, final int n) {
		return placeOf(paddedIndex - tiling.patch(), n);
	}

	/** Coordinate of a voxel of the unpadded volume along an axis of {@code n} voxels: −1 for the first and 1 for the last. */
	static float placeOf(final int index, final int n) {
		return n == 1 ? 0 : 2f * index / (n - 1) - 1;
	}

	/** Weights that average n voxels to p cells of equal width; a voxel that a cell cuts counts by its share in it. */
	private static final class Averaging {

		private final int n, p;

		private final int[] first, last;

		Averaging(final int n, final int p) {
			this.n = n;
			this.p = p;
			first = new int[p];
			last = new int[p];
			for (int j = 0; j < p; j++) {
				first[j] = (int) ((long) j * n / p);
				last[j] = (int) (((long) (j + 1) * n - 1) / p);
			}
		}

		/** Share of cell {@code j} that voxel {@code i} fills; a cell is n/p voxels wide. */
		float weight(final int j, final int i) {
			// In units of 1/p voxel: cell j spans j·n…(j+1)·n, voxel i spans i·p…(i+1)·p.
			final long overlap = Math.min((j + 1L) * n, (i + 1L) * p) - Math.max((long) j * n, (long) i * p);
			return (float) overlap / n;
		}

		void average(final float[] column, final int offset, final float[] result) {
			for (int j = 0; j < p; j++) {
				float sum = 0;
				for (int i = first[j]; i <= last[j]; i++)
					sum += weight(j, i) * column[i + offset];
				result[j] = sum;
			}
		}
	}
}
