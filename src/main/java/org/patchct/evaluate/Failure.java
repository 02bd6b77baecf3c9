package org.patchct.evaluate;

import java.util.function.Consumer;
import java.util.function.Supplier;

import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Mistake;

/** Why a method has no result, as a sentence for the user. */
final class Failure extends Exception {

	private static final long serialVersionUID = 1L;

	private Failure(final String message, final Throwable cause) {
		super(message, cause);
	}

	/**
	 * Does a method's work.
	 *
	 * @param log given the trace of what should not have happened
	 * @throws Failure if it fails
	 * @throws CancelledException if the user cancelled
	 */
	static <T> T of(final Supplier<T> work, final Consumer<String> log) throws Failure {
		try {
			return work.get();
		}
		catch (final CancelledException e) {
			throw e;
		}
		catch (final InvalidInputException e) {
			throw new Failure(e.getMessage(), e);
		}
		catch (final OutOfMemoryError e) {
			throw new Failure("Out of memory: choose a smaller size, or let Java use more.", e);
		}
		catch (final RuntimeException | LinkageError e) {
			throw new Failure(Mistake.report(e, log), e);
		}
	}
}
