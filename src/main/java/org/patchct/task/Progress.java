package org.patchct.task;

/**
 * What a long computation tells its caller, and how the caller stops it. Implementations must be safe to call from any
 * thread; they must be cheap, since iterations call them often.
 */
public interface Progress {

	/** Says nothing and never cancels. */
	Progress SILENT = (stage, done) -> { };

	/**
	 * Reports where the work stands.
	 *
	 * @param stage what is being done now, for a status bar
	 * @param done fraction of the whole work done, 0 to 1
	 */
	void update(String stage, double done);

	/** Whether the user asked to stop. Algorithms look at this at least once an iteration. */
	default boolean cancelled() {
		return false;
	}

	/**
	 * Offers what an iteration gave: for display, for a plot of the convergence, and to be kept when the run is cancelled.
	 * Iterative methods call it after each iteration, and with their last iterate between the user's word to stop and their
	 * {@link CancelledException}.
	 */
	default void iterated(final Iterate iterate) { }

	/**
	 * Stops the computation when the user asked for it.
	 *
	 * @throws CancelledException if {@link #cancelled()}
	 */
	default void checkCancelled() throws CancelledException {
		if (cancelled()) throw new CancelledException();
	}

	/** A view of this progress whose 0 to 1 covers only {@code from} to {@code to} of it. */
	default Progress part(final double from, final double to) {
		return new ForwardingProgress(this) {

			@Override
			public void update(final String stage, final double done) {
				super.update(stage, from + (to - from) * done);
			}
		};
	}

	/** This progress for a small part of the work: asked whether to cancel, but told nothing. */
	default Progress quiet() {
		return new ForwardingProgress(this) {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public void iterated(final Iterate iterate) { }
		};
	}

	/** This progress with a name before every stage. */
	default Progress named(final String name) {
		return new ForwardingProgress(this) {

			@Override
			public void update(final String stage, final double done) {
				super.update(name + ": " + stage, done);
			}
		};
	}
}
