package org.patchct.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.Fbp;
import org.patchct.scan.Beam;
import org.patchct.scan.Detector;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Times the projectors and filtered back-projection beside a STREAM-like triad measured in the same run. The first two
 * arguments are voxels along a side and numbers of views, each one or several separated by commas, to see how time grows.
 * The third is the beam: Parallel (the default; half a turn), Fan or Cone (a full turn); the fourth the detector's shape,
 * the fifth the device (cpu).
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=org.patchct.bench.ProjectorBench -Dexec.args="64,128,256,512 60 Cone Flat"
 * </pre>
 */
public final class ProjectorBench {

	private ProjectorBench() { }

	public static void main(final String[] args) {
		final Beam beam = args.length > 2 ? Beam.valueOf(args[2].toUpperCase(Locale.ROOT)) : Beam.PARALLEL;
		final Detector shape = args.length > 3 ? Detector.valueOf(args[3].toUpperCase(Locale.ROOT)) : Detector.FLAT;
		final double triad = triad();
		System.out.printf("triad a = b + s c: %.1f GB/s; %d threads, Java %s%n", triad / 1e9, Parallel.threads(), System
			.getProperty("java.version"));
		for (final String n : (args.length > 0 ? args[0] : "256").split(","))
			for (final String views : (args.length > 1 ? args[1] : "60").split(","))
				measure(Grid.cube(Integer.parseInt(n), 1), Integer.parseInt(views), beam, shape, args.length > 4 ? args[4] : "cpu",
					triad);
	}

	private static void measure(final Grid grid, final int views, final Beam beam, final Detector shape,
		final String device, final double triad)
	{
		final Projector projector = Projectors.create(grid, beam.covering(grid, 0, 0, shape, ScanGeometry.evenAngles(views, 0,
			beam == Beam.PARALLEL ? 180 : 360)), device);
		final Columns x = projector.newVolume(), y = projector.newProjections();
		final Random random = new Random(1);
		for (final float[] column : x.data())
			for (int k = 0; k < column.length; k++)
				column[k] = random.nextFloat();
		System.out.printf("%d^3, %s, on %s%n", grid.nx(), projector.geometry(), projector.device());
		// The fewest bytes: each view reads the volume once and writes its projections once.
		final double bytes = 4.0 * (grid.voxels() * views + (double) y.nx() * y.ny() * y.nz());
		report("forward", median(() -> projector.forward(x, y)), bytes, triad);
		report("adjoint", median(() -> projector.adjoint(y, x)), bytes, triad);
		report("back", median(() -> projector.backproject(y, x)), bytes, triad);
		final Columns work = y.copy();
		report("FBP", median(() -> new Fbp().reconstruct(projector, work.set(y), Progress.SILENT)), bytes, triad);
	}

	private static void report(final String name, final double seconds, final double bytes, final double triad) {
		System.out.printf("%-10s %.3f s; streaming the volume once per view at the triad's rate: %.3f s; ratio %.2f%n",
			name, seconds, bytes / triad, seconds / (bytes / triad));
	}

	/** Bytes per second of a = b + s·c over arrays far larger than the caches. */
	private static double triad() {
		final int chunks = 64, length = 1 << 20;
		final float[][] a = new float[chunks][length], b = new float[chunks][length], c = new float[chunks][length];
		final double seconds = median(() -> Parallel.loop(chunks, i -> {
			final float[] ai = a[i], bi = b[i], ci = c[i];
			for (int k = 0; k < length; k++)
				ai[k] = bi[k] + 3f * ci[k];
		}));
		return 12.0 * chunks * length / seconds;
	}

	private static double median(final Runnable work) {
		for (int i = 0; i < 3; i++)
			work.run();
		final double[] seconds = new double[5];
		for (int i = 0; i < seconds.length; i++) {
			final long start = System.nanoTime();
			work.run();
			seconds[i] = (System.nanoTime() - start) / 1e9;
		}
		Arrays.sort(seconds);
		return seconds[seconds.length / 2];
	}
}
