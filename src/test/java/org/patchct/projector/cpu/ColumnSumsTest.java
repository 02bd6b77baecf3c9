package org.patchct.projector.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.patchct.projector.Projector;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

class ColumnSumsTest {

	/** Of a term, relative to the largest. */
	private static final double ROUNDING = 2e-6;

	@Test
	void scaledColumnsAreAddedWithinARangeAndNothingOutsideIt() {
		final Random random = new Random(1);
		for (final int n : new int[] { 1, 7, 15, 16, 17, 33, 64, 65, 127, 128, 130, 250, 256, 300 })
			for (final int size : new int[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 31, 600 })
				for (final int z0 : new int[] { 0, n / 3 }) {
					final int z1 = n - n / 5;
					final float[][] columns = new float[size + 3][n];
					final float[] start = randomised(new float[n], random), out = start.clone();
					final double[] expected = new double[n];
					for (int z = 0; z < n; z++)
						expected[z] = start[z];
					for (final float[] column : columns)
						randomised(column, random);
					final ColumnSums sums = new ColumnSums();
					for (int i = 0; i < size; i++) {
						final int index = random.nextInt(columns.length);
						final float weight = random.nextFloat() - 0.5f;
						sums.add(index, weight);
						for (int z = z0; z < z1; z++)
							expected[z] += (double) weight * columns[index][z];
					}
					sums.addTo(columns, out, z0, z1);
					for (int z = 0; z < n; z++)
						assertEquals(expected[z], out[z], z < z0 || z >= z1 ? 0 : ROUNDING * (size + 1), n + " slices from " + z0 +
							", " + size + " terms");
				}
	}

	@Test
	void spreadTermsAreTheTranspose() {
		final ColumnSums row = new ColumnSums();
		row.add(2, 0.5f);
		row.add(0, -3);
		final ColumnSums[] sums = ColumnSums.several(3);
		row.spread(1, sums);
		final float[][] columns = { { 10 }, { 4 } };
		final float[][] out = new float[3][1];
		for (int i = 0; i < 3; i++)
			sums[i].addTo(columns, out[i], 0, 1);
		assertArrayEquals(new float[][] { { -12 }, { 0 }, { 2 } }, out);
	}

	@Test
	void adjointIsTheTransposeForAnyNumberOfSlices() {
		final Random random = new Random(2);
		for (final int nz : new int[] { 1, 7, 17, 64, 65, 250 }) {
			final Grid grid = new Grid(21, 18, nz, 1.1, 0.9, 1.3);
			final double[] angles = ScanGeometry.evenAngles(7, 10, 180);
			for (final Projector projector : new Projector[] { new CpuSliceProjector(grid, ParallelBeam.covering(grid, angles)),
				new CpuConeProjector(grid, new ConeBeam(40, nz + 3, 1.5, 2, 0.5, 0.7, 0.3, 300, 500, Detector.FLAT, angles)) })
			{
				final Columns x = randomised(projector.newVolume(), random), y = randomised(projector.newProjections(), random);
				final Columns ax = projector.newProjections(), aty = projector.newVolume();
				projector.forward(x, ax);
				projector.adjoint(y, aty);
				assertEquals(ax.dot(y), x.dot(aty), 1e-6 * ax.norm() * y.norm(), "adjoint of " + projector.geometry());
			}
		}
	}

	private static Columns randomised(final Columns columns, final Random random) {
		for (final float[] column : columns.data())
			randomised(column, random);
		return columns;
	}

	private static float[] randomised(final float[] values, final Random random) {
		for (int k = 0; k < values.length; k++)
			values[k] = random.nextFloat() - 0.3f;
		return values;
	}
}
