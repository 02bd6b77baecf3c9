package org.patchct.task;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Loops shared out over the processor's cores. Tasks are handed out one by one, so uneven ones balance. Results do not
 * depend on the number of threads as long as each index writes only what it owns.
 */
public final class Parallel {

	private static final int THREADS = Runtime.getRuntime().availableProcessors();

	private static final ExecutorService POOL = Executors.newFixedThreadPool(THREADS, task -> {
		final Thread thread = new Thread(task, "PatchCT worker");
		thread.setDaemon(true);
		return thread;
	});

	private Parallel() { }

	/** Number of threads that {@link #loop} uses at most. */
	public static int threads() {
		return THREADS;
	}

	/**
	 * Calls {@code body} with 0 to {@code n} − 1, in any order and on several threads, and returns when all are done. The
	 * first exception stops the hand-out of further indices and is thrown here. Must not be nested.
	 */
	public static void loop(final int n, final IntConsumer body) {
		if (n <= 0) return;
		if (n == 1 || THREADS == 1) {
			for (int i = 0; i < n; i++)
				body.accept(i);
			return;
		}
		final AtomicInteger next = new AtomicInteger();
		final Callable<Void> worker = () -> {
			try {
				for (int i; (i = next.getAndIncrement()) < n;)
					body.accept(i);
			}
			catch (final Throwable t) {
				next.set(n);
				throw t;
			}
			return null;
		};
		final List<Callable<Void>> workers = new ArrayList<>();
		for (int i = 0; i < Math.min(THREADS, n); i++)
			workers.add(worker);
		try {
			for (final var result : POOL.invokeAll(workers))
				result.get();
		}
		catch (final InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new CancelledException();
		}
		catch (final ExecutionException e) {
			if (e.getCause() instanceof RuntimeException cause) throw cause;
			if (e.getCause() instanceof Error cause) throw cause;
			throw new IllegalStateException(e.getCause());
		}
	}
}
