package org.patchct.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.util.List;
import java.util.SplittableRandom;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.task.Parallel;
import org.patchct.task.Probe;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

/**
 * Denoises a volume patch by patch with a prior. The volume is padded by one patch side of air, noised like the rest; the
 * patches that tile it from an offset are run through the network in batches, and what it returns is put together.
 * <p>
 * Batches start at a size that keeps the device busy and are halved when memory runs out. Not thread-safe; it keeps a
 * padded copy of the volume.
 * </p>
 */
public final class PatchDenoiser implements VolumeDenoiser {

	/** A network: input (N, channels, P, P, P) and levels (N) to output (N, 1, P, P, P), attached to the input's manager. */
	@FunctionalInterface
	interface Network {

		NDArray predict(NDArray input, NDArray levels);
	}

	private final PriorSettings settings;

	private final Network network;

	private final NDManager manager;

	private final NoiseSchedule schedule;

	private final PatchInputs inputs;

	private final PatchTiling tiling;

	private final List<Orientation> orientations;

	private final Columns padded;

	private final Stopwatch watch;

	private final Batches batches;

	/** For volumes of {@code nx} × {@code ny} × {@code nz} voxels. The prior must stay open. */
	public PatchDenoiser(final Prior prior, final int nx, final int ny, final int nz) {
		this(prior, nx, ny, nz, true, new Stopwatch());
	}

	/**
	 * With {@code seesGlobal} as in {@link PatchInputs#PatchInputs(PriorSettings, int, int, int, boolean)}, and with its time
	 * taken.
	 */
	PatchDenoiser(final Prior prior, final int nx, final int ny, final int nz, final boolean seesGlobal,
		final Stopwatch watch)
	{
		this(prior.settings(), prior::predict, prior.manager(), nx, ny, nz, seesGlobal, watch);
	}

	PatchDenoiser(final PriorSettings settings, final Network network, final NDManager manager, final int nx,
		final int ny, final int nz)
	{
		this(settings, network, manager, nx, ny, nz, true, new Stopwatch());
	}

	private PatchDenoiser(final PriorSettings settings, final Network network, final NDManager manager, final int nx,
		final int ny, final int nz, final boolean seesGlobal, final Stopwatch watch)
	{
		this.watch = watch;
		this.settings = settings;
		this.network = network;
		this.manager = manager;
		schedule = NoiseSchedule.of(settings);
		inputs = new PatchInputs(settings, nx, ny, nz, seesGlobal);
		tiling = inputs.tiling();
		orientations = Orientation.known(settings);
		padded = new Columns(tiling.paddedX(), tiling.paddedY(), tiling.paddedZ());
		batches = new Batches(manager.getDevice(), settings.network().activations());
	}

	@Override
	public int patch() {
		return tiling.patch();
	}

	/** Patches that are run together now. */
	int batch() {
		return batches.size();
	}

	@Override
	public void denoise(final Columns noisy, final int timestep, final Placement placement, final NoiseField padding,
		final Columns clean, final Progress progress)
	{
		final Stopwatch.Part outer = watch.enter(Stopwatch.Part.PATCHES);
		final List<PatchTiling.Patch> patches = tiling.patches(placement.x(), placement.y(), placement.z());
		pad(noisy, timestep, padding, patches.get(0), patches.get(patches.size() - 1));
		final Orientation orientation = orientations.get(placement.turn() % orientations.size());
		final float[] thumbnail = settings.globalChannel() ? inputs.thumbnail(padded) : null;
		batches.run(patches.size(), progress, () -> Batches.ranOut(manager.getDevice(), patch(), settings.name()), (from, to) -> {
				final float[] output = run(thumbnail, patches, from, to, timestep, orientation);
				Parallel.loop(to - from, i -> put(output, i, patches.get(from + i), timestep, clean));
			});
		watch.evaluated(patches.size());
		watch.enter(outer);
	}

