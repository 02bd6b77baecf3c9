package org.patchct.bench;

import org.patchct.diffusion.PatchDiffusion;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Thorax;

/**
 * What runs are said to take beside what they take, on scans of a thorax with 20 views at 64 and 128 voxels:
 * {@code mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.bench.EstimateBench}
 */
public final class EstimateBench {

	private EstimateBench() { }

	/** @param args sizes in place of 64 and 128 */
	public static void main(final String... args) {
		final RunSettings run = new RunSettings("cpu", 0, null);
		System.out.println("size  method            estimate s  probe s   run s   estimate / run");
		for (final String size : args.length == 0 ? new String[] { "64", "128" } : args) {
			final Grid grid = Grid.cube(Integer.parseInt(size), 400.0 / Integer.parseInt(size));
			final Projections scan = Simulation.scan(Thorax.create(grid, 1), 1, ParallelBeam.covering(grid, ScanGeometry
				.evenAngles(20, 0, 180)), new NoiseModel(1e5, 0), 0, "cpu", Progress.SILENT);
			for (final Reconstructor method : new Reconstructor[] { new AdmmTv(), new PatchDiffusion() }) {
				final long start = System.nanoTime();
				final double estimate = method.estimate(scan, grid, run, Progress.SILENT).seconds();
				final long middle = System.nanoTime();
				method.reconstruct(scan, grid, run, Progress.SILENT);
				final double probe = (middle - start) * 1e-9, real = (System.nanoTime() - middle) * 1e-9;
				System.out.printf("%4s  %-16s  %10.2f  %7.2f  %6.2f  %15.2f%n", size, method.description().replaceFirst(",.*", ""),
					estimate, probe, real, estimate / real);
			}
		}
	}
}
