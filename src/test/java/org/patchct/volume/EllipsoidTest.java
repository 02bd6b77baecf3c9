package org.patchct.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.junit.jupiter.api.Test;
import org.patchct.scan.EllipsoidScan;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;

class EllipsoidTest {

	private static final Grid GRID = new Grid(61, 48, 33, 1.5, 1.7, 2.3);

	private static final ParallelBeam SCAN = ParallelBeam.covering(GRID, ScanGeometry.evenAngles(7, 3, 180));

	@Test
	void lineIntegralsAreThoseOfTheIndicatorSummedAlongTheRay() {
		final List<Ellipsoid> ellipsoids = SheppLogan.ellipsoids(GRID);
		final Random random = new Random(5);
		for (int ray = 0; ray < 40; ray++) {
			final double degrees = 360 * random.nextDouble(), s = 60 * (random.nextDouble() - 0.5), z = 70 * (random
				.nextDouble() - 0.5), rise = 0.6 * (random.nextDouble() - 0.5);
			final double dx = Math.sin(Math.toRadians(degrees)) * Math.sqrt(1 - rise * rise);
			final double dy = Math.cos(Math.toRadians(degrees)) * Math.sqrt(1 - rise * rise);
			final double step = 0.002;
			double summed = 0, exact = 0;
			for (final Ellipsoid ellipsoid : ellipsoids) {
				exact += ellipsoid.chords().lineIntegral(s * dy, -s * dx, z, dx, dy, rise);
				for (double t = -60; t < 60; t += step)
					if (ellipsoid.contains(s * dy + t * dx, t * dy - s * dx, z + t * rise)) summed += step * ellipsoid.value();
			}
			assertEquals(summed, exact, 10 * 2 * step * Intensity.ATTENUATION.high(), "ray " + s + " mm, " + degrees +
				" degrees, " + z + " mm, rising " + rise);
		}
	}

	@Test
	void meansOverABinAreThoseOfItsRays() {
		final Ellipsoid ellipsoid = new Ellipsoid(2, 3, -4, 1, 12, 7, 9, 31);
		final Ellipsoid.Shadow shadow = ellipsoid.shadow(70);
		final double pitch = 1.5, cos = Math.cos(Math.toRadians(70)), sin = Math.sin(Math.toRadians(70));
		final int rays = 2000;
		// The shadow reaches over both ends of this row of bins, and lies within it in the second round.
		for (final int n : new int[] { 5, 40 }) {
			final double[] bins = new double[n];
			shadow.addMeans(2, -n * pitch / 2, pitch, 0.5, bins);
			for (int u = 0; u < n; u++) {
				double sum = 0;
				for (int i = 0; i < rays; i++) {
					final double s = pitch * (u - n / 2.0 + (i + 0.5) / rays);
					sum += ellipsoid.chords().lineIntegral(s * cos, -s * sin, 2, sin, cos, 0);
				}
				assertEquals(sum / rays, bins[u] / 0.5, 1e-3);
			}
		}
	}

	@Test
	void everyViewHoldsTheWholeMass() {
		final List<Ellipsoid> ellipsoids = SheppLogan.ellipsoids(GRID);
		double mass = 0;
		for (final Ellipsoid ellipsoid : ellipsoids)
			mass += ellipsoid.mass();
		final Img<FloatType> img = EllipsoidScan.averaged(ellipsoids, SCAN, 16);
		for (final float[] view : Layouts.planes(img))
			assertEquals(mass, sum(view) * SCAN.binPitch() * SCAN.rowPitch(), 1e-3 * mass);
	}

	@Test
	void everyRowHoldsTheMassOfItsSlice() {
		final Volume volume = SheppLogan.volume(GRID);
		final float[][] slices = Layouts.planes(volume.img());
		final float[][] views = Layouts.planes(EllipsoidScan.averaged(SheppLogan.ellipsoids(GRID), SCAN, 8));
		final double whole = sum(slices[GRID.nz() / 2]) * GRID.dx() * GRID.dy();
		for (int k = 0; k < GRID.nz(); k++) {
			final float[] row = new float[SCAN.bins()];
			System.arraycopy(views[4], k * row.length, row, 0, row.length);
			assertEquals(sum(slices[k]) * GRID.dx() * GRID.dy(), sum(row) * SCAN.binPitch(), 2e-3 * whole, "slice " + k);
		}
	}

	@Test
	void renderedMassIsExactAndVoxelsInsideAndOutsideAreFlat() {
		final Ellipsoid ellipsoid = new Ellipsoid(0.7, 2.2, -3.1, 1.3, 20, 9, 15, 25);
		final float[][] planes = Layouts.planes(Ellipsoid.render(List.of(ellipsoid), GRID, 8));
		double sum = 0;
		for (int k = 0; k < GRID.nz(); k++)
			for (int j = 0; j < GRID.ny(); j++)
				for (int i = 0; i < GRID.nx(); i++) {
					final float value = planes[k][i + GRID.nx() * j];
					sum += value;
					int corners = 0;
					for (int c = 0; c < 8; c++)
						if (ellipsoid.contains(GRID.x(i + (c & 1) - 0.5), GRID.y(j + (c >> 1 & 1) - 0.5), GRID.z(k + (c >> 2) -
							0.5))) corners++;
					if (corners == 8) assertEquals(0.7f, value, 1e-6f);
					assertTrue(value >= 0 && value <= 0.7f + 1e-6f);
				}
		assertEquals(ellipsoid.mass(), sum * GRID.dx() * GRID.dy() * GRID.dz(), 2e-4 * ellipsoid.mass());
		assertEquals(0f, planes[0][0]);
	}

	@Test
	void theHeadStandsUprightOnTheScreen() {
		// The large bright ellipsoid of the table lies above the centre, the three small ones below it.
		final Grid grid = Grid.cube(128, 1);
		final float[] slice = Layouts.planes(SheppLogan.volume(grid).img())[48];
		final double one = Intensity.ATTENUATION.high();
		assertEquals(0.4 * one, slice[64 + 128 * 41], 1e-6);
		assertEquals(0.2 * one, slice[64 + 128 * 86], 1e-6);
		assertEquals(one, slice[64 + 128 * 8], 1e-6);
		assertEquals(0, slice[0]);
	}

	private static double sum(final float[] values) {
		double sum = 0;
		for (final float value : values)
			sum += value;
		return sum;
	}
}
