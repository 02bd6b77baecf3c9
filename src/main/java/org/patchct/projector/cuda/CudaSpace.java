package org.patchct.projector.cuda;

import static org.patchct.projector.cuda.CudaProjector.blocks;

import java.util.List;
import java.util.function.Consumer;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

import org.patchct.projector.Space;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.TotalVariation;

/**
 * One block of a GPU's memory for the vectors of a solve, taken at its start and given back at its end. All work is
 * started on lane 0 and so done in order; between two operations others may use the GPU.
 */
final class CudaSpace implements Space<CudaVector>, TotalVariation<CudaVector>, AutoCloseable {

	private final CudaProjector projector;

	private final CudaDevice device;

	private final CUdeviceptr memory, rays, angles, sums;

	private final long bytes;

	private long used;

	/** {@code struct Shape} of volumes. */
	private final byte[] shape;

	/**
	 * @param volumes how many volumes are made at most
	 * @param projections how many in the shape of projections
	 * @throws CudaException if they do not fit the GPU's memory, or it failed
	 */
	CudaSpace(final CudaProjector projector, final CudaDevice device, final Tables tables, final int volumes,
		final int projections)
	{
		this.projector = projector;
		this.device = device;
		final Grid grid = projector.grid();
		final ScanGeometry geometry = projector.geometry();
		shape = Tables.shape(grid.nx(), grid.nx() * grid.ny(), grid.nz(), CudaProjector.stride(grid.nz()), TotalVariation
			.weights(grid));
		bytes = aligned(tables.rayBytes()) + aligned(tables.viewBytes()) + aligned(8L * CudaVector.SUMS) + volumes * aligned(
			CudaVector.bytes(grid.nx(), grid.ny(), grid.nz())) + projections * aligned(CudaVector.bytes(geometry.bins(),
				geometry.views(), geometry.rows()));
		memory = device.work(() -> projector.allocate(bytes));
		rays = take(tables.rayBytes());
		angles = take(tables.viewBytes());
		sums = take(8L * CudaVector.SUMS);
		try {
			device.work(() -> {
				device.upload(rays, tables.rays());
				device.upload(angles, tables.views());
			});
		}
		catch (final CudaException e) {
			close();
			throw e;
		}
	}

	private static long aligned(final long size) {
		return (size + CudaProjector.ALIGNMENT - 1) / CudaProjector.ALIGNMENT * CudaProjector.ALIGNMENT;
	}

	private CUdeviceptr take(final long size) {
		if (used + aligned(size) > bytes) throw new IllegalStateException("The solver makes more vectors than it said.");
		final CUdeviceptr place = memory.withByteOffset(used);
		used += aligned(size);
		return place;
	}

	/** A vector that holds anything. */
	CudaVector make(final int nx, final int ny, final int nz) {
		return new CudaVector(this, nx, ny, nz, take(CudaVector.bytes(nx, ny, nz)));
	}

	/** Room for {@link CudaVector#SUMS} numbers in double precision. */
	CUdeviceptr sums() {
		return sums;
	}

	/** Something to be done on the GPU. */
	void work(final Consumer<CudaDevice> body) {
		device.work(() -> body.accept(device));
	}

	@Override
	public CudaVector newVolume() {
		final Grid grid = projector.grid();
		return make(grid.nx(), grid.ny(), grid.nz()).fill(0);
	}

	@Override
	public CudaVector newProjections() {
		final ScanGeometry geometry = projector.geometry();
		return make(geometry.bins(), geometry.views(), geometry.rows()).fill(0);
	}

	@Override
	public CudaVector share(final Columns columns) {
		return copy(columns);
	}

	@Override
	public CudaVector copy(final Columns columns) {
		final CudaVector vector = make(columns.nx(), columns.ny(), columns.nz());
		work(on -> on.upload(0, vector.place(), vector.stride(), columns.data(), 0, columns.data().length, 0, columns.nz()));
		return vector;
	}

	@Override
	public Columns view(final CudaVector vector) {
		final Columns columns = new Columns(vector.nx(), vector.ny(), vector.nz());
		fetch(vector, columns);
		return columns;
	}

	@Override
	public void fetch(final CudaVector vector, final Columns columns) {
		work(on -> {
			on.finish(0); // what failed shows here, before anything of the columns is overwritten
			on.download(0, vector.place(), vector.stride(), columns.data(), 0, columns.data().length, 0, columns.nz(), false);
		});
	}

	@Override
	public void forward(final CudaVector x, final CudaVector y) {
		work(on -> projector.forward(rays, angles, x.place(), y.place()));
	}

	@Override
	public void adjoint(final CudaVector y, final CudaVector x) {
		work(on -> projector.adjoint(rays, angles, y.place(), x.place()));
	}

	@Override
	public TotalVariation<CudaVector> totalVariation() {
		return this;
	}

	@Override
	public void split(final CudaVector x, final List<CudaVector> v, final float threshold) {
		stencil("tvSplit", v.get(0).pointer(), v.get(1).pointer(), v.get(2).pointer(), x.pointer(), CudaVector.number(
			threshold), Pointer.to(shape));
	}

	@Override
	public void addTarget(final List<CudaVector> v, final float threshold, final float weight, final CudaVector out) {
		stencil("tvAddTarget", out.pointer(), v.get(0).pointer(), v.get(1).pointer(), v.get(2).pointer(), CudaVector.number(
			threshold), CudaVector.number(weight), Pointer.to(shape));
	}

	@Override
	public double addLaplacian(final CudaVector x, final float weight, final float c, final float a, final CudaVector out) {
		stencil("tvAddLaplacian", out.pointer(), x.pointer(), CudaVector.number(weight), CudaVector.number(c), CudaVector
			.number(a), Pointer.to(shape));
		return x.dot(out);
	}

	@Override
	public TotalVariation<CudaVector> axialVariation() {
		return new TotalVariation<>() {

			@Override
			public void split(final CudaVector x, final List<CudaVector> v, final float threshold) {
				stencil("axialSplit", v.get(0).pointer(), x.pointer(), CudaVector.number(threshold), Pointer.to(shape));
			}

			@Override
			public void addTarget(final List<CudaVector> v, final float threshold, final float weight,
				final CudaVector out)
			{
				stencil("axialAddTarget", out.pointer(), v.get(0).pointer(), CudaVector.number(threshold), CudaVector.number(
					weight), Pointer.to(shape));
			}

			@Override
			public double addLaplacian(final CudaVector x, final float weight, final float c, final float a,
				final CudaVector out)
			{
				stencil("axialAddLaplacian", out.pointer(), x.pointer(), CudaVector.number(weight), CudaVector.number(c), CudaVector
					.number(a), Pointer.to(shape));
				return x.dot(out);
			}
		};
	}

	/** Starts a kernel with a thread for every voxel. */
	private void stencil(final String kernel, final NativePointerObject... arguments) {
		final Grid grid = projector.grid();
		final int z = CudaProjector.alongZ(grid.nz()), columns = CudaVector.THREADS / z;
		work(on -> on.launch(0, kernel, new int[] { blocks(grid.nx() * grid.ny(), columns), 1, blocks(grid.nz(), z) },
			new int[] { z, columns }, arguments));
	}

	@Override
	public void close() {
		synchronized (device) {
			device.free(memory);
		}
	}
}
