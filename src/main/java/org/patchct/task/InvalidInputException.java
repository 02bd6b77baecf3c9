package org.patchct.task;

/**
 * Input that the user can mend. The message says what was given, what is allowed and what to do, and is shown to the
 * user as it is.
 */
public class InvalidInputException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	public InvalidInputException(final String message) {
		super(message);
	}

	public InvalidInputException(final String message, final Throwable cause) {
		super(message, cause);
	}
}
