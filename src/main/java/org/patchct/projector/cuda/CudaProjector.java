package org.patchct.projector.cuda;

import java.util.ArrayList;
import java.util.List;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

import org.patchct.projector.Projector;
import org.patchct.projector.Space;
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
	static final int ALIGNMENT = 256;

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

	/** What kernels work on: the tables, a slab of the volume, and the projections of a batch of views. */
	private record Operands(CUdeviceptr rays, CUdeviceptr angles, CUdeviceptr volume, CUdeviceptr projections) { }

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
		layout = device.work(() -> layout(device.room()));
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
				device.upload(0, device.at(layout.volume), slab.volumeStride(), x.data(), 0, x.data().length, slice, slab
					.slices());
				device.finish(0);
				final int batches = batches();
				for (int b = 0; b <= batches; b++) {
					if (b < batches) launchForward(slab, b, lane(b), inArena(b));
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
					launchGather(kernel, slab, b, lane(b), inArena(b));
				}
				device.download(lane(batches - 1), device.at(layout.volume), slab.volumeStride(), x.data(), 0, x
					.data().length, slice, slab.slices(), false);
			}
		});
	}

	/**
	 * Runs a solver with its vectors on the GPU.
	 *
	 * @throws CudaException if they do not fit there or the GPU failed; the solver has changed nothing then
	 */
	@Override
	public <R> R solve(final int volumes, final int projections, final Space.Solver<R> solver) {
		try (CudaSpace space = new CudaSpace(this, device, tables, volumes, projections)) {
			return solver.solve(space);
		}
	}

	/**
	 * Memory for a solve, beside what single calls take, which may come in between.
	 *
	 * @throws CudaException if there is not enough
	 */
	CUdeviceptr allocate(final long bytes) {
		final long room = device.room();
		if (layout.slices < grid.nz() || bytes + layout.bytes > room) throw CudaException.memory(String.format(
			java.util.Locale.ROOT, ": the solver's vectors take %.2g GB and %.2g GB are free", bytes / 1e9, room / 1e9));
		return device.allocate(bytes);
	}

	/** Starts y ← A x on lane 0, both in the GPU's memory with columns as {@link #stride} has them. */
	void forward(final CUdeviceptr rays, final CUdeviceptr angles, final CUdeviceptr x, final CUdeviceptr y) {
		for (int b = 0; b < batches(); b++)
			launchForward(slab(grid.nz(), 0), b, 0, new Operands(rays, angles, x, batch(y, b)));
	}

	/** Starts x ← A* y likewise. */
	void adjoint(final CUdeviceptr rays, final CUdeviceptr angles, final CUdeviceptr y, final CUdeviceptr x) {
		for (int b = 0; b < batches(); b++)
			launchGather("Adjoint", slab(grid.nz(), 0), b, 0, new Operands(rays, angles, x, batch(y, b)));
	}

	private CUdeviceptr batch(final CUdeviceptr projections, final int batch) {
		return projections.withByteOffset(4L * batch * layout.views * geometry.bins() * stride(geometry.rows()));
	}

	/** Some slices of the volume and the detector rows that belong to them. */
	private record Slab(int slice, int slices, int row, int rows, int volumeStride, int projectionStride) { }

	private Slab slab(final int most, final int slice) {
		final int slices = Math.min(most, grid.nz() - slice);
		return tables.planar() ? new Slab(slice, slices, slice, slices, stride(slices), stride(slices)) : new Slab(slice,
			slices, 0, geometry.rows(), stride(slices), stride(geometry.rows()));
	}

	/** Columns begin at whole quadruples of floats. */
	static int stride(final int length) {
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
		final CUdeviceptr place = inArena(batch).projections;
		if (up) device.upload(lane(batch), place, slab.projectionStride, y.data(), view * bins, count, slab.row, slab.rows);
		else device.download(lane(batch), place, slab.projectionStride, y.data(), view * bins, count, slab.row, slab.rows,
			!tables.planar() && slab.slice > 0);
	}

	private Operands inArena(final int batch) {
		return new Operands(device.at(layout.rays), device.at(layout.angles), device.at(layout.volume), device.at(
			layout.projections[lane(batch)]));
	}

	private void launchForward(final Slab slab, final int batch, final int lane, final Operands on) {
		final int views = Math.min(layout.views, geometry.views() - batch * layout.views);
		final int perThread = tables.planar() ? 4 : STEPS, along = tables.planar() ? slab.volumeStride : slab.rows;
		final int[] block = block(blocks(along, perThread));
		device.launch(lane, name("Forward"), new int[] { blocks(geometry.bins(), block[1]), tables.planar() ? blocks(
			views, VIEWS) : views, blocks(along, perThread * block[0]) }, block, arguments(slab, batch, on, Pointer.to(on.volume),
				Pointer.to(on.projections)));
	}

	private void launchGather(final String kernel, final Slab slab, final int batch, final int lane, final Operands on) {
		final int perThread = tables.planar() ? 4 : STEPS;
		final int[] block = block(blocks(slab.slices, perThread));
		device.launch(lane, name(kernel), new int[] { blocks(grid.nx(), 4), blocks(grid.ny(), block[1] / 4), blocks(
			slab.slices, perThread * block[0]) }, block, arguments(slab, batch, on, Pointer.to(
				on.projections), Pointer.to(on.volume), Pointer.to(new int[] { batch > 0 ? 1 : 0 })));
	}

	private String name(final String kernel) {
		return (tables.planar() ? "planar" : "cone") + kernel;
	}

	private NativePointerObject[] arguments(final Slab slab, final int batch, final Operands on,
		final NativePointerObject... further)
	{
		final List<NativePointerObject> all = new ArrayList<>();
		final int view = batch * layout.views;
		all.add(Pointer.to(tables.scan()));
		all.add(Pointer.to(Tables.part(view, Math.min(layout.views, geometry.views() - view), slab.slice, slab.slices,
			slab.volumeStride, slab.projectionStride)));
		all.add(Pointer.to(on.rays));
		all.add(Pointer.to(on.angles));
		all.addAll(List.of(further));
		return all.toArray(NativePointerObject[]::new);
	}

	/** Threads along z, and columns: a multiple of 4. */
	private int[] block(final int along) {
		final int z = alongZ(along);
		return new int[] { z, Math.min(MOST_COLUMNS, (tables.planar() ? PLANAR_THREADS : CONE_THREADS) / z) };
	}

	/** Threads along z: a power of two, no more than a warp and no more than there is work for. */
	static int alongZ(final int work) {
		int z = 1;
		while (z < work && z < WARP)
			z *= 2;
		return z;
	}

	static int blocks(final int n, final int size) {
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
				if (kernel.equals("Forward")) launchForward(slab, b, lane(b), inArena(b));
				else launchGather(kernel, slab, b, lane(b), inArena(b));
			for (int lane = 0; lane < CudaDevice.LANES; lane++)
				device.finish(lane);
			nanos[0] = System.nanoTime() - start;
		});
		return nanos[0] / 1e9;
	}

	/** Work on the GPU while nobody else uses it, with the tables and room for a slab in the arena. */
	private void work(final Runnable body) {
		device.work(() -> {
			if (!device.occupy(this, layout.bytes)) {
				device.upload(device.at(layout.rays), tables.rays());
				device.upload(device.at(layout.angles), tables.views());
			}
			body.run();
		});
	}
}
