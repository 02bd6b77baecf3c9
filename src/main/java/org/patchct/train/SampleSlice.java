package org.patchct.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.diffusion.PatchTiling;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;

/** The middle of a volume's middle slice without noise, with noise and denoised, to watch a network learn. */
final class SampleSlice {

	/** Where noise hides detail and leaves organs. */
	private static final int LEVEL = 200;

	/** Patches along each side of the slice at most, so that one takes about as long as a step. */
	private static final int MOST = 4;

	private final PriorSettings settings;

	private final int columns;

	private final List<Batch> rows = new ArrayList<>();

	SampleSlice(final PriorSettings settings, final NoiseSchedule schedule, final Batch.Source source, final long seed) {
		this.settings = settings;
		final Columns volume = source.volume.columns();
		final int p = settings.patch(), z = settings.slices() > 0 ? p + volume.nz() / 2 : p + (volume.nz() - p) / 2;
		columns = count(volume.nx());
		final int[] levels = new int[columns];
		Arrays.fill(levels, Math.min(schedule.like(LEVEL), schedule.levels() - 1));
		for (int row = 0; row < count(volume.ny()); row++) {
			final List<PatchTiling.Patch> patches = new ArrayList<>();
			for (int column = 0; column < columns; column++)
				patches.add(new PatchTiling.Patch(first(volume.nx()) + column * p, first(volume.ny()) + row * p, z));
			rows.add(Batch.of(settings, schedule, List.of(new Batch.Draw(source, false, false, false, false, seed, patches,
				levels, settings.network().spacings().isEmpty() ? null : new int[columns]))));
		}
	}

	private int count(final int voxels) {
		return Math.min(MOST, (voxels + settings.patch() - 1) / settings.patch());
	}

	/** Index in the padded volume of the first of the patches that cover the middle of {@code voxels}. */
	private int first(final int voxels) {
		return settings.patch() + (voxels - count(voxels) * settings.patch()) / 2;
	}

	/** What to denoise: a batch for each row of patches. */
	List<Batch> rows() {
		return rows;
	}

	/**
	 * A single slice with the three pictures side by side, window units, clipped to 0…1.
	 *
	 * @param denoised of each of {@link #rows}, network units, (patches, 1, P, P, P) or (patches, slices, 1, P, P)
	 */
	Img<FloatType> image(final List<float[]> denoised) {
		final int p = settings.patch(), width = columns * p, height = rows.size() * p;
		final int depth = settings.slices() == 0 ? p : settings.slices(), cells = depth * p * p;
		final float[] plane = new float[3 * width * height];
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++) {
				final Batch batch = rows.get(y / p);
				final int patch = x / p, within = ((depth / 2) * p + y % p) * p + x % p, i = patch * cells + within;
				final int at = 3 * width * y + x, channels = batch.input().length / batch.clean().length;
				plane[at] = window(batch.clean()[i]);
				plane[at + width] = window(batch.input()[patch * channels * cells + within]);
				plane[at + 2 * width] = window(denoised.get(y / p)[i]);
			}
		return Layouts.wrap(new float[][] { plane }, 3 * width, height);
	}

	private float window(final float network) {
		return Math.min(1, Math.max(0, settings.fromNetwork(network)));
	}
}
