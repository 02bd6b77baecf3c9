package org.patchct.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

class ParallelBeamTest {

	@Test
	void detectorCoversTheDiagonal() {
		assertEquals(363, ParallelBeam.covering(Grid.cube(256, 0.7), new double[] { 0 }).bins());
		assertEquals(725, ParallelBeam.covering(Grid.cube(512, 0.7), new double[] { 0 }).bins());
		final Grid flat = new Grid(30, 10, 4, 1, 2, 5);
		final ParallelBeam geometry = ParallelBeam.covering(flat, new double[] { 0 });
		assertEquals(43, geometry.bins());
		assertEquals(4, geometry.rows());
		assertEquals(5, geometry.rowPitch());
	}

	@Test
	void evenAnglesLeaveOutTheEnd() {
		assertArrayEquals(new double[] { 10, 55, 100, 145 }, ScanGeometry.evenAngles(4, 10, 180), 1e-12);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -3, 1_000_000 })
	void impossibleNumbersOfViewsAreRefused(final int views) {
		final String message = assertThrows(InvalidInputException.class, () -> ScanGeometry.evenAngles(views, 0, 180))
			.getMessage();
		assertEquals("Number of views " + views + ": it must be from 1 to 100000.", message);
	}

	@Test
	void anglesMustBeGivenAndIncrease() {
		assertEquals(ScanGeometry.NO_ANGLES, refusal());
		assertTrue(refusal(0, 10, 10).startsWith("View angles must increase: view 1 is at 10.0"));
		assertTrue(refusal(0, Double.NaN).contains("NaN"));
	}

	private static String refusal(final double... angles) {
		return assertThrows(InvalidInputException.class, () -> new ParallelBeam(4, 4, 1, 1, 0, angles)).getMessage();
	}

	@Test
	void refinedBinsLieWithinTheirBin() {
		final ParallelBeam coarse = new ParallelBeam(7, 3, 1.5, 2, 0.4, new double[] { 0 });
		final ParallelBeam fine = coarse.refined(3);
		for (int u = 0; u < 7; u++)
			assertEquals(coarse.s(u), (fine.s(3 * u) + fine.s(3 * u + 1) + fine.s(3 * u + 2)) / 3, 1e-12);
	}
}
