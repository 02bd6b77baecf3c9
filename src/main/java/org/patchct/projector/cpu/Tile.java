package org.patchct.projector.cpu;

import org.patchct.volume.Grid;

/**
 * Voxel columns i0 ≤ i &lt; i1, j0 ≤ j &lt; j1.
 *
 * @param origin index of column (0, 0), which need not be in the tile
 * @param stride by how much the index grows from row to row; along a row it is 1
 */
record Tile(int i0, int i1, int j0, int j1, int origin, int stride) {

	/** Part of a volume, whose indices it keeps. */
	static Tile of(final Grid grid, final int i0, final int j0, final int side) {
		return new Tile(i0, Math.min(grid.nx(), i0 + side), j0, Math.min(grid.ny(), j0 + side), 0, grid.nx());
	}

	/** The same columns counted from 0. */
	Tile fromZero() {
		return new Tile(i0, i1, j0, j1, -i0 - j0 * (i1 - i0), i1 - i0);
	}

	/** Index of a column. */
	int index(final int i, final int j) {
		return origin + i + stride * j;
	}
}
