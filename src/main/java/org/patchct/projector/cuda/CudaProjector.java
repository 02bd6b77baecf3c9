package org.patchct.projector.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import jcuda.NativePointerObject;
import jcuda.Pointer;

import org.patchct.projector.Projector;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Joseph's projector and its exact transpose on a GPU, for parallel, fan and cone beam; see {@code projector.cu}. The
 * numbers agree with the processor's to float rounding, and the same call gives the same bits.
 * <p>
 * Volumes go through the GPU in slabs of slices that fit its memory, projections in batches of views: while one batch is
 * computed the next is copied.
 * </p>
 */
public final class CudaProjector implements Projector {

	/** Batches that a scan is cut into where memory does not ask for more: enough for copies to hide behind kernels. */
	private static final int BATCHES = 8;

	/** Bytes; what the GPU's memory transactions ask for, with room to spare. */
	private static final int ALIGNMENT = 256;

	/** The kernels count quadruples of floats with 31 bits. */
	private static final long MOST_BYTES = 16L << 31;

	/** The constants of the same names in {@code projector.cu}, and the most columns that its shared memory is cut for. */
	private static final int VIEWS = 4, STEPS = 4, MOST_COLUMNS = 64;

	/** The kernels' launch bounds, and how many threads read together. */
	private static final int PLANAR_THREADS = 512, CONE_THREADS = 256, WARP = 32;

	private final CudaDevice device;

	private final Grid grid;

	private final ScanGeometry geometry;

	private final Tables tables;

	/** Fixed at the start, so that a call's result does not depend on who else uses the GPU. */
	private final Layout layout;

	/** Where things lie in the arena, in bytes, and how the work is cut. Batches of projections alternate between two places. */
	private record Layout(int slices, int views, long rays, long angles, long volume, long[] projections, long bytes)
	{ }

	/**
	 * @param number the GPU, from 0
	 * @throws CudaException if the GPU cannot be used or has no kernels for the scan
	 */
	public CudaProjector(final Grid grid, final ScanGeometry geometry, final int number) {
		this(grid, geometry, CudaDevices.open(number));
	}

	CudaProjector(final Grid grid, final ScanGeometry geometry, final CudaDevice device) {
		this.device = device;
		this.grid = grid;
		this.geometry = geometry;
		tables = new Tables(grid, geometry);
		synchronized (device) {
			layout = recorded(() -> layout(device.room()));
		}
	}

	/** The largest slabs and batches within some bytes of memory. */
	private Layout layout(final long room) {
		int slices = grid.nz(), views = whole(blocks(geometry.views(), BATCHES), VIEWS);
		while (true) {
			final Layout candidate = layout(slices, views);
			if (candidate.bytes <= Math.min(room, MOST_BYTES)) return candidate;
			if (views > VIEWS) views = whole(views / 2, VIEWS);
			else if (slices > 4) slices = whole(slices / 2, 4);
			else throw CudaException.memory(String.format(java.util.Locale.ROOT,
				": the smallest part of the work takes %.2g GB and %.2g GB are free", candidate.bytes / 1e9, room / 1e9));
		}
	}

