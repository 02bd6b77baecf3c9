package org.patchct.diffusion;

/**
 * How patches are laid over a volume for one prediction of it.
 *
 * @param x where the tiling starts along x, 0 … P − 1
 * @param y the same along y
 * @param z the same along z
 * @param turn number of the orientation that the network sees the patches in, among those it has learned, counted on from
 *          the first again after the last; 0 is upright
 */
public record Placement(int x, int y, int z, int turn) {

	/** Where a volume begins, and upright. */
	public static final Placement ORIGIN = new Placement(0, 0, 0, 0);

	/** At an offset along x, y and z, turned so. */
	static Placement at(final int[] offset, final int turn) {
		return new Placement(offset[0], offset[1], offset[2], turn);
	}
}
