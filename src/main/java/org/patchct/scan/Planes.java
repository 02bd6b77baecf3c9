package org.patchct.scan;

/**
 * A stack of images of one size in a file. Images are read one at a time, so that the size of the whole is known before
 * room is made for any of it.
 */
public interface Planes {

	/** File, and variable in it, for messages. */
	String name();

	/** Pixels along the direction that is contiguous in the file. */
	int width();

	/** Pixels along the other. */
	int height();

	/** Number of images. */
	int count();

	/**
	 * One image, {@code values[i + width·j]}; the caller may change it.
	 *
	 * @param k 0 to {@link #count} − 1
	 * @throws org.patchct.task.InvalidInputException if the file is damaged or cannot be read
	 */
	float[] read(int k);

	/** "640 x 2 x 181", in the order width, height, count. */
	default String size() {
		return width() + " x " + height() + " x " + count();
	}
}