	/** By a probe of one batch; the network sees noise. */
	@Override
	public double seconds(final Columns shape, final Progress progress) {
		final int middle = patch() / 2, top = schedule.levels() - 1;
		final List<PatchTiling.Patch> patches = tiling.patches(middle, middle, middle);
		final int some = Math.min(batches.size(), patches.size());
		final double padding = Probe.seconds(progress, () -> pad(shape, top, NoiseField.of(0), patches.get(0), patches.get(
			patches.size() - 1)));
		final float[] thumbnail = settings.globalChannel() ? inputs.thumbnail(padded) : null;
		final Columns clean = shape.zeros();
		final double each = Probe.seconds(progress, () -> {
			final float[] output = run(thumbnail, patches, 0, some, top, orientations.get(0));
			Parallel.loop(some, i -> put(output, i, patches.get(i), top, clean));
		}) / some;
		return padding + each * tiling.meanPatches();
	}

	/**
	 * Writes the volume into its place in the padded one, and noised air round it as far as the patches reach, the first
	 * and last of which are given.
	 */
	private void pad(final Columns noisy, final int timestep, final NoiseField noise, final PatchTiling.Patch first,
		final PatchTiling.Patch last)
	{
		final int p = tiling.patch(), nx = tiling.nx(), ny = tiling.ny(), nz = tiling.nz();
		final float air = (float) (schedule.signal(timestep) * settings.networkLow());
		final float sigma = (float) schedule.noise(timestep);
		padded.forColumns(i -> {
			final int x = i % padded.nx(), y = i / padded.nx();
			if (x < first.x() || x >= last.x() + p || y < first.y() || y >= last.y() + p) return;
			final float[] column = padded.data()[i];
			final boolean inside = x >= p && x < p + nx && y >= p && y < p + ny;
			final SplittableRandom random = noise.column(i);
			final int zEnd = last.z() + p;
			for (int z = first.z(); z < zEnd; z++) {
				if (inside && z == p) {
					System.arraycopy(noisy.column(x - p, y - p), 0, column, p, nz);
					z += nz;
					if (z >= zEnd) break;
				}
				column[z] = air + sigma * (float) random.nextGaussian();
			}
		});
	}

	/** The network's output for some patches. */
	private float[] run(final float[] thumbnail, final List<PatchTiling.Patch> patches, final int from, final int to,
		final int timestep, final Orientation orientation)
	{
		watch.enter(Stopwatch.Part.PATCHES);
		try (NDManager batchManager = manager.newSubManager()) {
			final NDArray input = orientation.turn(inputs.batch(batchManager, padded, thumbnail, patches, from, to), settings);
			final NDArray levels = batchManager.full(new Shape(to - from), (float) timestep);
			watch.enter(Stopwatch.Part.NETWORK);
			final float[] output = orientation.back(network.predict(input, levels)).toFloatArray();
			watch.enter(Stopwatch.Part.PATCHES);
			return output;
		}
	}

	/** Turns the output for one patch into x̂0 and writes the part that lies in the volume. */
	private void put(final float[] output, final int index, final PatchTiling.Patch patch, final int timestep,
		final Columns clean)
	{
		final double signal = schedule.signal(timestep), noise = schedule.noise(timestep);
		final float ofState = (float) settings.prediction().ofState(signal, noise), ofOutput = (float) settings.prediction()
			.ofOutput(signal, noise);
		final int p = tiling.patch();
		final int x0 = patch.x() - p, y0 = patch.y() - p, z0 = patch.z() - p;
		final int xFirst = Math.max(0, -x0), xEnd = Math.min(p, tiling.nx() - x0);
		final int zFirst = Math.max(0, -z0), zEnd = Math.min(p, tiling.nz() - z0);
		final float[][] states = new float[p][], targets = new float[p][];
		for (int y = Math.max(0, -y0); y < Math.min(p, tiling.ny() - y0); y++) {
			for (int x = xFirst; x < xEnd; x++) {
				states[x] = padded.column(patch.x() + x, patch.y() + y);
				targets[x] = clean.column(x0 + x, y0 + y);
			}
			// Row by row of the tensor, as in PatchInputs.gather.
			for (int z = zFirst; z < zEnd; z++) {
				final int from = ((index * p + z) * p + y) * p;
				for (int x = xFirst; x < xEnd; x++)
					targets[x][z0 + z] = ofState * states[x][patch.z() + z] + ofOutput * output[from + x];
			}
		}
	}
}
