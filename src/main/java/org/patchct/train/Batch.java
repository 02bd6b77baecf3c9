package org.patchct.train;

import ai.djl.ndarray.types.Shape;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import org.patchct.diffusion.PatchInputs;
import org.patchct.diffusion.PatchTiling;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;

/**
 * Patches with their noise levels and what the network should answer (Yang et al. 2025, algorithm 2): cubes, or crops of
 * slices or groups of slices. For a network that corrects filtered back-projections these take the place of patches with
 * noise.
 *
 * @param input (patches, channels, P, P, P), or (patches, slices, 1, P, P)
 * @param levels noise level of each patch
 * @param spacings the place of each group's spacing in the network's list, or null if it knows none
 * @param target (patches, 1, P, P, P) or (patches, slices, 1, P, P), the noise, the velocity or the clean patch
 * @param clean like the target, the patches without noise
 * @param inside whether each voxel of these lies in the unpadded volume
 */
record Batch(float[] input, float[] levels, float[] spacings, float[] target, float[] clean, boolean[] inside) {

	/**
	 * One volume, turned as chosen, with one noise volume, and the patches to take from it.
	 *
	 * @param patches in the volume padded by P on every side; the z of slices is that of a group's middle one
	 * @param spacings for each patch as in {@link Batch}; null if the network knows none
	 */
	record Draw(Source source, boolean flipX, boolean flipY, boolean flipZ, boolean transpose, long noiseSeed,
		List<PatchTiling.Patch> patches, int[] levels, int[] spacings)
	{

		/** Of a network that knows no spacings. */
		Draw(final Source source, final boolean flipX, final boolean flipY, final boolean flipZ, final boolean transpose,
			final long noiseSeed, final List<PatchTiling.Patch> patches, final int[] levels)
		{
			this(source, flipX, flipY, flipZ, transpose, noiseSeed, patches, levels, null);
		}
	}

	/** A volume with its thumbnail, which the global channel needs at every step. */
	static final class Source {

		final TrainingVolume volume;

		private final float[] thumbnail;

		Source(final PriorSettings settings, final TrainingVolume volume) {
			this.volume = volume;
			final Columns c = volume.columns();
			thumbnail = settings.globalChannel() ? new PatchInputs(settings, c.nx(), c.ny(), c.nz()).unpaddedThumbnail(c)
				: null;
		}
	}

	/** Sets channels {@code from} to {@code to} − 1 of a patch's input to 0, as if the network were not told. */
	void drop(final int patch, final int from, final int to) {
		final int p3 = target.length / size(), channels = input.length / target.length;
		Arrays.fill(input, (patch * channels + from) * p3, (patch * channels + to) * p3, 0);
	}

	/** Number of patches. */
	int size() {
		return levels.length;
	}

	/**
	 * The noise of cubes is drawn over the whole padded volume, column by column, so that the patches and the thumbnail see
	 * the same one; padding columns that no patch touches are left out. Slices see nothing but themselves, and each crop has
	 * noise of its own.
	 */
	static Batch of(final PriorSettings settings, final NoiseSchedule schedule, final List<Draw> draws) {
		final int p = settings.patch();
		final int patches = draws.stream().mapToInt(d -> d.patches.size()).sum();
		final int values = patches * p * p * (settings.slices() == 0 ? p : settings.slices());
		final int inputs = settings.slices() == 0 ? values * settings.network().inChannels() : values;
		final Batch batch = new Batch(new float[inputs], new float[patches], settings.network().spacings().isEmpty() ? null
			: new float[patches], new float[values], new float[values], new boolean[values]);
		int first = 0;
		for (final Draw draw : draws) {
			if (settings.slices() == 0) batch.fill(settings, schedule, draw, first);
			else batch.fillSlices(settings, schedule, draw, first);
			first += draw.patches.size();
		}
		return batch;
	}

	/** Shape of the arrays as the network takes them. */
	static Shape shape(final PriorSettings settings, final int patches, final int values) {
		final int p = settings.patch();
		return settings.slices() == 0 ? new Shape(patches, values / (patches * p * p * p), p, p, p) : new Shape(patches,
			settings.slices(), 1, p, p);
	}

	private void fillSlices(final PriorSettings settings, final NoiseSchedule schedule, final Draw draw, final int first) {
		final int p = settings.patch(), slices = settings.slices(), cells = slices * p * p;
		final List<Integer> distances = settings.network().spacings();
		Parallel.loop(draw.patches.size(), k -> {
			final int n = first + k;
			if (spacings != null) spacings[n] = draw.spacings[k];
			final int distance = spacings == null ? 1 : distances.get(draw.spacings[k]);
			final int[] planes = IntStream.range(0, slices).map(i -> (i - slices / 2) * distance).toArray();
			final float air = (float) settings.networkLow();
			gatherTurned(draw, draw.source.volume.columns(), draw.patches.get(k), p, planes, air, clean, n * cells);
			if (settings.fbp() != null) {
				gatherTurned(draw, draw.source.volume.fbp(), draw.patches.get(k), p, planes, air, input, n * cells);
				System.arraycopy(clean, n * cells, target, n * cells, cells);
				levels[n] = draw.levels[k];
				return;
			}
			final SplittableRandom random = new SplittableRandom(mix(draw.noiseSeed, k));
			for (int i = 0; i < cells; i++)
				target[n * cells + i] = (float) random.nextGaussian();
			addNoise(settings, schedule, n, draw.levels[k], cells, n * cells);
		});
	}

