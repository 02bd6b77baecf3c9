package org.patchct.projector.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.patchct.projector.Projector;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Processor;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/** Both inner loops of projections, of which only the faster one is used where the Java virtual machine has it. */
class SumKernelTest {

	/** Relative to the largest value. */
	private static final double ROUNDING = 2e-6;

	@Test
	void testsRunWithVectorInstructions() {
		assertTrue(Processor.vectors() || !Processor.fused(), "the build starts tests with " + Processor.OPTION);
	}

	@Test
	void kernelsAddScaledColumnsWithinARangeAndNothingOutsideIt() {
		final Random random = new Random(1);
		for (final int n : new int[] { 1, 7, 15, 16, 17, 33, 64, 65, 127, 128, 130, 250, 256, 300 })
			for (final int size : new int[] { 1, 2, 4, 5, 8, 9, 31 })
				for (final int z0 : new int[] { 0, n / 3 }) {
					final int z1 = n - n / 5;
					final float[][] columns = new float[size + 3][n];
					final int[] indices = new int[size];
					final float[] weights = new float[size], start = randomised(new float[n], random), expected = start.clone();
					for (final float[] column : columns)
						randomised(column, random);
					for (int i = 0; i < size; i++) {
						indices[i] = random.nextInt(columns.length);
						weights[i] = random.nextFloat() - 0.5f;
					}
					for (int z = z0; z < z1; z++) {
						double sum = start[z];
						for (int i = 0; i < size; i++)
							sum += (double) weights[i] * columns[indices[i]][z];
						expected[z] = (float) sum;
					}
					for (final SumKernel kernel : kernels()) {
						final float[] out = start.clone();
						kernel.add(columns, indices, weights, size, out, z0, z1);
						assertArrayEquals(expected, out, (float) ROUNDING * size, kernel + ", " + n + " slices from " + z0 + ", " +
							size + " terms");
					}
				}
	}

	@Test
	void projectionsAreTheSameAndTheAdjointIsTheTransposeWithEveryKernel() {
		for (final int nz : new int[] { 1, 7, 17, 64, 65, 250 }) {
			final Grid grid = new Grid(21, 18, nz, 1.1, 0.9, 1.3);
			final double[] angles = ScanGeometry.evenAngles(7, 10, 180);
			final ParallelBeam parallel = ParallelBeam.covering(grid, angles);
			assertAgree(kernel -> new CpuSliceProjector(grid, parallel, kernel));
			final ConeBeam cone = new ConeBeam(40, nz + 3, 1.5, 2, 0.5, 0.7, 0.3, 300, 500, Detector.FLAT,
				angles);
			assertAgree(kernel -> new CpuConeProjector(grid, cone, kernel));
		}
	}

	private static void assertAgree(final Function<SumKernel, Projector> maker) {
		final Random random = new Random(2);
		final List<Columns> forward = new ArrayList<>(), adjoint = new ArrayList<>(), back = new ArrayList<>();
		final Projector any = maker.apply(new PlainKernel());
		final Columns x = randomised(any.newVolume(), random), y = randomised(any.newProjections(), random);
		for (final SumKernel kernel : kernels()) {
			final Projector projector = maker.apply(kernel);
			final Columns ax = projector.newProjections(), aty = projector.newVolume(), backprojected = projector.newVolume();
			projector.forward(x, ax);
			projector.adjoint(y, aty);
			projector.backproject(y, backprojected);
			assertEquals(ax.dot(y), x.dot(aty), 1e-6 * ax.norm() * y.norm(), "adjoint of " + projector.geometry());
			forward.add(ax);
			adjoint.add(aty);
			back.add(backprojected);
		}
		for (final List<Columns> results : List.of(forward, adjoint, back))
			for (final Columns result : results)
				assertArrayEquals(results.get(0).data(), result.data(), any.geometry().toString());
	}

	private static List<SumKernel> kernels() {
		final SumKernel plain = new PlainKernel();
		return SumKernel.FASTEST instanceof PlainKernel ? List.of(plain) : List.of(plain, SumKernel.FASTEST);
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
