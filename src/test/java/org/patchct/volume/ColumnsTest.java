package org.patchct.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;

import org.junit.jupiter.api.Test;

class ColumnsTest {

	/** Relative; voxels themselves are rounded to 6e-8. */
	private static final double EXACT = 5e-9;

	@Test
	void scalarProductsAreMoreExactThanVoxels() {
		// More columns than a task has, and one slice only.
		for (final int[] shape : new int[][] { { 37, 53, 70 }, { 300, 250, 1 } }) {
			final Columns a = random(shape, 1), b = random(shape, 2);
			assertEquals(exact(a, b), a.dot(b), EXACT * exact(a, b));
			assertEquals(Math.sqrt(exact(a, a)), a.norm(), EXACT * a.norm());
		}
	}

	@Test
	void aStepOfDescentMovesBothVectors() {
		final int[] shape = { 9, 7, 5 };
		final Columns r = random(shape, 1), p = random(shape, 2), q = random(shape, 3), x = random(shape, 4);
		final Columns expectedX = x.copy().add(0.3f, p), expectedR = r.copy().add(-0.3f, q);
		final double squared = r.descend(0.3f, p, q, x);
		assertEquals(0, expectedX.add(-1, x).norm(), 1e-6);
		assertEquals(exact(r, r), squared, EXACT * squared);
		assertEquals(0, expectedR.add(-1, r).norm(), 1e-6);
	}

	private static double exact(final Columns a, final Columns b) {
		double sum = 0;
		for (int i = 0; i < a.data().length; i++)
			for (int k = 0; k < a.nz(); k++)
				sum += (double) a.data()[i][k] * b.data()[i][k];
		return sum;
	}

	private static Columns random(final int[] shape, final long seed) {
		final Columns columns = new Columns(shape[0], shape[1], shape[2]);
		final Random random = new Random(seed);
		for (final float[] column : columns.data())
			for (int k = 0; k < column.length; k++)
				column[k] = random.nextFloat();
		return columns;
	}
}
