package org.patchct.diffusion;

import java.util.concurrent.atomic.AtomicInteger;

import org.patchct.task.Progress;

/** Progress listeners for tests. */
final class TestProgress {

	private TestProgress() { }

	/** Asks to stop at the (n+1)-th question. */
	static Progress cancelledAfter(final int n) {
		final AtomicInteger questions = new AtomicInteger();
		return new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public boolean cancelled() {
				return questions.incrementAndGet() > n;
			}
		};
	}
}
