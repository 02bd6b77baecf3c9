package org.patchct.bench;

import java.util.Locale;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.AdmmTv;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Times ADMM-TV on a ball in parallel beam, and how much of that its projections take: voxels along a side, views, outer
 * iterations, iterations of conjugate gradients in each, and the device (cpu).
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.bench.SolverBench \
 *   -Dexec.args="128 60 10 5"
 * </pre>
 */
public final class SolverBench {

	/** Radius of the ball, share of the side. */
	private static final double RADIUS = 0.4;

	private SolverBench() { }

	public static void main(final String[] args) {
		final int n = Integer.parseInt(args[0]), views = Integer.parseInt(args[1]);
		final AdmmTv.Settings settings = AdmmTv.Settings.DEFAULT.withIterations(Integer.parseInt(args[2]), Integer.parseInt(
			args[3]));
		final Grid grid = Grid.cube(n, 1);
		final Projector projector = Projectors.create(grid, ParallelBeam.covering(grid, ScanGeometry.evenAngles(views, 0, 180)),
			args.length > 4 ? args[4] : "cpu");
		final Columns truth = projector.newVolume(), y = projector.newProjections(), x = projector.newVolume();
		for (int i = 0; i < truth.data().length; i++)
			for (int k = 0; k < n; k++)
				if (Math.hypot(Math.hypot(i % n - n / 2, i / n - n / 2), k - n / 2) < RADIUS * n) truth.data()[i][k] = 0.5f;
		projector.forward(truth, y);
		for (int run = 0; run < 3; run++) {
			x.fill(0);
			final long start = System.nanoTime();
			new AdmmTv(settings).solve(projector, y, x, Progress.SILENT, (iterate, i) -> { });
			final double seconds = (System.nanoTime() - start) * 1e-9, projections = projections(projector, settings, y);
			System.out.printf(Locale.ROOT, "%d^3 x %d views, %d x %d iterations on %s, %d threads: %.2f s, of which projections " +
				"%.2f s, the rest %.0f %%; PSNR %.2f dB%n", n, views, settings.iterations(), settings.cgIterations(), projector
					.device(), Parallel.threads(), seconds, projections, 100 * (1 - projections / seconds), TvBench.psnr(x, truth));
		}
	}

	/** Time of as many projections as a run takes: two for each product with A*A, one of which starts every solve. */
	private static double projections(final Projector projector, final AdmmTv.Settings settings, final Columns y) {
		final Columns x = projector.newVolume(), data = y.copy();
		// The operator's norm takes eight products, the first residual one, A*y half a one.
		final int products = settings.iterations() * settings.cgIterations() + 9;
		final long start = System.nanoTime();
		for (int i = 0; i < products; i++) {
			projector.adjoint(data, x);
			projector.forward(x, data);
			data.scale((float) (1 / data.norm()));
		}
		return (System.nanoTime() - start) * 1e-9;
	}
}
