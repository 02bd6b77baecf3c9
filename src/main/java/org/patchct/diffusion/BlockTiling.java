package org.patchct.diffusion;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a volume into blocks as large as may be, each of which sees a margin of its surroundings. The answers for the
 * cores, which fill the volume without overlap, are kept; those for the margin, where the network knows but one side of
 * what is near, are not. Where a block reaches beyond the volume, it sees the volume mirrored.
 *
 * @param nx voxels of the volume along x
 * @param ny voxels along y
 * @param nz voxels along z
 * @param margin voxels that a block sees at least on every side of its core
 * @param multiple what the sides of blocks are multiples of
 */
record BlockTiling(int nx, int ny, int nz, int margin, int multiple) {

	/**
	 * A block along one axis.
	 *
	 * @param start first voxel that is seen, less than 0 in front of the volume
	 * @param length how many are seen
	 * @param from first voxel of the core
	 * @param to the one after its last
	 */
	record Span(int start, int length, int from, int to) {

		/** The voxel of a volume with {@code n} of them that is shown at place {@code i} of the block. */
		int shown(final int i, final int n) {
			final int place = Math.floorMod(start + i, 2 * n);
			return place < n ? place : 2 * n - 1 - place;
		}
	}

	/** A block. */
	record Block(Span x, Span y, Span z) {

		/** Voxels that are seen. */
		long voxels() {
			return (long) x.length * y.length * z.length;
		}
	}

	/**
	 * The blocks of a volume.
	 *
	 * @param longest most voxels of a core along each axis
	 * @param placement where groups of {@code multiple} voxels begin along each axis, as the network forms them
	 */
	List<Block> blocks(final int longest, final Placement placement) {
		final List<Block> blocks = new ArrayList<>();
		for (final Span z : spans(nz, longest, placement.z()))
			for (final Span y : spans(ny, longest, placement.y()))
				for (final Span x : spans(nx, longest, placement.x()))
					blocks.add(new Block(x, y, z));
		return blocks;
	}

	private List<Span> spans(final int n, final int longest, final int offset) {
		final int count = (n + longest - 1) / longest;
		final List<Span> spans = new ArrayList<>(count);
		for (int i = 0; i < count; i++) {
			final int from = boundary(i, count, n), to = i + 1 == count ? n : boundary(i + 1, count, n);
			final int start = from - margin - Math.floorMod(-margin - offset, multiple);
			spans.add(new Span(start, roundedUp(to + margin - start), from, to));
		}
		return spans;
	}

	/** At multiples, so that all blocks group voxels alike. */
	private int boundary(final int i, final int count, final int n) {
		return (int) ((long) i * n / count) / multiple * multiple;
	}

	/** Voxels that are seen in all blocks, on the average of all placements. */
	double meanVoxels(final int longest) {
		return meanLength(nx, longest) * meanLength(ny, longest) * meanLength(nz, longest);
	}

	private double meanLength(final int n, final int longest) {
		double sum = 0;
		for (int offset = 0; offset < multiple; offset++)
			for (final Span span : spans(n, longest, offset))
				sum += span.length;
		return sum / multiple;
	}

	private int roundedUp(final int length) {
		return (length + multiple - 1) / multiple * multiple;
	}
}
