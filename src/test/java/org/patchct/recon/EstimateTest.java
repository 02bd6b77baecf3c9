package org.patchct.recon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.SheppLogan;

class EstimateTest {

	private static final Grid GRID = Grid.cube(48, 1);

	private static final Projections SCAN = Simulation.scan(SheppLogan.volume(GRID), 1, ParallelBeam.covering(GRID,
		ScanGeometry.evenAngles(12, 0, 180)), NoiseModel.NONE, 0, "cpu", Progress.SILENT);

	private static final RunSettings RUN = new RunSettings("cpu", 0, null);

	/** Within what other work on the same machine may change; EstimateBench tells how good it is without. */
	@Test
	void timeIsOfTheRightSize() {
		for (final Reconstructor method : new Reconstructor[] { new Sirt(), new AdmmTv() }) {
			final double estimate = method.estimate(SCAN, GRID, RUN, Progress.SILENT).seconds();
			final long start = System.nanoTime();
			method.reconstruct(SCAN, GRID, RUN, Progress.SILENT);
			final double ratio = estimate / (System.nanoTime() - start) * 1e9;
			assertTrue(ratio > 0.15 && ratio < 7, method.description() + ": " + ratio);
		}
	}

	@Test
	void timeGrowsWithTheIterations() {
		final double few = new AdmmTv(AdmmTv.Settings.DEFAULT.withIterations(10, 5)).estimate(SCAN, GRID, RUN,
			Progress.SILENT).seconds();
		final double many = new AdmmTv(AdmmTv.Settings.DEFAULT.withIterations(1000, 5)).estimate(SCAN, GRID, RUN,
			Progress.SILENT).seconds();
		assertTrue(many > 10 * few, few + " " + many);
	}

	@Test
	void whatMemoryCannotHoldIsRefusedBeforeAnythingIsAllocated() {
		final Grid huge = new Grid(48, 48, 2_000_000_000, 1, 1, 1);
		for (final Reconstructor method : new Reconstructor[] { new Sirt(), new AdmmTv() })
			assertTrue(assertThrows(InvalidInputException.class, () -> method.estimate(SCAN, huge, RUN, Progress.SILENT))
				.getMessage().matches("(SIRT|ADMM-TV) of 48 x 48 x 2000000000 voxels .* GB of memory, and Java may use .*"));
	}

	@Test
	void probeCanBeCancelled() {
		final Progress cancelled = new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public boolean cancelled() {
				return true;
			}
		};
		for (final Reconstructor method : new Reconstructor[] { new Sirt(), new AdmmTv() })
			assertThrows(CancelledException.class, () -> method.estimate(SCAN, GRID, RUN, cancelled));
	}

	@Test
	void methodsThatTakeNoTimeTellNone() {
		assertEquals(Estimate.UNKNOWN, new Fbp().estimate(SCAN, GRID, RUN, Progress.SILENT));
	}
}