	private Layout layout(final int slices, final int views) {
		final Slab slab = slab(slices, 0);
		final long[] sizes = { tables.rayBytes(), tables.viewBytes(), 4L * grid.nx() * grid.ny() *
			slab.volumeStride, 4L * geometry.bins() * views * slab.projectionStride, 4L * geometry.bins() * views *
				slab.projectionStride };
		final long[] places = new long[sizes.length + 1];
		for (int i = 0; i < sizes.length; i++)
			places[i + 1] = places[i] + (sizes[i] + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
		return new Layout(slices, views, places[0], places[1], places[2], new long[] { places[3], places[4] }, places[5]);
	}

	@Override
	public Grid grid() {
		return grid;
	}

	@Override
	public ScanGeometry geometry() {
		return geometry;
	}

	@Override
	public String device() {
		return device.toString();
	}

	/** Slices in a slab. */
	int slices() {
		return layout.slices;
	}

	/** @throws CudaException if the GPU failed; y is then undefined */
	@Override
	public void forward(final Columns x, final Columns y) {
		work(() -> {
			for (int slice = 0; slice < grid.nz(); slice += layout.slices) {
				final Slab slab = slab(layout.slices, slice);
				device.upload(0, layout.volume, slab.volumeStride(), x.data(), 0, x.data().length, slice, slab.slices());
				device.finish(0);
				final int batches = batches();
				for (int b = 0; b <= batches; b++) {
					if (b < batches) launchForward(slab, b);
					if (b > 0) copyProjections(slab, b - 1, y, false);
				}
			}
		});
	}

	/** @throws CudaException if the GPU failed; x is then undefined */
	@Override
	public void adjoint(final Columns y, final Columns x) {
		gather("Adjoint", y, x);
	}

	/** @throws CudaException if the GPU failed; x is then undefined */
	@Override
	public void backproject(final Columns filtered, final Columns x) {
		gather("Backproject", filtered, x);
	}

	private void gather(final String kernel, final Columns y, final Columns x) {
		work(() -> {
			for (int slice = 0; slice < grid.nz(); slice += layout.slices) {
				final Slab slab = slab(layout.slices, slice);
				final int batches = batches();
				for (int b = 0; b < batches; b++) {
					copyProjections(slab, b, y, true);
					if (b > 0) device.waitForOther(lane(b)); // batches add to the same volume
					launchGather(kernel, slab, b);
				}
				device.download(lane(batches - 1), layout.volume, slab.volumeStride(), x.data(), 0, x.data().length, slice, slab
					.slices(), false);
			}
		});
	}

	/** Some slices of the volume and the detector rows that belong to them. */
	private record Slab(int slice, int slices, int row, int rows, int volumeStride, int projectionStride) { }

	private Slab slab(final int most, final int slice) {
		final int slices = Math.min(most, grid.nz() - slice);
		return tables.planar() ? new Slab(slice, slices, slice, slices, stride(slices), stride(slices)) : new Slab(slice,
			slices, 0, geometry.rows(), stride(slices), stride(geometry.rows()));
	}

	/** Columns begin at whole quadruples of floats. */
	private static int stride(final int length) {
		return whole(length, 4);
	}

	/** The next multiple of {@code unit}. */
	private static int whole(final int n, final int unit) {
		return blocks(n, unit) * unit;
	}

	private int batches() {
		return blocks(geometry.views(), layout.views);
	}

	private static int lane(final int batch) {
		return batch % CudaDevice.LANES;
	}

	private void copyProjections(final Slab slab, final int batch, final Columns y, final boolean up) {
		final int view = batch * layout.views, bins = geometry.bins();
		final int count = Math.min(layout.views, geometry.views() - view) * bins;
		final long place = layout.projections[lane(batch)];
		if (up) device.upload(lane(batch), place, slab.projectionStride, y.data(), view * bins, count, slab.row, slab.rows);
		else device.download(lane(batch), place, slab.projectionStride, y.data(), view * bins, count, slab.row, slab.rows,
			!tables.planar() && slab.slice > 0);
	}

	private void launchForward(final Slab slab, final int batch) {
		final int views = Math.min(layout.views, geometry.views() - batch * layout.views);
		final int perThread = tables.planar() ? 4 : STEPS, along = tables.planar() ? slab.volumeStride : slab.rows;
		final int[] block = block(blocks(along, perThread));
		device.launch(lane(batch), name("Forward"), new int[] { blocks(geometry.bins(), block[1]), tables.planar() ? blocks(
			views, VIEWS) : views, blocks(along, perThread * block[0]) }, block, arguments(slab, batch, List.of(pointer(
				layout.volume), pointer(layout.projections[lane(batch)]))));
	}

	private void launchGather(final String kernel, final Slab slab, final int batch) {
		final int perThread = tables.planar() ? 4 : STEPS;
		final int[] block = block(blocks(slab.slices, perThread));
		device.launch(lane(batch), name(kernel), new int[] { blocks(grid.nx(), 4), blocks(grid.ny(), block[1] / 4), blocks(
			slab.slices, perThread * block[0]) }, block, arguments(slab, batch, List.of(pointer(
				layout.projections[lane(batch)]), pointer(layout.volume), Pointer.to(new int[] { batch > 0 ? 1 : 0 }))));
	}

	private String name(final String kernel) {
		return (tables.planar() ? "planar" : "cone") + kernel;
	}

	private NativePointerObject[] arguments(final Slab slab, final int batch, final List<NativePointerObject> further) {
		final List<NativePointerObject> all = new ArrayList<>();
		final int view = batch * layout.views;
		all.add(Pointer.to(tables.scan()));
		all.add(Pointer.to(Tables.part(view, Math.min(layout.views, geometry.views() - view), slab.slice, slab.slices,
			slab.volumeStride, slab.projectionStride)));
		all.add(pointer(layout.rays));
		all.add(pointer(layout.angles));
		all.addAll(further);
		return all.toArray(NativePointerObject[]::new);
	}

	private NativePointerObject pointer(final long place) {
		return Pointer.to(device.at(place));
	}

	/** Threads along z, no more than a warp and no more than there is work for, and columns: a multiple of 4. */
	private int[] block(final int along) {
		int z = 1;
		while (z < along && z < WARP)
			z *= 2;
		return new int[] { z, Math.min(MOST_COLUMNS, (tables.planar() ? PLANAR_THREADS : CONE_THREADS) / z) };
	}

	private static int blocks(final int n, final int size) {
		return (n + size - 1) / size;
	}

	/**
	 * Seconds that a kernel, "Forward", "Adjoint" or "Backproject", takes for the first slab, once its data lie on the GPU.
	 */
	double seconds(final String kernel) {
		final long[] nanos = { 0 };
		work(() -> {
			final Slab slab = slab(layout.slices, 0);
			device.finish(0);
			final long start = System.nanoTime();
			for (int b = 0; b < batches(); b++)
				if (kernel.equals("Forward")) launchForward(slab, b);
				else launchGather(kernel, slab, b);
			for (int lane = 0; lane < CudaDevice.LANES; lane++)
				device.finish(lane);
			nanos[0] = System.nanoTime() - start;
		});
		return nanos[0] / 1e9;
	}

	/** Work on the GPU while nobody else uses it. */
	private void work(final Runnable body) {
		synchronized (device) {
			device.open();
			recorded(() -> {
				if (!device.occupy(this, layout.bytes)) {
					device.upload(layout.rays, tables.rays());
					device.upload(layout.angles, tables.views());
				}
				body.run();
				return null;
			});
		}
	}

	private <T> T recorded(final Supplier<T> step) {
		try {
			final T result = step.get();
			device.remember(null);
			return result;
		}
		catch (final CudaException e) {
			device.remember(e);
			throw e;
		}
	}
}
