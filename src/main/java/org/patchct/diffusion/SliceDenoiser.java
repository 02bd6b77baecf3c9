package org.patchct.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.task.Probe;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/**
 * Denoises a volume slice by slice, or by groups of slices, with a prior that sees whole slices. Sides that the network
 * cannot take as they are get air beside the last column and row, noised like the rest.
 * <p>
 * Batches start at a size that keeps the device busy and are halved when memory runs out. Not thread-safe: it counts its
 * predictions, which go through the groups of slices in turn.
 * </p>
 */
final class SliceDenoiser implements Denoiser {

	/**
	 * A network: input (N, slices, 1, H, W), levels (N) and the place of the groups' spacing among those that it knows (N),
	 * null for one that knows none, to x̂0 (N, slices, 1, H, W), attached to the input's manager.
	 */
	@FunctionalInterface
	interface Network {

		NDArray predict(NDArray input, NDArray levels, NDArray spacing);
	}

	/** Columns are transposed this many at a time, so that reads and writes both stay within a few cache lines. */
	private static final int TILE = 16;

	private final PriorSettings settings;

	private final Network network;

	private final NDManager manager;

	private final NoiseSchedule schedule;

	private final SliceGroups.Plan plan;

	private final int nx, ny, width, height;

	private final Batches batches;

	private final Stopwatch watch;

	private int predictions;

	/**
	 * For volumes of slices of {@code nx} × {@code ny} voxels.
	 *
	 * @param network the prior's, which must stay open
	 * @param manager owner of the batches' arrays
	 * @param plan of groups of as many slices as the prior sees
	 */
	SliceDenoiser(final PriorSettings settings, final Network network, final NDManager manager,
		final SliceGroups.Plan plan, final int nx, final int ny, final Stopwatch watch)
	{
		this.settings = settings;
		this.network = network;
		this.manager = manager;
		this.plan = plan;
		this.nx = nx;
		this.ny = ny;
		this.watch = watch;
		schedule = NoiseSchedule.of(settings);
		width = padded(settings, nx);
		height = padded(settings, ny);
		batches = new Batches(manager.getDevice(), (double) settings.network().activations() * width * height / Math.pow(
			settings.patch(), 2));
	}

	SliceDenoiser(final Prior prior, final SliceGroups.Plan plan, final int nx, final int ny, final Stopwatch watch) {
		this(prior.settings(), prior::predict, prior.manager(), plan, nx, ny, watch);
	}

	/** The side of slices of {@code n} voxels as the network is given them. */
	static int padded(final PriorSettings settings, final int n) {
		final int multiple = settings.network().multiple();
		return (n + multiple - 1) / multiple * multiple;
	}

	@Override
	public int patch() {
		return 1;
	}

	@Override
	public void denoise(final Columns noisy, final int timestep, final Placement placement, final NoiseField padding,
		final Columns clean, final Progress progress)
	{
		final Stopwatch.Part outer = watch.enter(Stopwatch.Part.PATCHES);
		final SliceGroups chosen = plan.groups(predictions++, padding);
		final List<SliceGroups.Group> groups = chosen.groups();
		final float[][] columns = padded(noisy, timestep, padding);
		batches.run(groups.size(), progress, () -> "Memory ran out on " + manager.getDevice() +
			" even for a single input of the prior \"" + settings.name() + "\", of " + settings.slices() + " x " + width +
			" x " + height + " voxels. Close other programs that use it, choose a smaller prior, or another device.", (from,
				to) -> scatter(run(gather(columns, groups.subList(from, to)), to - from, chosen.spacing(), timestep), groups
					.subList(from, to), clean));
		watch.evaluated(groups.size());
		watch.enter(outer);
	}

