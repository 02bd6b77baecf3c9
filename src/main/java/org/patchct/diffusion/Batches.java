package org.patchct.diffusion;

import ai.djl.Device;
import ai.djl.engine.EngineException;

import java.util.Locale;
import java.util.function.Supplier;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;

/** Goes through many things some at a time, fewer once memory runs out. */
final class Batches {

	/** Does a batch. */
	@FunctionalInterface
	interface Work {

		/** Things {@code from} to {@code to} − 1; called again with fewer if memory ran out. */
		void run(int from, int to);
	}

	/**
	 * First-level activations (width × voxels) of a batch on the processor: 16 patches of the compact network, 1 of the
	 * paper's. Two cores are no faster with more, and a cancelled run stops within seconds.
	 */
	private static final double PROCESSOR_BATCH = 1 << 21;

	/** Things in a batch at most, which is what a GPU starts with; as patches their inputs take 42 MB at 32³ voxels. */
	static final int LARGEST = 64;

	private int size;

	/**
	 * For inputs of a network on a device.
	 *
	 * @param activations of the first level for a single one
	 */
	Batches(final Device device, final double activations) {
		size = device.isGpu() ? LARGEST : (int) Math.max(1, Math.min(LARGEST, PROCESSOR_BATCH / activations));
	}

	/** Things that are done together now. */
	int size() {
		return size;
	}

	/**
	 * Does {@code count} things.
	 *
	 * @param progress asked before every batch whether to stop
	 * @param tooLarge what to tell the user when memory ran out for a single one
	 */
	void run(final int count, final Progress progress, final Supplier<String> tooLarge, final Work work) {
		for (int from = 0; from < count;) {
			progress.checkCancelled();
			final int to = Math.min(count, from + size);
			try {
				work.run(from, to);
				from = to;
			}
			catch (final RuntimeException | OutOfMemoryError e) {
				if (!isOutOfMemory(e)) throw e;
				if (to - from == 1) throw new InvalidInputException(tooLarge.get(), e);
				size = (to - from) / 2;
			}
		}
	}

	/** What to tell the user when memory ran out on a device for a single cube of {@code side}³ voxels. */
	static String ranOut(final Device device, final int side, final String prior) {
		return "Memory ran out on " + device + " even for a single patch of " + side + "\u00b3 voxels of the prior \"" + prior +
			"\". Close other programs that use it, choose a smaller prior, or another device.";
	}

	/** PyTorch reports a full memory as an exception of its own, with texts that differ by device and allocator. */
	static boolean isOutOfMemory(final Throwable e) {
		if (e instanceof OutOfMemoryError) return true;
		if (!(e instanceof EngineException) || e.getMessage() == null) return false;
		final String message = e.getMessage().toLowerCase(Locale.ROOT);
		return message.contains("out of memory") || message.contains("not enough memory") || message.contains(
			"can't allocate memory") || message.contains("bad_alloc") || message.contains("alloc_failed");
	}
}
