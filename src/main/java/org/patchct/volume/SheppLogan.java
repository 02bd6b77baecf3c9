package org.patchct.volume;

import java.util.ArrayList;
import java.util.List;

import org.patchct.task.Progress;

/**
 * The three-dimensional Shepp–Logan head phantom of Kak and Slaney (Principles of Computerized Tomographic Imaging, 1988,
 * table 3.1, with the authors' errata), whose ellipsoids are turned about z alone, so that parallel-beam projections are
 * known exactly. The chin points towards the first rows, as in the usual picture.
 */
public final class SheppLogan {

	/** Which values the ellipsoids have. */
	public enum Contrast {
		/** The original: soft tissues differ by 1 or 2 % of water, the skull is 2. */
		ORIGINAL(2, -0.98, -0.02, -0.02, 0.02, 0.02, 0.01, 0.01, 0.02, -0.02),
		/**
		 * Higher contrast, values 0 to 1 (Yu, Ye and Wang, Katsevich-type algorithms for variable radius spiral cone-beam
		 * CT, Proc. SPIE 5535, 2004), in the manner of Toft's two-dimensional one.
		 */
		MODIFIED(1, -0.8, -0.2, -0.2, 0.2, 0.2, 0.1, 0.1, 0.2, -0.2);

		private final double[] values;

		Contrast(final double... values) {
			this.values = values;
		}
	}

	/** x, y (up), z, semi-axes, rotation in degrees; the phantom's box reaches from −1 to 1. */
	private static final double[][] TABLE = { //
		{ 0, 0, 0, 0.69, 0.92, 0.9, 0 }, //
		{ 0, 0, 0, 0.6624, 0.874, 0.88, 0 }, //
		{ -0.22, 0, -0.25, 0.41, 0.16, 0.21, 108 }, //
		{ 0.22, 0, -0.25, 0.31, 0.11, 0.22, 72 }, //
		{ 0, 0.35, -0.25, 0.21, 0.25, 0.5, 0 }, //
		{ 0, 0.1, -0.25, 0.046, 0.046, 0.046, 0 }, //
		{ -0.08, -0.65, -0.25, 0.046, 0.023, 0.02, 0 }, //
		{ 0.06, -0.65, -0.25, 0.046, 0.023, 0.02, 90 }, //
		{ 0.06, -0.105, 0.625, 0.056, 0.04, 0.1, 90 }, //
		{ 0, 0.1, 0.625, 0.056, 0.056, 0.1, 0 } };

	/** Lines across a voxel along each of y and z; at 8 the error of a voxel's mean is far below that of any projector. */
	private static final int SAMPLES = 8;

	private SheppLogan() { }

	/**
	 * The ellipsoids, scaled so that the phantom's box just fits the grid: in a slice by the shorter side, along z by the
	 * height.
	 *
	 * @param amplitude value that stands for 1 in the table
	 */
	public static List<Ellipsoid> ellipsoids(final Grid grid, final Contrast contrast, final double amplitude) {
		final double inPlane = Math.min(grid.nx() * grid.dx(), grid.ny() * grid.dy()) / 2;
		final double height = grid.nz() * grid.dz() / 2;
		final List<Ellipsoid> ellipsoids = new ArrayList<>();
		for (int i = 0; i < TABLE.length; i++) {
			final double[] e = TABLE[i];
			ellipsoids.add(new Ellipsoid(amplitude * contrast.values[i], inPlane * e[0], -inPlane * e[1], height * e[2],
				inPlane * e[3], inPlane * e[4], height * e[5], e[6]));
		}
		return ellipsoids;
	}

	/** The ellipsoids with values 0 to 1, 1 being the attenuation at the end of {@link Intensity#ATTENUATION}'s window. */
	public static List<Ellipsoid> ellipsoids(final Grid grid) {
		return ellipsoids(grid, Contrast.MODIFIED, Intensity.ATTENUATION.high());
	}

	/** The phantom of {@link #ellipsoids(Grid)} as a volume of linear attenuations; each voxel is the mean over itself. */
	public static Volume volume(final Grid grid) {
		return volume(grid, Progress.SILENT);
	}

	/** Like {@link #volume(Grid)}, with progress, which may cancel. */
	public static Volume volume(final Grid grid, final Progress progress) {
		return new Volume("Shepp-Logan", Ellipsoid.render(ellipsoids(grid), grid, SAMPLES, progress), grid,
			Intensity.ATTENUATION);
	}
}
