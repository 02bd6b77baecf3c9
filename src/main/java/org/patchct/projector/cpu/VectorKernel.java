package org.patchct.projector.cpu;

import java.util.Arrays;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link SumKernel} by Java's Vector API: the sums of up to eight vectors stay in registers over all terms, so that a term
 * costs one load and one multiply-add for each. May be loaded only where {@link org.patchct.task.Processor#vectors} holds.
 */
final class VectorKernel implements SumKernel {

	private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

	/** Values in a vector. */
	private static final int LENGTH = SPECIES.length();

	/** Values in the longest block; it has enough sums to hide the four cycles that a multiply-add takes. */
	private static final int LONGEST = 8 * LENGTH;

	private final SumKernel shorter = new PlainKernel();

	@Override
	public void add(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final float[] out, final int z0, final int z1)
	{
		final int n = z1 - z0;
		if (n < LENGTH) {
			shorter.add(columns, indices, weights, size, out, z0, z1);
			return;
		}
		final int block = Math.min(LONGEST, Integer.highestOneBit(n / LENGTH) * LENGTH);
		final int rest = n % block;
		// What is left gets a block of its own, which overlaps those before it and so is worked out before they change.
		final int width = rest <= LENGTH ? LENGTH : Integer.highestOneBit((rest - 1) / LENGTH) * 2 * LENGTH;
		final float[] last = rest == 0 ? null : Arrays.copyOfRange(out, z1 - width, z1);
		if (rest > 0) addBlock(columns, indices, weights, size, z1 - width, last, 0, width);
		for (int z = z0; z + block <= z1; z += block)
			addBlock(columns, indices, weights, size, z, out, z, block);
		if (rest > 0) System.arraycopy(last, width - rest, out, z1 - rest, rest);
	}

	/** out[at + k] ← out[at + k] + Σ wᵢ · columnᵢ[z + k] for 0 ≤ k &lt; width: 1, 2, 4 or 8 vectors. */
	private static void addBlock(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final int z, final float[] out, final int at, final int width)
	{
		if (width == LONGEST) addEight(columns, indices, weights, size, z, out, at);
		else if (width == 4 * LENGTH) addFour(columns, indices, weights, size, z, out, at);
		else if (width == 2 * LENGTH) addTwo(columns, indices, weights, size, z, out, at);
		else addOne(columns, indices, weights, size, z, out, at);
	}

	private static void addEight(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final int z, final float[] out, final int at)
	{
		FloatVector s0 = load(out, at), s1 = load(out, at + LENGTH);
		FloatVector s2 = load(out, at + 2 * LENGTH), s3 = load(out, at + 3 * LENGTH);
		FloatVector s4 = load(out, at + 4 * LENGTH), s5 = load(out, at + 5 * LENGTH);
		FloatVector s6 = load(out, at + 6 * LENGTH), s7 = load(out, at + 7 * LENGTH);
		for (int i = 0; i < size; i++) {
			final float[] column = columns[indices[i]];
			final FloatVector weight = FloatVector.broadcast(SPECIES, weights[i]);
			s0 = load(column, z).fma(weight, s0);
			s1 = load(column, z + LENGTH).fma(weight, s1);
			s2 = load(column, z + 2 * LENGTH).fma(weight, s2);
			s3 = load(column, z + 3 * LENGTH).fma(weight, s3);
			s4 = load(column, z + 4 * LENGTH).fma(weight, s4);
			s5 = load(column, z + 5 * LENGTH).fma(weight, s5);
			s6 = load(column, z + 6 * LENGTH).fma(weight, s6);
			s7 = load(column, z + 7 * LENGTH).fma(weight, s7);
		}
		s0.intoArray(out, at);
		s1.intoArray(out, at + LENGTH);
		s2.intoArray(out, at + 2 * LENGTH);
		s3.intoArray(out, at + 3 * LENGTH);
		s4.intoArray(out, at + 4 * LENGTH);
		s5.intoArray(out, at + 5 * LENGTH);
		s6.intoArray(out, at + 6 * LENGTH);
		s7.intoArray(out, at + 7 * LENGTH);
	}

	private static void addFour(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final int z, final float[] out, final int at)
	{
		FloatVector s0 = load(out, at), s1 = load(out, at + LENGTH);
		FloatVector s2 = load(out, at + 2 * LENGTH), s3 = load(out, at + 3 * LENGTH);
		for (int i = 0; i < size; i++) {
			final float[] column = columns[indices[i]];
			final FloatVector weight = FloatVector.broadcast(SPECIES, weights[i]);
			s0 = load(column, z).fma(weight, s0);
			s1 = load(column, z + LENGTH).fma(weight, s1);
			s2 = load(column, z + 2 * LENGTH).fma(weight, s2);
			s3 = load(column, z + 3 * LENGTH).fma(weight, s3);
		}
		s0.intoArray(out, at);
		s1.intoArray(out, at + LENGTH);
		s2.intoArray(out, at + 2 * LENGTH);
		s3.intoArray(out, at + 3 * LENGTH);
	}

	private static void addTwo(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final int z, final float[] out, final int at)
	{
		FloatVector s0 = load(out, at), s1 = load(out, at + LENGTH);
		for (int i = 0; i < size; i++) {
			final float[] column = columns[indices[i]];
			final FloatVector weight = FloatVector.broadcast(SPECIES, weights[i]);
			s0 = load(column, z).fma(weight, s0);
			s1 = load(column, z + LENGTH).fma(weight, s1);
		}
		s0.intoArray(out, at);
		s1.intoArray(out, at + LENGTH);
	}

	private static void addOne(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final int z, final float[] out, final int at)
	{
		FloatVector s0 = load(out, at);
		for (int i = 0; i < size; i++) {
			final float[] column = columns[indices[i]];
			final FloatVector weight = FloatVector.broadcast(SPECIES, weights[i]);
			s0 = load(column, z).fma(weight, s0);
		}
		s0.intoArray(out, at);
	}

	private static FloatVector load(final float[] column, final int z) {
		return FloatVector.fromArray(SPECIES, column, z);
	}
}