	/** Makes the noisy patch {@code n}, at {@code at} of the input, from the clean one and the noise in its target. */
	private void addNoise(final PriorSettings settings, final NoiseSchedule schedule, final int n, final int t,
		final int cells, final int at)
	{
		final float a = (float) schedule.signal(t), b = (float) schedule.noise(t);
		levels[n] = t;
		for (int i = 0; i < cells; i++) {
			final float x0 = clean[n * cells + i], e = target[n * cells + i];
			input[at + i] = a * x0 + b * e;
			target[n * cells + i] = (float) settings.prediction().target(x0, e, a, b);
		}
	}

	private void fill(final PriorSettings settings, final NoiseSchedule schedule, final Draw draw, final int first) {
		final int p = settings.patch(), p3 = p * p * p, channels = settings.network().inChannels();
		final Columns volume = draw.source.volume.columns();
		final int nx = draw.transpose ? volume.ny() : volume.nx(), ny = draw.transpose ? volume.nx() : volume.ny();
		final int nz = volume.nz();
		final PatchInputs inputs = new PatchInputs(settings, nx, ny, nz);
		final Columns noise = noise(draw, inputs.tiling(), settings.globalChannel());
		final float[] noiseThumbnail = settings.globalChannel() ? inputs.thumbnail(noise) : null;
		final float[] thumbnail = settings.globalChannel() ? turned(draw, p) : null;
		Parallel.loop(draw.patches.size(), k -> {
			final PatchTiling.Patch patch = draw.patches.get(k);
			final int t = draw.levels[k], n = first + k;
			final float a = (float) schedule.signal(t), b = (float) schedule.noise(t);
			gatherTurned(draw, volume, patch, p, IntStream.range(0, p).toArray(), (float) settings.networkLow(), clean, n *
				p3);
			final int at = n * channels * p3;
			PatchInputs.gather(noise, patch, p, target, n * p3);
			addNoise(settings, schedule, n, t, p3, at);
			int channel = at + p3;
			if (settings.globalChannel()) {
				for (int i = 0; i < p3; i++)
					input[channel + i] = a * thumbnail[i] + b * noiseThumbnail[i];
				channel += p3;
			}
			if (settings.positionChannels()) inputs.writePositions(patch, input, channel);
		});
	}

	private static Columns noise(final Draw draw, final PatchTiling tiling, final boolean everywhere) {
		final int p = tiling.patch(), nx = tiling.paddedX(), ny = tiling.paddedY();
		final Columns noise = new Columns(nx, ny, tiling.paddedZ());
		final boolean[] needed = new boolean[nx * ny];
		if (everywhere) for (int y = p; y < ny - p; y++)
			Arrays.fill(needed, nx * y + p, nx * y + nx - p, true);
		for (final PatchTiling.Patch patch : draw.patches)
			for (int y = patch.y(); y < patch.y() + p; y++)
				Arrays.fill(needed, nx * y + patch.x(), nx * y + patch.x() + p, true);
		noise.forColumns(i -> {
			if (!needed[i]) return;
			final SplittableRandom random = new SplittableRandom(mix(draw.noiseSeed, i));
			final float[] column = noise.data()[i];
			for (int z = 0; z < column.length; z++)
				column[z] = (float) random.nextGaussian();
		});
		return noise;
	}

	/** Copies the planes of a patch of a turned volume that lie at {@code planes} from its z. */
	private void gatherTurned(final Draw draw, final Columns volume, final PatchTiling.Patch patch, final int p,
		final int[] planes, final float air, final float[] to, final int start)
	{
		final int nx = draw.transpose ? volume.ny() : volume.nx(), ny = draw.transpose ? volume.nx() : volume.ny();
		final int nz = volume.nz();
		for (int y = 0; y < p; y++)
			for (int x = 0; x < p; x++) {
				final int vx = patch.x() + x - p, vy = patch.y() + y - p;
				final float[] column;
				if (vx < 0 || vx >= nx || vy < 0 || vy >= ny) column = null;
				else {
					final int fx = draw.flipX ? nx - 1 - vx : vx, fy = draw.flipY ? ny - 1 - vy : vy;
					column = draw.transpose ? volume.column(fy, fx) : volume.column(fx, fy);
				}
				for (int k = 0; k < planes.length; k++) {
					final int vz = patch.z() + planes[k] - p, i = start + (k * p + y) * p + x;
					inside[i] = column != null && vz >= 0 && vz < nz;
					to[i] = inside[i] ? column[draw.flipZ ? nz - 1 - vz : vz] : air;
				}
			}
	}

	/** The volume's thumbnail, turned like the volume. */
	private static float[] turned(final Draw draw, final int p) {
		final float[] source = draw.source.thumbnail, result = new float[source.length];
		for (int z = 0; z < p; z++)
			for (int y = 0; y < p; y++)
				for (int x = 0; x < p; x++) {
					final int fx = draw.flipX ? p - 1 - x : x, fy = draw.flipY ? p - 1 - y : y, fz = draw.flipZ ? p - 1 - z : z;
					result[(z * p + y) * p + x] = draw.transpose ? source[(fz * p + fx) * p + fy] : source[(fz * p + fy) * p +
						fx];
				}
		return result;
	}

	/** A seed for item {@code index} of the stream of {@code seed} (the finaliser of SplitMix64). */
	static long mix(final long seed, final long index) {
		long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
		z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
		z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
		return z ^ z >>> 31;
	}
}
