package org.patchct.volume;

import org.patchct.task.InvalidInputException;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

/**
 * A scalar volume with its grid and the meaning of its values.
 *
 * @param name title, used to name results
 * @param img voxel values, (x, y, z), origin at 0
 * @param grid size and voxel size; its size equals that of {@code img}
 * @param intensity what the values mean
 */
public record Volume(String name, Img<FloatType> img, Grid grid, Intensity intensity) {

	public Volume {
		if (img.numDimensions() != 3 || img.dimension(0) != grid.nx() || img.dimension(1) != grid.ny() || img.dimension(
			2) != grid.nz()) throw new InvalidInputException("Image of " + java.util.Arrays.toString(img
				.dimensionsAsLongArray()) + " does not match a grid of " + grid + ".");
	}

	/** The same voxels under another name. */
	public Volume named(final String newName) {
		return new Volume(newName, img, grid, intensity);
	}
}
