package org.patchct.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;

class DivergentBeamTest {

	private static final double[] ANGLES = { -20, 33, 170 };

	private static FanBeam fan(final Detector detector) {
		return new FanBeam(41, 6, 1.3, 2, 3.5, -4, 100, 160, detector, ANGLES);
	}

	private static ConeBeam cone(final Detector detector) {
		return new ConeBeam(41, 16, 1.3, 2, 3.5, -1.25, -4, 100, 160, detector, ANGLES);
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void pointsOfARayFallOnItsBinAndRow(final Detector detector) {
		final Random random = new Random(3);
		for (final DivergentBeam beam : List.of(fan(detector), cone(detector)))
			for (int i = 0; i < 50; i++) {
				final View view = beam.view(random.nextInt(3));
				final double u = 41 * random.nextDouble(), v = beam.rows() * random.nextDouble(), t = 20 + 150 * random
					.nextDouble();
				final Ray ray = view.ray(u, v);
				assertEquals(1, Math.hypot(Math.hypot(ray.dx(), ray.dy()), ray.dz()), 1e-12);
				final double x = ray.x() + t * ray.dx(), y = ray.y() + t * ray.dy(), z = ray.z() + t * ray.dz();
				assertEquals(u, view.bin(x, y), 1e-9);
				if (beam instanceof ConeBeam cone) assertEquals(cone.q(v), z * view.nearness(x, y) * 160 / 100, 1e-9);
				else assertEquals((v - 2.5) * 2, z, 1e-12);
			}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void pixelsAreWhereTheirDefinitionPutsThem(final Detector detector) {
		final double theta = Math.toRadians(33);
		final double[] es = { Math.cos(theta), -Math.sin(theta) }, ed = { Math.sin(theta), Math.cos(theta) };
		final ConeBeam beam = cone(detector);
		final double p = (7 - 20 - 3.5) * 1.3, q = (12 - 7.5 + 1.25) * 2;
		final double along = detector == Detector.FLAT ? 160 : 160 * Math.cos(p / 160);
		final double across = detector == Detector.FLAT ? p : 160 * Math.sin(p / 160);
		final Ray ray = beam.view(1).ray(7, 12);
		for (int axis = 0; axis < 2; axis++) {
			final double source = -100 * ed[axis] - 4 * es[axis];
			assertEquals(source, axis == 0 ? ray.x() : ray.y(), 1e-12);
			final double length = Math.sqrt(along * along + across * across + q * q);
			assertEquals((along * ed[axis] + across * es[axis]) / length, axis == 0 ? ray.dx() : ray.dy(), 1e-12);
			assertEquals(q / length, ray.dz(), 1e-12);
		}
	}

	@ParameterizedTest
	@EnumSource(Detector.class)
	void coveringDetectorsSeeEveryCornerFromEveryAngle(final Detector detector) {
		final Grid grid = new Grid(30, 22, 12, 1, 1.4, 2);
		final double[] angles = ScanGeometry.evenAngles(90, 0, 360);
		final ConeBeam cone = ConeBeam.covering(grid, 70, 90, detector, angles);
		assertEquals(cone.bins(), FanBeam.covering(grid, 70, 90, detector, angles).bins());
		for (int view = 0; view < 90; view++)
			for (final int side : new int[] { -1, 1 }) {
				final double x = 15 * side, y = 15.4, z = 12;
				final double bin = cone.view(view).bin(x, y), q = z * cone.view(view).nearness(x, y) * 90 / 70;
				assertTrue(bin >= -0.5 && bin <= cone.bins() - 0.5, "bin " + bin + " of " + cone.bins());
				assertTrue(q <= cone.rows() * cone.rowPitch() / 2, "height " + q);
			}
	}

	@Test
	void refinedPixelsLieWithinTheirPixel() {
		final ConeBeam coarse = cone(Detector.FLAT), fine = coarse.refined(3);
		for (int u = 0; u < 41; u++)
			assertEquals(coarse.p(u), fine.p(3 * u + 1), 1e-12);
		for (int v = 0; v < 16; v++)
			assertEquals(coarse.q(v), (fine.q(3 * v) + fine.q(3 * v + 2)) / 2, 1e-12);
	}

	@Test
	void descriptionsSurviveBeingWritten() {
		for (final ScanGeometry geometry : List.of(fan(Detector.ARC), fan(Detector.FLAT), cone(Detector.ARC), cone(
			Detector.FLAT)))
		{
			final ScanJson json = new ScanJson(geometry, Grid.cube(6, 2), Intensity.HU);
			assertEquals(json, ScanJson.read(json.write()));
			assertEquals(json.hashCode(), ScanJson.read(json.write()).hashCode());
		}
	}

	@Test
	void damagedDescriptionsSayWhatIsWrong() {
		final String json = new ScanJson(cone(Detector.ARC), Grid.cube(6, 2), Intensity.HU).write();
		assertTrue(refusal(() -> ScanJson.read(json.replace("\"ARC\"", "\"BENT\""))).contains("shape is missing"));
		assertTrue(refusal(() -> ScanJson.read(json.replace("\"sourceToAxis\":100.0", "\"sourceToAxis\":-1"))).startsWith(
			"Source -1.0 mm from the axis"));
	}

	@Test
	void impossibleSourcesAreRefused() {
		assertTrue(refusal(() -> new FanBeam(4, 4, 1, 1, 0, 0, 100, 0, Detector.FLAT, ANGLES)).startsWith(
			"Source 100.0 mm from the axis and 0.0 mm from the detector"));
		assertTrue(refusal(() -> new FanBeam(400, 4, 1, 1, 0, 0, 100, 120, Detector.ARC, ANGLES)).contains(
			"must stay below 90"));
		assertTrue(refusal(() -> new ConeBeam(4, 4, 1, 1, 0, 0, Double.NaN, 100, 120, Detector.ARC, ANGLES)).startsWith(
			"Axis offset in mm, NaN"));
		assertTrue(refusal(() -> FanBeam.covering(Grid.cube(100, 1), 60, 100, Detector.FLAT, ANGLES)).startsWith(
			"Source 60.0 mm from the axis: it would pass through the volume, whose corners reach 71.0 mm."));
	}

	private static String refusal(final Runnable construction) {
		return assertThrows(InvalidInputException.class, construction::run).getMessage();
	}
}