	/** Seconds that {@link #denoise} takes here and now, measured with one batch. */
	double seconds(final Columns shape, final Progress progress) {
		final SliceGroups groups = plan.groups(0, NoiseField.of(0));
		final int count = Math.min(batches.size(), groups.groups().size()), timestep = schedule.levels() / 10;
		final List<SliceGroups.Group> some = groups.groups().subList(0, count);
		final Columns clean = shape.zeros();
		final float[][] columns = padded(shape, timestep, NoiseField.of(0));
		return Probe.seconds(progress, () -> scatter(run(gather(columns, some), count, groups.spacing(), timestep), some,
			clean)) / count * groups.groups().size();
	}

	/** The volume's own columns and, in the rows and columns of the slices that are added, air, with noise if there is any. */
	private float[][] padded(final Columns noisy, final int timestep, final NoiseField noise) {
		final float[][] columns = new float[width * height][];
		final float air = (float) (schedule.signal(timestep) * settings.networkLow());
		// The error of an FBP is no noise that could be drawn.
		final float sigma = settings.fbp() == null ? (float) schedule.noise(timestep) : 0;
		Parallel.loop(height, y -> {
			for (int x = 0; x < width; x++)
				if (x < nx && y < ny) columns[x + width * y] = noisy.column(x, y);
				else {
					final float[] column = new float[noisy.nz()];
					final SplittableRandom random = noise.column(x + width * y);
					for (int z = 0; z < column.length; z++)
						column[z] = air + sigma * (float) random.nextGaussian();
					columns[x + width * y] = column;
				}
		});
		return columns;
	}

	/** The slices of some groups, (group, slice, y, x) with x fastest. */
	private float[] gather(final float[][] columns, final List<SliceGroups.Group> groups) {
		final int[] slices = groups.stream().flatMapToInt(group -> Arrays.stream(group.shown())).toArray();
		final int plane = width * height;
		final float[] values = new float[Math.multiplyExact(slices.length, plane)];
		Parallel.loop(height, y -> {
			for (int start = y * width; start < (y + 1) * width; start += TILE) {
				final int end = Math.min((y + 1) * width, start + TILE);
				for (int i = 0; i < slices.length; i++)
					for (int column = start; column < end; column++)
						values[i * plane + column] = columns[column][slices[i]];
			}
		});
		return values;
	}

	/** The network's output. */
	private float[] run(final float[] values, final int groups, final int spacing, final int timestep) {
		try (NDManager batch = manager.newSubManager()) {
			final NDArray input = batch.create(FloatBuffer.wrap(values), new Shape(groups, settings.slices(), 1, height,
				width));
			final NDArray levels = batch.full(new Shape(groups), (float) timestep);
			final List<Integer> spacings = settings.network().spacings();
			final NDArray label = spacings.isEmpty() ? null : batch.full(new Shape(groups), (float) spacings.indexOf(spacing));
			watch.enter(Stopwatch.Part.NETWORK);
			return network.predict(input, levels, label).toFloatArray();
		}
		finally {
			watch.enter(Stopwatch.Part.PATCHES);
		}
	}

	/** Writes the answers that are used, the inverse of {@link #gather}. */
	private void scatter(final float[] output, final List<SliceGroups.Group> groups, final Columns clean) {
		final int[] slices = groups.stream().flatMapToInt(group -> Arrays.stream(group.answered())).toArray();
		final int plane = width * height;
		Parallel.loop(ny, y -> {
			for (int start = 0; start < nx; start += TILE) {
				final int end = Math.min(nx, start + TILE);
				for (int i = 0; i < slices.length; i++) {
					if (slices[i] < 0) continue;
					for (int x = start; x < end; x++)
						clean.column(x, y)[slices[i]] = output[i * plane + y * width + x];
				}
			}
		});
	}

	/** @throws InvalidInputException if the prior does not know a spacing */
	static void requireSpacings(final PriorSettings settings, final List<Integer> wanted) {
		if (!settings.network().spacings().containsAll(wanted)) throw new InvalidInputException("The prior \"" + settings
			.name() + "\" knows groups of slices at the spacings " + settings.network().spacings() + "; this method needs " +
			wanted + ". Choose a prior that was trained on them.");
	}
}
