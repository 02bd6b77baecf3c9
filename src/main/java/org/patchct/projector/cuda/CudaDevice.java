package org.patchct.projector.cuda;

import static org.patchct.projector.cuda.CudaDevices.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

import org.patchct.task.Parallel;

/**
 * One GPU: its kernels, one arena of memory, and two lanes (streams) that copy and compute beside each other. Whoever works
 * with it holds its monitor and calls {@link #open} first; nothing but the arena outlives that.
 * <p>
 * A GPU that failed otherwise than for want of memory stays out of use: what CUDA reports then is final for the process.
 * </p>
 */
final class CudaDevice {

	/** The kernels of {@code src/main/cuda/projector.cu}. */
	static final String KERNELS = "projector.ptx";

	static final int LANES = 2;

	/** Floats in each half of a lane's page-locked buffer: 8 MiB copies reach the full rate of PCI Express. */
	private static final int STAGING = 2 << 20;

	/** Columns packed by one task. */
	private static final int PACKED = 256;

	private final CUdevice device;

	private final int number;

	private final String name;

	private CUcontext context;

	private CUmodule module;

	private final Map<String, CUfunction> functions = new HashMap<>();

	private final Lane[] lanes = new Lane[LANES];

	private CUdeviceptr arena;

	private long arenaBytes;

	private Object tenant;

	private CudaException failure, setback;

	private boolean verified;

	/** A stream with a page-locked buffer in two halves, of which one is copied while the other is packed. */
	private static final class Lane {

		private final CUstream stream = new CUstream();

		private final CUevent reached = new CUevent();

		private final Pointer[] pinned = new Pointer[2];

		private final FloatBuffer[] halves = new FloatBuffer[2];

		private final CUevent[] copied = new CUevent[2];

		private Lane() {
			check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
			check(JCudaDriver.cuEventCreate(reached, CUevent_flags.CU_EVENT_DISABLE_TIMING));
			for (int half = 0; half < 2; half++) {
				pinned[half] = new Pointer();
				check(JCudaDriver.cuMemHostAlloc(pinned[half], 4L * STAGING, 0));
				halves[half] = pinned[half].getByteBuffer(0, 4L * STAGING).order(ByteOrder.nativeOrder()).asFloatBuffer();
				copied[half] = new CUevent();
				check(JCudaDriver.cuEventCreate(copied[half], CUevent_flags.CU_EVENT_DISABLE_TIMING));
			}
		}
	}

	CudaDevice(final CUdevice device, final int number, final String name) {
		this.device = device;
		this.number = number;
		this.name = name;
	}

	/** "cuda:0 (NVIDIA H200)" */
	@Override
	public String toString() {
		return "cuda:" + number + " (" + name + ")";
	}

