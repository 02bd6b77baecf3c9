package org.patchct.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import com.google.gson.JsonElement;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.task.Probe;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Denoises a volume with a network that learned from patches but takes any size, in blocks as large as may be, each with
 * a margin of its surroundings ({@link BlockTiling}). A patch's network knows little of what is beyond its faces, and two
 * thirds of a patch of 32³ voxels are within five voxels of one. On held-out scans resampled to 128 voxels, whole, the
 * priors of 32³ patches denoised like this, with a margin of 8, better by
 *
 * <pre>
 *                 t = 50   100   200   400
 * heart_ts          0.30  0.37  0.57  0.64 dB
 * limb_sts_018      0.76  0.88  1.04  0.92
 * </pre>
 *
 * and no more with one of 16.
 * <p>
 * They are fewer voxels by a quarter than those of the patches and take as long, since patches
 * fit the cache. What lies beyond the volume is the volume mirrored: with noised air there the first and last two slices of
 * the limb were worse by 0.5 dB at t = 50 and 100, those of the heart alike, and those of a mouse, which are air, better.
 * </p>
 * <p>
 * Where the prior was trained to do without the whole volume in its global channel, it has to: that has no meaning for
 * blocks of another size. Its position channels hold the voxels' places.
 * </p>
 * <p>
 * Not thread-safe.
 * </p>
 */
final class BlockDenoiser implements VolumeDenoiser {

	/**
	 * Most voxels of a core along each axis. With their margins such blocks take about half a gigabyte in the network, and
	 * a few seconds on a processor.
	 */
	static final int LONGEST = 128;

	/** Cores are halved down to this when memory runs out. */
	private static final int SHORTEST = 16;

	/** Voxels that rounding to a multiple adds at most at either end of a block of a network of four levels. */
	private static final int ROUNDED = 16;

	/** Columns are transposed this many at a time, so that reads and writes both stay within a few cache lines. */
	private static final int TILE = 16;

	private final PriorSettings settings;

	private final PatchDenoiser.Network network;

	private final NDManager manager;

	private final NoiseSchedule schedule;

	private final BlockTiling tiling;

	private final List<Orientation> orientations;

	private final Stopwatch watch;

	private int longest = LONGEST;

	BlockDenoiser(final PriorSettings settings, final PatchDenoiser.Network network, final NDManager manager, final int nx,
		final int ny, final int nz, final int margin, final Stopwatch watch)
	{
		this.settings = settings;
		this.network = network;
		this.manager = manager;
		this.watch = watch;
		schedule = NoiseSchedule.of(settings);
		tiling = new BlockTiling(nx, ny, nz, margin, settings.network().multiple());
		orientations = Orientation.known(settings);
	}

	BlockDenoiser(final Prior prior, final int nx, final int ny, final int nz, final int margin, final Stopwatch watch) {
		this(prior.settings(), prior::predict, prior.manager(), nx, ny, nz, margin, watch);
	}

	/** Whether a prior can be used in this way: its network takes any size, and need not be told the whole volume. */
	static boolean suits(final PriorSettings settings) {
		return settings.network().anySize() && (!settings.globalChannel() || settings.trainedWith(
			"conditionDropout").map(JsonElement::getAsDouble).orElse(0.0) > 0);
	}

	/** Java memory that a block takes at most, in 32-bit voxels: five channels in and one out. */
	static double memory(final Grid grid, final int margin) {
		double voxels = 1;
		for (final int n : new int[] { grid.nx(), grid.ny(), grid.nz() })
			voxels *= Math.min(n, LONGEST) + 2 * margin + 2 * ROUNDED;
		return 6 * voxels;
	}

	/** Of the network's groups of voxels. */
	@Override
	public int patch() {
		return tiling.multiple();
	}

	/** Most voxels of a core along each axis now. */
	int longest() {
		return longest;
	}

	/** What lies round the volume is known: {@code padding} is not used. */
	@Override
	public void denoise(final Columns noisy, final int timestep, final Placement placement, final NoiseField padding,
		final Columns clean, final Progress progress)
	{
		final Stopwatch.Part outer = watch.enter(Stopwatch.Part.PATCHES);
		final Orientation orientation = orientations.get(placement.turn() % orientations.size());
		List<BlockTiling.Block> blocks = tiling.blocks(longest, placement);
		for (int i = 0; i < blocks.size(); i++) {
			progress.checkCancelled();
			try {
				run(noisy, blocks.get(i), timestep, orientation, clean);
			}
			catch (final RuntimeException | OutOfMemoryError e) {
				if (!Batches.isOutOfMemory(e)) throw e;
				if (longest <= SHORTEST) throw new InvalidInputException(Batches.ranOut(manager.getDevice(), longest + 2 * tiling
					.margin(), settings.name()), e);
				longest /= 2;
				blocks = tiling.blocks(longest, placement);
				i = -1;
			}
		}
		watch.evaluated(blocks.size());
		watch.enter(outer);
	}

	@Override
	public double seconds(final Columns shape, final Progress progress) {
		// One as large as they are: smaller ones take less for a voxel.
		final List<BlockTiling.Block> blocks = tiling.blocks(longest, Placement.ORIGIN);
		final BlockTiling.Block block = blocks.get(blocks.size() / 2);
		final Columns clean = shape.zeros();
		return Probe.seconds(progress, () -> run(shape, block, schedule.levels() / 10, orientations.get(0), clean)) / block
			.voxels() * tiling.meanVoxels(longest);
	}

