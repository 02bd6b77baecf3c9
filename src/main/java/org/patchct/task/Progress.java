package org.patchct.task;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

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

	/** Offers an intermediate result for display; the callee must copy what it keeps. */
	default void preview(final Img<FloatType> intermediate) { }

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
		final Progress whole = this;
		return new Progress() {

			@Override
			public void update(final String stage, final double done) {
				whole.update(stage, from + (to - from) * done);
			}

			@Override
			public boolean cancelled() {
				return whole.cancelled();
			}

			@Override
			public void preview(final Img<FloatType> intermediate) {
				whole.preview(intermediate);
			}
		};
	}

	/** This progress with a name before every stage. */
	default Progress named(final String name) {
		final Progress plain = this;
		return new Progress() {

			@Override
			public void update(final String stage, final double done) {
				plain.update(name + ": " + stage, done);
			}

			@Override
			public boolean cancelled() {
				return plain.cancelled();
			}

			@Override
			public void preview(final Img<FloatType> intermediate) {
				plain.preview(intermediate);
			}
		};
	}
}