	/** Name, memory and compute capability, or why it cannot be used. */
	String report() {
		try {
			open();
			verify();
			final long[] free = { 0 }, total = { 0 };
			check(JCudaDriver.cuMemGetInfo(free, total));
			return String.format(Locale.ROOT, "%s, %.1f of %.1f GB free, compute capability %d.%d", name, free[0] / 1e9,
				total[0] / 1e9, attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR), attribute(
					CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
		}
		catch (final CudaException e) {
			return name + ", not usable: " + e.getMessage();
		}
	}

	private int attribute(final int attribute) {
		final int[] value = { 0 };
		check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
		return value[0];
	}

	/**
	 * Makes the GPU ready: its context (the one that other libraries share), the kernels and the lanes.
	 *
	 * @throws CudaException if it cannot be used
	 */
	synchronized void open() {
		if (failure != null) throw failure;
		if (module != null) {
			enter();
			return;
		}
		try {
			context = new CUcontext();
			check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
			enter();
			final CUmodule loaded = new CUmodule();
			check(JCudaDriver.cuModuleLoadData(loaded, kernels()));
			for (int i = 0; i < LANES; i++)
				lanes[i] = new Lane();
			module = loaded;
		}
		catch (final CudaException e) {
			failure = e;
			throw e;
		}
	}

	/**
	 * Refuses for good a GPU whose results are not the processor's; asks it once.
	 *
	 * @throws CudaException if it cannot be used
	 */
	synchronized void verify() {
		if (verified) return;
		try {
			SelfCheck.run(this);
			verified = true;
		}
		catch (final CudaException e) {
			remember(e);
			throw e;
		}
	}

	/** Remembers what went wrong, or with null that nothing did. */
	synchronized void remember(final CudaException reason) {
		if (reason != null && !reason.memory()) failure = reason;
		setback = reason;
	}

	/** @throws CudaException if the last work failed, also if later work may succeed */
	synchronized void requireSuccess() {
		if (setback != null) throw setback;
	}

	private static String kernels() {
		try (InputStream in = CudaDevice.class.getResourceAsStream(KERNELS)) {
			return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
		}
		catch (final IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	/** Lets the calling thread use this GPU. */
	private void enter() {
		check(JCudaDriver.cuCtxSetCurrent(context));
	}

	/** Bytes that one projector may take, leaving a tenth to the driver and the display. */
	long room() {
		final long[] free = { 0 }, total = { 0 };
		check(JCudaDriver.cuMemGetInfo(free, total));
		return (long) (0.9 * (free[0] + arenaBytes));
	}

	/**
	 * At least so many bytes of the GPU's memory, whose contents last until another tenant asks.
	 *
	 * @return whether this tenant was the last to ask, and for no more
	 */
	boolean occupy(final Object newTenant, final long bytes) {
		final boolean kept = tenant == newTenant && bytes <= arenaBytes;
		tenant = null;
		if (bytes > arenaBytes) {
			release();
			final CUdeviceptr grown = new CUdeviceptr();
			check(JCudaDriver.cuMemAlloc(grown, bytes));
			arena = grown;
			arenaBytes = bytes;
		}
		tenant = newTenant;
		return kept;
	}

	/** Gives the arena back to other programs. */
	private void release() {
		if (arena == null) return;
		final CUdeviceptr old = arena;
		arena = null;
		arenaBytes = 0;
		tenant = null;
		check(JCudaDriver.cuMemFree(old));
	}

	/** The place in the arena {@code offset} bytes from its start. */
	CUdeviceptr at(final long offset) {
		return arena.withByteOffset(offset);
	}

	/** Copies bytes to the arena and waits for it. */
	void upload(final long offset, final byte[] bytes) {
		if (bytes.length > 0) check(JCudaDriver.cuMemcpyHtoD(at(offset), Pointer.to(bytes), bytes.length));
	}

	/**
	 * Copies elements {@code from} to {@code from + length} of columns to the arena, where columns begin {@code stride}
	 * floats apart. Returns when the columns are read; the lane's later work finds them in place.
	 *
	 * @param first the first column
	 * @param count number of columns
	 */
	void upload(final int lane, final long offset, final int stride, final float[][] columns, final int first,
		final int count, final int from, final int length)
	{
		final Lane to = lanes[lane];
		final int chunk = STAGING / stride;
		for (int done = 0, half = 0; done < count; done += chunk, half ^= 1) {
			final int start = first + done, size = Math.min(chunk, count - done);
			final FloatBuffer staging = to.halves[half];
			check(JCudaDriver.cuEventSynchronize(to.copied[half]));
			pack(size, i -> staging.put(i * stride, columns[start + i], from, length));
			check(JCudaDriver.cuMemcpyHtoDAsync(at(offset + 4L * done * stride), to.pinned[half], 4L * size * stride,
				to.stream));
			check(JCudaDriver.cuEventRecord(to.copied[half], to.stream));
		}
	}

	/**
	 * The way back of {@link #upload(int, long, int, float[][], int, int, int, int)}, after the lane's earlier work.
	 *
	 * @param add whether values are added to what the columns hold
	 */
	void download(final int lane, final long offset, final int stride, final float[][] columns, final int first,
		final int count, final int from, final int length, final boolean add)
	{
		final int chunk = STAGING / stride, chunks = (count + chunk - 1) / chunk;
		for (int c = 0; c <= chunks; c++) {
			if (c < chunks) {
				final int half = c & 1, done = c * chunk;
				check(JCudaDriver.cuMemcpyDtoHAsync(lanes[lane].pinned[half], at(offset + 4L * done * stride), 4L * Math.min(
					chunk, count - done) * stride, lanes[lane].stream));
				check(JCudaDriver.cuEventRecord(lanes[lane].copied[half], lanes[lane].stream));
			}
			if (c == 0) continue;
			final int half = (c - 1) & 1, done = (c - 1) * chunk, start = first + done;
			final FloatBuffer staging = lanes[lane].halves[half];
			check(JCudaDriver.cuEventSynchronize(lanes[lane].copied[half]));
			pack(Math.min(chunk, count - done), i -> {
				final float[] column = columns[start + i];
				if (!add) staging.get(i * stride, column, from, length);
				else for (int k = 0; k < length; k++)
					column[from + k] += staging.get(i * stride + k);
			});
		}
	}

	private static void pack(final int columns, final java.util.function.IntConsumer body) {
		Parallel.loop((columns + PACKED - 1) / PACKED, task -> {
			final int end = Math.min(columns, (task + 1) * PACKED);
			for (int i = task * PACKED; i < end; i++)
				body.accept(i);
		});
	}

	/**
	 * Starts a kernel on a lane.
	 *
	 * @param grid blocks along x, y, z
	 * @param block threads of a block along x and y
	 * @param arguments the kernel's, each a pointer to its value
	 */
	void launch(final int lane, final String kernel, final int[] grid, final int[] block,
		final NativePointerObject... arguments)
	{
		check(JCudaDriver.cuLaunchKernel(function(kernel), grid[0], grid[1], grid[2], block[0], block[1], 1, 0,
			lanes[lane].stream, Pointer.to(arguments), null));
	}

	private CUfunction function(final String kernel) {
		return functions.computeIfAbsent(kernel, k -> {
			final CUfunction function = new CUfunction();
			check(JCudaDriver.cuModuleGetFunction(function, module, k));
			return function;
		});
	}

	/** Lets a lane's later work wait for the other lane's earlier work. */
	void waitForOther(final int lane) {
		final Lane other = lanes[1 - lane];
		check(JCudaDriver.cuEventRecord(other.reached, other.stream));
		check(JCudaDriver.cuStreamWaitEvent(lanes[lane].stream, other.reached, 0));
	}

	/** Waits until a lane's work is done. */
	void finish(final int lane) {
		check(JCudaDriver.cuStreamSynchronize(lanes[lane].stream));
	}
}
