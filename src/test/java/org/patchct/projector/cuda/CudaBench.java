package org.patchct.projector.cuda;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

import org.patchct.diffusion.CgDataConsistency;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.AdmmTv;
import org.patchct.scan.Beam;
import org.patchct.scan.Detector;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * Times the GPU's projectors: the whole call with its copies, the kernels alone, the processor for comparison, and the
 * card's memory bandwidth measured in the same run; and solvers with their vectors on the GPU and on the processor.
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=org.patchct.projector.cuda.CudaBench -Dexec.args="512 60"
 * </pre>
 */
public final class CudaBench {

	private CudaBench() { }

	public static void main(final String[] args) {
		final int n = args.length > 0 ? Integer.parseInt(args[0]) : 256;
		final int views = args.length > 1 ? Integer.parseInt(args[1]) : 60;
		final Grid grid = Grid.cube(n, 1);
		final double[] half = ScanGeometry.evenAngles(views, 0, 180), full = ScanGeometry.evenAngles(views, 0, 360);
		CudaDevices.report().forEach(System.out::println);
		final double bandwidth = bandwidth();
		System.out.printf("copy within the card %.0f GB/s%n", bandwidth / 1e9);
		for (final Beam beam : Beam.values()) {
			final ScanGeometry geometry = beam.covering(grid, 0, 0, Detector.FLAT, beam == Beam.PARALLEL ? half : full);
			System.out.printf("%d^3, %s%n", n, geometry);
			final CudaProjector gpu = new CudaProjector(grid, geometry, 0);
			final Projector cpu = Projectors.create(grid, geometry, "cpu");
			final Columns x = gpu.newVolume().fill(1), y = gpu.newProjections();
			// Each view reads or writes the volume once, if no cache keeps it from one view to the next.
			final double bytes = 4.0 * (grid.voxels() * views + (double) y.nx() * y.ny() * y.nz());
			report("Forward", gpu, () -> gpu.forward(x, y), () -> cpu.forward(x, y), bytes, bandwidth);
			report("Adjoint", gpu, () -> gpu.adjoint(y, x), () -> cpu.adjoint(y, x), bytes, bandwidth);
			report("Backproject", gpu, () -> gpu.backproject(y, x), () -> cpu.backproject(y, x), bytes, bandwidth);
			reportSolvers(gpu, y);
		}
	}

	private static void report(final String kernel, final CudaProjector gpu, final Runnable onGpu, final Runnable onCpu,
		final double bytes, final double bandwidth)
	{
		final double call = median(5, () -> seconds(onGpu)), alone = median(5, () -> gpu.seconds(kernel));
		final double processor = median(1, () -> seconds(onCpu));
		System.out.printf("%-12s call %.2f ms, kernels %.3f ms (%.0f GB/s of volume once per view, %.2f of the card's); " +
			"processor %.0f ms: %.0f times the call, %.0f times the kernels%n", kernel, 1e3 * call, 1e3 * alone, bytes / alone /
				1e9, bytes / alone / bandwidth, 1e3 * processor, processor / call, processor / alone);
	}

	/** Iterations of ADMM-TV and conjugate gradients with their vectors on the GPU, and with those on the processor. */
	private static void reportSolvers(final CudaProjector gpu, final Columns y) {
		final Columns x = gpu.newVolume();
		final AdmmTv admm = new AdmmTv(AdmmTv.Settings.DEFAULT.withIterations(4, 5));
		final Projector host = new HostVectors(gpu);
		final CgDataConsistency onGpu = new CgDataConsistency(gpu, y, 0, 1, 5, 0, 0), onHost = new CgDataConsistency(host, y,
			0, 1, 5, 0, 0);
		reportSolver("ADMM-TV, 4 x 5 iterations", () -> admm.solve(gpu, y, x, Progress.SILENT, AdmmTv.Listener.NONE),
			() -> admm.solve(host, y, x, Progress.SILENT, AdmmTv.Listener.NONE));
		reportSolver("data step, 5 iterations of CG", () -> onGpu.apply(x, 1, Progress.SILENT), () -> onHost.apply(x, 1,
			Progress.SILENT));
	}

	private static void reportSolver(final String name, final Runnable onGpu, final Runnable onHost) {
		final double resident = median(3, () -> seconds(onGpu)), host = median(1, () -> seconds(onHost));
		System.out.printf("%s: vectors on the GPU %.2f ms, on the processor %.2f ms, %.1f times as long%n", name, 1e3 *
			resident, 1e3 * host, host / resident);
	}

	/** Bytes read and written per second of a copy within the card, 512 MiB to 512 MiB. */
	private static double bandwidth() {
		final CudaDevice device = CudaDevices.open(0);
		final long size = 512L << 20;
		synchronized (device) {
			device.occupy(CudaBench.class, 2 * size);
			final CUdeviceptr from = device.at(0), to = device.at(size);
			return 2 * size / median(5, () -> seconds(() -> {
				CudaDevices.check(JCudaDriver.cuMemcpyDtoD(to, from, size));
				CudaDevices.check(JCudaDriver.cuCtxSynchronize());
			}));
		}
	}

	private static double seconds(final Runnable work) {
		final long start = System.nanoTime();
		work.run();
		return (System.nanoTime() - start) / 1e9;
	}

	/** After one run to warm up. */
	private static double median(final int runs, final DoubleSupplier timed) {
		timed.getAsDouble();
		final double[] seconds = new double[runs];
		for (int i = 0; i < runs; i++)
			seconds[i] = timed.getAsDouble();
		Arrays.sort(seconds);
		return seconds[runs / 2];
	}
}
