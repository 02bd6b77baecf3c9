package org.patchct.io;

import java.util.function.Consumer;

import org.patchct.task.InvalidInputException;

/** Directions in space of a volume's axes. */
final class Directions {

	/** Cosines below this are taken for right angles, as {@link DicomFolder} takes them for the same orientation. */
	private static final double SLANT = 0.01;

	private Directions() { }

	static double length(final double[] vector) {
		double sum = 0;
		for (final double v : vector)
			sum += v * v;
		return Math.sqrt(sum);
	}

	/**
	 * Checks that axes are at right angles.
	 *
	 * @param what the file, to begin messages
	 * @param axes a vector of any length for each, null where it is not known
	 * @param warnings told if they are turned against the axes of space, which is not made use of
	 * @throws InvalidInputException if the axes are slanted, so that voxels are no boxes
	 */
	static void check(final String what, final double[][] axes, final Consumer<String> warnings) {
		boolean turned = false;
		for (int a = 0; a < axes.length; a++) {
			if (axes[a] == null) continue;
			for (int b = 0; b < a; b++)
				if (axes[b] != null && Math.abs(cosine(axes[a], axes[b])) > SLANT) throw new InvalidInputException(what +
					" has slanted axes " + (b + 1) + " and " + (a + 1) +
					". Only volumes whose axes are at right angles can be used: resample it, for example with 3D Slicer.");
			int along = 0;
			for (final double component : axes[a])
				if (Math.abs(component) > SLANT * length(axes[a])) along++;
			turned |= along > 1;
		}
		if (turned) warnings.accept(what + " is turned in space; its voxels are taken in the order in which they are stored.");
	}

	private static double cosine(final double[] a, final double[] b) {
		double sum = 0;
		for (int d = 0; d < Math.min(a.length, b.length); d++)
			sum += a[d] * b[d];
		return sum / (length(a) * length(b));
	}
}
