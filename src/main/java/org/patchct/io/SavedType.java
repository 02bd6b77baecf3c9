package org.patchct.io;

/** How voxels are saved. */
public enum SavedType {

	/** 32-bit floating point: exact. */
	FLOAT32("Floating point", 4),

	/**
	 * 16-bit integers: Hounsfield units rounded to whole numbers; other values scaled to the whole 16-bit range, where the
	 * format can say so.
	 */
	INT16("Integers", 2);

	final int bytes;

	private final String text;

	SavedType(final String text, final int bytes) {
		this.text = text;
		this.bytes = bytes;
	}

	@Override
	public String toString() {
		return text;
	}
}