	private void run(final Columns noisy, final BlockTiling.Block block, final int timestep, final Orientation orientation,
		final Columns clean)
	{
		final Sides sides = new Sides(block, orientation);
		final float[] input = input(noisy, sides), output;
		try (NDManager batch = manager.newSubManager()) {
			final NDArray array = batch.create(FloatBuffer.wrap(input), new Shape(1, channels(), sides.depth.length(), sides.rows
				.length(), sides.columns.length()));
			final NDArray levels = batch.full(new Shape(1), (float) timestep);
			watch.enter(Stopwatch.Part.NETWORK);
			output = network.predict(array, levels).toFloatArray();
		}
		finally {
			watch.enter(Stopwatch.Part.PATCHES);
		}
		put(noisy, output, sides, timestep, clean);
	}

	/**
	 * An axis of what the network sees of a block: one of the volume's, of {@code n} voxels, mirrored or not.
	 */
	private record Side(BlockTiling.Span span, int n, boolean mirrored) {

		int length() {
			return span.length();
		}

		/** The volume's voxel at place {@code i}. */
		int voxel(final int i) {
			return span.shown(mirrored ? span.length() - 1 - i : i, n);
		}

		/** Where voxel {@code i} of the core is. */
		int place(final int i) {
			return mirrored ? span.length() - 1 - i + span.start() : i - span.start();
		}

		/** What the position channel holds for the volume's voxel {@code i}. */
		float position(final int i) {
			final float position = PatchInputs.placeOf(i, n);
			return mirrored ? -position : position;
		}
	}

	/** A block as it is turned for the network: as {@link Orientation#turn}, but while it is copied anyway. */
	private final class Sides {

		private final boolean exchanged;

		private final Side columns, rows, depth;

		Sides(final BlockTiling.Block block, final Orientation orientation) {
			exchanged = orientation.exchanged();
			columns = exchanged ? new Side(block.y(), tiling.ny(), orientation.x()) : new Side(block.x(), tiling.nx(), orientation
				.x());
			rows = exchanged ? new Side(block.x(), tiling.nx(), orientation.y()) : new Side(block.y(), tiling.ny(), orientation
				.y());
			depth = new Side(block.z(), tiling.nz(), orientation.z());
		}

		/** The volume's voxels along z at a voxel of {@link #columns} and one of {@link #rows}. */
		float[] column(final Columns volume, final int column, final int row) {
			return exchanged ? volume.column(row, column) : volume.column(column, row);
		}
	}

	private int channels() {
		return settings.network().inChannels();
	}

	/** What the network sees of a block: (channel, depth, row, column), columns fastest. */
	private float[] input(final Columns noisy, final Sides sides) {
		final int width = sides.columns.length(), plane = width * sides.rows.length(), whole = Math.multiplyExact(plane,
			sides.depth.length());
		final float[] values = new float[Math.multiplyExact(channels(), whole)];
		final int positions = settings.positionChannels() ? (channels() - 3) * whole : -1;
		final int[] zs = IntStream.range(0, sides.depth.length()).map(sides.depth::voxel).toArray();
		Parallel.loop(sides.rows.length(), row -> {
			final int y = sides.rows.voxel(row);
			final float[][] columns = new float[TILE][];
			for (int first = 0; first < width; first += TILE) {
				final int count = Math.min(TILE, width - first);
				for (int i = 0; i < count; i++)
					columns[i] = sides.column(noisy, sides.columns.voxel(first + i), y);
				for (int k = 0; k < zs.length; k++) {
					final int at = k * plane + row * width + first;
					for (int i = 0; i < count; i++)
						values[at + i] = columns[i][zs[k]];
				}
			}
			if (positions < 0) return;
			final float[] across = new float[width];
			for (int i = 0; i < width; i++)
				across[i] = sides.columns.position(sides.columns.voxel(i));
			for (int k = 0; k < zs.length; k++) {
				final int at = positions + k * plane + row * width;
				System.arraycopy(across, 0, values, at, width);
				Arrays.fill(values, at + whole, at + whole + width, sides.rows.position(y));
				Arrays.fill(values, at + 2 * whole, at + 2 * whole + width, sides.depth.position(zs[k]));
			}
		});
		return values;
	}

	/** Turns the output for a block into x̂0 and writes that of its core. */
	private void put(final Columns noisy, final float[] output, final Sides sides, final int timestep,
		final Columns clean)
	{
		final double signal = schedule.signal(timestep), noise = schedule.noise(timestep);
		final float ofState = (float) settings.prediction().ofState(signal, noise), ofOutput = (float) settings.prediction()
			.ofOutput(signal, noise);
		final BlockTiling.Span across = sides.columns.span(), down = sides.rows.span(), deep = sides.depth.span();
		final int width = sides.columns.length(), plane = width * sides.rows.length(), step = sides.columns.mirrored() ? -1 : 1;
		Parallel.loop(down.to() - down.from(), j -> {
			final int y = down.from() + j;
			final float[][] states = new float[TILE][], targets = new float[TILE][];
			for (int first = across.from(); first < across.to(); first += TILE) {
				final int count = Math.min(TILE, across.to() - first);
				for (int i = 0; i < count; i++) {
					states[i] = sides.column(noisy, first + i, y);
					targets[i] = sides.column(clean, first + i, y);
				}
				for (int z = deep.from(); z < deep.to(); z++) {
					final int at = sides.depth.place(z) * plane + sides.rows.place(y) * width + sides.columns.place(first);
					for (int i = 0; i < count; i++)
						targets[i][z] = ofState * states[i][z] + ofOutput * output[at + step * i];
				}
			}
		});
	}
}
