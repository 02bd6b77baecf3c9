package org.patchct.projector.cuda;

import static org.patchct.projector.cuda.CudaProjector.blocks;

import java.util.Arrays;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

import org.patchct.volume.Vector;

/**
 * A volume or projections on a GPU: columns that begin at whole quadruples of floats. Operations are started in the order
 * of the calls; those that give the processor something wait for it.
 */
final class CudaVector implements Vector<CudaVector> {

	/** Threads of a block, as {@code vectors.cu} has them. */
	static final int THREADS = 256;

	/** Most blocks of a scalar product, and sums that it leaves: an H200 holds 132 · 8 such blocks at a time. */
	static final int SUMS = 1024;

	private final CudaSpace space;

	private final int nx, ny, nz;

	private final CUdeviceptr place;

	/** The place must have room for {@link #bytes}. */
	CudaVector(final CudaSpace space, final int nx, final int ny, final int nz, final CUdeviceptr place) {
		this.space = space;
		this.nx = nx;
		this.ny = ny;
		this.nz = nz;
		this.place = place;
	}

	/** What a vector of a shape takes. */
	static long bytes(final int nx, final int ny, final int nz) {
		return 4L * nx * ny * CudaProjector.stride(nz);
	}

	int nx() {
		return nx;
	}

	int ny() {
		return ny;
	}

	int nz() {
		return nz;
	}

	int stride() {
		return CudaProjector.stride(nz);
	}

	CUdeviceptr place() {
		return place;
	}

	Pointer pointer() {
		return Pointer.to(place);
	}

	private long size() {
		return bytes(nx, ny, nz) / 4;
	}

	@Override
	public CudaVector zeros() {
		return space.make(nx, ny, nz).fill(0);
	}

	@Override
	public CudaVector set(final CudaVector other) {
		requireSameShape(other);
		space.work(device -> device.copy(0, other.place, place, bytes(nx, ny, nz)));
		return this;
	}

	@Override
	public CudaVector fill(final float value) {
		space.work(device -> device.fill(0, place, value, size()));
		return this;
	}

	@Override
	public CudaVector scale(final float a) {
		return launch("vectorScale", number(a));
	}

	@Override
	public CudaVector multiply(final CudaVector other) {
		requireSameShape(other);
		return launch("vectorMultiply", other.pointer());
	}

	@Override
	public CudaVector add(final float a, final CudaVector other) {
		return combine(1, a, other);
	}

	@Override
	public CudaVector combine(final float a, final float b, final CudaVector other) {
		requireSameShape(other);
		return launch("vectorCombine", number(a), number(b), other.pointer());
	}

	@Override
	public CudaVector clampBelow(final float floor) {
		return launch("vectorClampBelow", number(floor));
	}

	@Override
	public CudaVector addMagnitude(final float a, final CudaVector other) {
		requireSameShape(other);
		return launch("vectorAddMagnitude", number(a), other.pointer());
	}

	@Override
	public CudaVector addToNegativePart(final CudaVector other) {
		requireSameShape(other);
		return launch("vectorAddToNegativePart", other.pointer());
	}

	@Override
	public double dot(final CudaVector other) {
		requireSameShape(other);
		final int z = CudaProjector.alongZ(nz), columns = THREADS / z, sums = Math.min(SUMS, blocks(nx * ny, columns));
		final double[] parts = new double[sums];
		space.work(device -> {
			device.launch(0, "vectorDot", new int[] { sums, 1, 1 }, new int[] { z, columns }, Pointer.to(space.sums()),
				pointer(), other.pointer(), Pointer.to(shape(new float[3])));
			System.arraycopy(device.download(0, space.sums(), sums), 0, parts, 0, sums);
		});
		return Arrays.stream(parts).reduce(0, Double::sum); // in order, which sum() does not promise
	}

	@Override
	public double descend(final float a, final CudaVector p, final CudaVector q, final CudaVector x) {
		x.add(a, p);
		add(-a, q);
		return dot(this);
	}

	@Override
	public double norm() {
		return Math.sqrt(dot(this));
	}

	/** {@code struct Shape}. */
	byte[] shape(final float[] weights) {
		return Tables.shape(nx, nx * ny, nz, stride(), weights);
	}

	/** Starts a kernel whose arguments are this vector, others, and the number of floats. */
	private CudaVector launch(final String kernel, final NativePointerObject... others) {
		final NativePointerObject[] arguments = new NativePointerObject[others.length + 2];
		arguments[0] = pointer();
		System.arraycopy(others, 0, arguments, 1, others.length);
		arguments[others.length + 1] = Pointer.to(new long[] { size() });
		space.work(device -> device.launch(0, kernel, new int[] { (int) ((size() + THREADS - 1) / THREADS), 1, 1 },
			new int[] { THREADS, 1 }, arguments));
		return this;
	}

	static Pointer number(final float value) {
		return Pointer.to(new float[] { value });
	}

	private void requireSameShape(final CudaVector o) {
		if (o.nx != nx || o.ny != ny || o.nz != nz) throw new IllegalArgumentException("Shapes differ: " + nx + " x " + ny +
			" x " + nz + " and " + o.nx + " x " + o.ny + " x " + o.nz);
	}
}
