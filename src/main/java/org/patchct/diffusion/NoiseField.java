package org.patchct.diffusion;

import java.util.SplittableRandom;

import org.patchct.volume.Columns;

/**
 * A field of independent standard Gaussians over the columns of a volume. Every column is its own stream, keyed by the
 * field and the column's index, so the values do not depend on the number of threads or on the order in which columns
 * are asked for, and nothing is stored.
 * <p>
 * Streams are {@link SplittableRandom}s (SplitMix64; Steele, Lea and Flood, 2014) whose seeds are hashed with the same
 * finaliser; its Gaussians come from McFarland's modified ziggurat (2016), the JDK's default.
 * </p>
 *
 * @param key identifies the field; make it with {@link #of}
 */
public record NoiseField(long key) {

	/** Odd integer nearest to 2⁶⁴ over the golden ratio: the Weyl increment of SplitMix64. */
	private static final long GOLDEN = 0x9E3779B97F4A7C15L;

	/** The field of a seed and a path of indices, such as step, pass and purpose; different paths are independent. */
	public static NoiseField of(final long seed, final long... path) {
		long key = mix(seed + GOLDEN);
		for (final long index : path)
			key = mix(key + GOLDEN * (2 * index + 1));
		return new NoiseField(key);
	}

	/** A generator for everything that is not a field, such as offsets, on a stream of its own. */
	public SplittableRandom random() {
		return column(-1);
	}

	/** The stream of one column. */
	public SplittableRandom column(final long index) {
		return new SplittableRandom(mix(key ^ mix((index + 1) * GOLDEN)));
	}

	/** x ← signal · x + noise · z with z this field. */
	public Columns mixInto(final Columns x, final float signal, final float noise) {
		x.forColumns(i -> {
			final SplittableRandom random = column(i);
			final float[] column = x.data()[i];
			for (int k = 0; k < column.length; k++)
				column[k] = signal * column[k] + noise * (float) random.nextGaussian();
		});
		return x;
	}

	/** Finaliser of SplitMix64 (Stafford's variant 13 of MurmurHash3's). */
	private static long mix(final long bits) {
		long z = bits;
		z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
		z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
		return z ^ (z >>> 31);
	}
}
