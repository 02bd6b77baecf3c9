package org.patchct.volume;

import java.util.Random;

/** Smooth random texture: random values on a cubic lattice, interpolated trilinearly with smoothed weights. */
final class ValueNoise {

	/** The lattice repeats after this many points, a power of two. */
	private static final int PERIOD = 64;

	private final float[] lattice = new float[PERIOD * PERIOD * PERIOD];

	ValueNoise(final Random random) {
		for (int i = 0; i < lattice.length; i++)
			lattice[i] = 2 * random.nextFloat() - 1;
	}

	/** A value from −1 to 1; lattice points are 1 apart. */
	double at(final double x, final double y, final double z) {
		final int i = (int) Math.floor(x), j = (int) Math.floor(y), k = (int) Math.floor(z);
		final double u = smooth(x - i), v = smooth(y - j), w = smooth(z - k);
		return mix(mix(mix(point(i, j, k), point(i + 1, j, k), u), mix(point(i, j + 1, k), point(i + 1, j + 1, k), u), v),
			mix(mix(point(i, j, k + 1), point(i + 1, j, k + 1), u), mix(point(i, j + 1, k + 1), point(i + 1, j + 1, k + 1),
				u), v), w);
	}

	private float point(final int i, final int j, final int k) {
		final int mask = PERIOD - 1;
		return lattice[(i & mask) + PERIOD * ((j & mask) + PERIOD * (k & mask))];
	}

	private static double smooth(final double t) {
		return t * t * (3 - 2 * t);
	}

	private static double mix(final double a, final double b, final double t) {
		return a + t * (b - a);
	}
}
