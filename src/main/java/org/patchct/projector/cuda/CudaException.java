package org.patchct.projector.cuda;

/** A GPU cannot do the work, or no longer; the message is the reason, a clause for a report. */
public final class CudaException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	public static final String NO_DRIVER = "no NVIDIA driver was found";

	private final boolean memory;

	CudaException(final String reason) {
		this(reason, null, false);
	}

	CudaException(final String reason, final Throwable cause) {
		this(reason, cause, false);
	}

	private CudaException(final String reason, final Throwable cause, final boolean memory) {
		super(reason, cause);
		this.memory = memory;
	}

	/** Less work, or the same at another time, may succeed. */
	static CudaException memory(final String detail) {
		return new CudaException("its memory does not suffice" + detail, null, true);
	}

	/** Whether memory is all that was wanting. */
	public boolean memory() {
		return memory;
	}
}
