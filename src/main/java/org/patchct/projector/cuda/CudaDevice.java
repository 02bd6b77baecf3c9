package org.patchct.projector.cuda;

import static org.patchct.projector.cuda.CudaDevices.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

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
 * One GPU: its kernels, its memory, and two lanes (streams) that copy and compute beside each other. Whoever works with it
 * holds its monitor and calls {@link #open} first, as {@link #work} does. The arena is one block of memory that all single
 * calls share in turn; what {@link #allocate} gives is for one solve and keeps its contents until it is freed.
 * <p>
 * A GPU that failed otherwise than for want of memory stays out of use: what CUDA reports then is final for the process.
 * </p>
 */
final class CudaDevice {

	/** The kernels of {@code src/main/cuda/projector.cu} and {@code vectors.cu}. */
	static final List<String> KERNELS = List.of("projector.ptx", "vectors.ptx");

	static final int LANES = 2;

	/** Floats in each half of a lane's page-locked buffer: 8 MiB copies reach the full rate of PCI Express. */
	private static final int STAGING = 2 << 20;

	/** Columns packed by one task. */
	private static final int PACKED = 256;

	private static final CUstream DEFAULT_STREAM = new CUstream();

	private final CUdevice device;

	private final int number;

	private final String name;

	private CUcontext context;

	private List<CUmodule> modules = List.of();

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
		if (!modules.isEmpty()) {
			enter();
			return;
		}
		try {
			context = new CUcontext();
			check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
			enter();
			final List<CUmodule> loaded = new ArrayList<>();
			for (final String file : KERNELS) {
				final CUmodule module = new CUmodule();
				check(JCudaDriver.cuModuleLoadData(module, kernels(file)));
				loaded.add(module);
			}
			for (int i = 0; i < LANES; i++)
				lanes[i] = new Lane();
			modules = loaded;
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

	/**
	 * Works on this GPU while nobody else does, and remembers whether that went well.
	 *
	 * @throws CudaException if the GPU failed
	 */
	synchronized <T> T work(final Supplier<T> body) {
		open();
		try {
			final T result = body.get();
			remember(null);
			return result;
		}
		catch (final CudaException e) {
			remember(e);
			throw e;
		}
	}

	/** As {@link #work(Supplier)}, without a result. */
	void work(final Runnable body) {
		work(() -> {
			body.run();
			return null;
		});
	}

	private static String kernels(final String file) {
		try (InputStream in = CudaDevice.class.getResourceAsStream(file)) {
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

	/** Bytes that one projector or solve may take, leaving a tenth to the driver and the display. */
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

	/**
	 * Memory for one solve, besides the arena, which is given up if there is not enough for both.
	 *
	 * @throws CudaException if there is not enough
	 */
	CUdeviceptr allocate(final long bytes) {
		final CUdeviceptr memory = new CUdeviceptr();
		if (JCudaDriver.cuMemAlloc(memory, bytes) == CUresult.CUDA_SUCCESS) return memory;
		release();
		check(JCudaDriver.cuMemAlloc(memory, bytes));
		return memory;
	}

	/** Ends what lane 0 does and frees what was allocated. Failures show in the next call, or did already. */
	void free(final CUdeviceptr memory) {
		JCudaDriver.cuStreamSynchronize(lanes[0].stream);
		JCudaDriver.cuMemFree(memory);
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

	/** Copies bytes to the GPU and waits for it. */
	void upload(final CUdeviceptr place, final byte[] bytes) {
		if (bytes.length == 0) return;
		check(JCudaDriver.cuMemcpyHtoD(place, Pointer.to(bytes), bytes.length));
		// The call returns once the bytes are read; the lanes do not wait for the default stream, in which it copies.
		check(JCudaDriver.cuStreamSynchronize(DEFAULT_STREAM));
	}

	/**
	 * Copies elements {@code from} to {@code from + length} of columns to the GPU, where columns begin {@code stride}
	 * floats apart. Returns when the columns are read; the lane's later work finds them in place.
	 *
	 * @param first the first column
	 * @param count number of columns
	 */
	void upload(final int lane, final CUdeviceptr place, final int stride, final float[][] columns, final int first,
		final int count, final int from, final int length)
	{
		final Lane to = lanes[lane];
		final int chunk = STAGING / stride;
		for (int done = 0, half = 0; done < count; done += chunk, half ^= 1) {
			final int start = first + done, size = Math.min(chunk, count - done);
			final FloatBuffer staging = to.halves[half];
			check(JCudaDriver.cuEventSynchronize(to.copied[half]));
			pack(size, i -> staging.put(i * stride, columns[start + i], from, length));
			check(JCudaDriver.cuMemcpyHtoDAsync(place.withByteOffset(4L * done * stride), to.pinned[half], 4L * size * stride,
				to.stream));
			check(JCudaDriver.cuEventRecord(to.copied[half], to.stream));
		}
	}

	/**
	 * The way back of {@link #upload(int, CUdeviceptr, int, float[][], int, int, int, int)}, after the lane's earlier work.
	 *
	 * @param add whether values are added to what the columns hold
	 */
	void download(final int lane, final CUdeviceptr place, final int stride, final float[][] columns, final int first,
		final int count, final int from, final int length, final boolean add)
	{
		final int chunk = STAGING / stride, chunks = (count + chunk - 1) / chunk;
		for (int c = 0; c <= chunks; c++) {
			if (c < chunks) {
				final int half = c & 1, done = c * chunk;
				check(JCudaDriver.cuMemcpyDtoHAsync(lanes[lane].pinned[half], place.withByteOffset(4L * done * stride), 4L *
					Math.min(chunk, count - done) * stride, lanes[lane].stream));
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

	/** Numbers from the GPU, after the lane's earlier work; at most half of {@link #STAGING}. */
	double[] download(final int lane, final CUdeviceptr place, final int count) {
		final Lane from = lanes[lane];
		check(JCudaDriver.cuMemcpyDtoHAsync(from.pinned[0], place, 8L * count, from.stream));
		check(JCudaDriver.cuEventRecord(from.copied[0], from.stream));
		check(JCudaDriver.cuEventSynchronize(from.copied[0]));
		final double[] numbers = new double[count];
		from.pinned[0].getByteBuffer(0, 8L * count).order(ByteOrder.nativeOrder()).asDoubleBuffer().get(numbers);
		return numbers;
	}

	/** Copies bytes within the GPU, in the lane's order. */
	void copy(final int lane, final CUdeviceptr from, final CUdeviceptr to, final long bytes) {
		check(JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, lanes[lane].stream));
	}

	/** Sets floats on the GPU to a value, in the lane's order. */
	void fill(final int lane, final CUdeviceptr place, final float value, final long floats) {
		check(JCudaDriver.cuMemsetD32Async(place, Float.floatToRawIntBits(value), floats, lanes[lane].stream));
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
			int found = CUresult.CUDA_ERROR_NOT_FOUND;
			for (int i = 0; i < modules.size() && found == CUresult.CUDA_ERROR_NOT_FOUND; i++)
				found = JCudaDriver.cuModuleGetFunction(function, modules.get(i), k);
			check(found);
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
