package org.patchct.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnsAxialVariationTest {

	private static final TotalVariation<Columns> TV = new ColumnsAxialVariation();

	private static Columns random(final int slices, final long seed) {
		final SplittableRandom random = new SplittableRandom(seed);
		final Columns x = new Columns(3, 2, slices);
		for (final float[] column : x.data())
			for (int k = 0; k < slices; k++)
				column[k] = (float) random.nextGaussian();
		return x;
	}

	/** Dz x */
	private static Columns differences(final Columns x) {
		final Columns v = x.zeros();
		TV.split(x, List.of(v), 0);
		return v;
	}

	/** Dz* w */
	private static Columns adjoint(final Columns w) {
		final Columns out = w.zeros();
		TV.addTarget(List.of(w), 0, 1, out);
		return out;
	}

	@Test
	void differencesGoRound() {
		final Columns x = new Columns(1, 1, 4);
		x.data()[0] = new float[] { 1, 3, 2, 7 };
		assertArrayEquals(new float[] { 2, -1, 5, -6 }, differences(x).data()[0]);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 8, 17 })
	void targetIsFromTheAdjointAndTheLaplacianFromBoth(final int slices) {
		final Columns x = random(slices, 1), w = random(slices, 2);
		assertEquals(differences(x).dot(w), x.dot(adjoint(w)), 1e-5 * x.norm() * w.norm());
		final Columns laplacian = random(slices, 3), expected = laplacian.copy().scale(0.5f).add(0.7f * 3, x).add(0.7f,
			adjoint(differences(x)));
		final double inner = TV.addLaplacian(x, 0.7f, 3, 0.5f, laplacian);
		assertEquals(x.dot(laplacian), inner, 1e-9 * Math.abs(inner));
		assertEquals(0, laplacian.add(-1, expected).norm(), 1e-5 * expected.norm());
	}

	@ParameterizedTest
	@ValueSource(floats = { 0, 0.5f, 100 })
	void splitShrinksAndKeepsTheRest(final float threshold) {
		final Columns x = random(6, 4), v = random(6, 5), before = v.copy(), gradient = differences(x);
		final Columns target = x.zeros(), d = x.zeros(), u = x.zeros();
		for (int i = 0; i < v.data().length; i++)
			for (int k = 0; k < 6; k++) {
				final float value = before.data()[i][k];
				d.data()[i][k] = Math.signum(value) * Math.max(Math.abs(value) - threshold, 0);
				u.data()[i][k] = value - d.data()[i][k];
			}
		TV.addTarget(List.of(v), threshold, 2, target);
		assertEquals(0, target.add(-2, adjoint(d.copy().add(-1, u))).norm(), 1e-4);
		TV.split(x, List.of(v), threshold);
		assertEquals(0, v.add(-1, gradient.add(1, u)).norm(), 1e-5);
	}
}
