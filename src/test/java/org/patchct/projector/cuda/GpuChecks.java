package org.patchct.projector.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

import org.patchct.diffusion.AxialAdmm;
import org.patchct.diffusion.CgDataConsistency;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.projector.WeightedProjector;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Sirt;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.FanBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * What a GPU must do, real or emulated. Run by {@link CudaProjectorTest}: with a real GPU in its own JVM, emulated in a
 * child, whose {@code main} this is: an argument names the check, and the exit status tells whether it held.
 */
public final class GpuChecks {

	/** Relative L2 difference from the processor's projector. */
	private static final double AGREEMENT = 1e-5;

	/** Relative L2 difference of a solve from one with the same projector and vectors on the processor. */
	private static final double ARITHMETIC = 1e-6;

	/**
	 * Too few iterations for rounding to grow: with 30 of ADMM-TV 1e-7 in y makes 1e-5 to 5e-5 in x on the processor alone,
	 * and so it does with more than 5 of conjugate gradients. Fewer still where ten times less is allowed.
	 */
	private static final AdmmTv FEW = new AdmmTv(AdmmTv.Settings.DEFAULT.withIterations(10, 5)), FEWER = new AdmmTv(
		AdmmTv.Settings.DEFAULT.withIterations(3, 1));

	/** |⟨A x, y⟩ − ⟨x, A* y⟩| / ‖A x‖‖y‖. */
	private static final double ADJOINTNESS = 1e-6;

	private GpuChecks() { }

	public static void main(final String[] args) {
		switch (args[0]) {
			case "agreement" -> agreement();
			case "slabs" -> slabs();
			case "refused" -> refused(args[1]);
			case "lost" -> lost();
			case "solvers" -> solvers();
			case "solverAmongOthers" -> solverAmongOthers();
			case "solverOnSlabs" -> solverOnSlabs();
			case "solverLost" -> solverLost();
			case "solverWithoutMemory" -> solverWithoutMemory();
			default -> throw new IllegalArgumentException(args[0]);
		}
	}

	private static Map<Grid, Map<String, ScanGeometry>> scans() {
		final Map<Grid, Map<String, ScanGeometry>> scans = new LinkedHashMap<>();
		final Grid flat = new Grid(21, 26, 7, 0.8, 1.1, 0.6), tall = new Grid(9, 6, 150, 1.2, 0.9, 0.5), slice = new Grid(30,
			27, 1, 0.7, 0.5, 2);
		final double[] angles = { -3, 0, 31, 45, 77.5, 90, 140, 200, 271 };
		for (final Grid grid : new Grid[] { flat, tall, slice }) {
			final Map<String, ScanGeometry> some = new LinkedHashMap<>();
			final int nz = grid.nz();
			some.put("parallel", ParallelBeam.covering(grid, angles));
			some.put("parallel, narrow bins off the axis", new ParallelBeam(70, nz, 0.21, grid.dz(), 7.3, angles));
			some.put("parallel, wide bins", new ParallelBeam(14, nz, 2.9, grid.dz(), -0.6, angles));
			for (final Detector detector : Detector.values()) {
				some.put("fan, " + detector, FanBeam.covering(grid, 60, 100, detector, angles));
				some.put("fan off the axis, " + detector, new FanBeam(60, nz, 0.7, grid.dz(), 3.3, 1.7, 40, 71, detector,
					angles));
				some.put("fan from beside a corner, " + detector, new FanBeam(60, nz, 0.9, grid.dz(), 0, 0, 0.51 * Math.hypot(grid
					.nx() * grid.dx(), grid.ny() * grid.dy()), 40, detector, angles));
				some.put("cone, " + detector, ConeBeam.covering(grid, 90, 130, detector, angles));
				some.put("cone off the axis, " + detector, new ConeBeam(50, nz + 9, 0.9, 0.8 * grid.dz(), -2.2, 1.9, -1.3, 45, 71,
					detector, angles));
			}
			scans.put(grid, some);
		}
		return scans;
	}

	/** Forward, adjoint and back-projection are those of the processor, and a matched pair. */
	static void agreement() {
		scans().forEach((grid, scans) -> scans.forEach((name, geometry) -> compare(name + " on " + grid,
			new CudaProjector(grid, geometry, 0))));
	}

	/** The same from volumes that do not fit the GPU's memory, of which it has 230 kB. */
	private static void slabs() {
		final Grid grid = new Grid(16, 18, 100, 1, 1.2, 0.9);
		final double[] angles = { 0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240 };
		for (final ScanGeometry geometry : new ScanGeometry[] { ParallelBeam.covering(grid, angles), FanBeam.covering(grid, 60,
			100, Detector.ARC, angles), ConeBeam.covering(grid, 60, 100, Detector.FLAT, angles) }) {
			final CudaProjector projector = new CudaProjector(grid, geometry, 0);
			if (projector.slices() >= grid.nz()) throw new AssertionError("one slab only for " + geometry);
			compare(projector.slices() + " slices at a time of " + geometry, projector);
		}
	}

	private static void compare(final String name, final CudaProjector gpu) {
		final Projector cpu = Projectors.create(gpu.grid(), gpu.geometry(), "cpu");
		final SplittableRandom random = new SplittableRandom(4);
		final Columns x = randomised(cpu.newVolume(), random), y = randomised(cpu.newProjections(), random);
		final Columns expected = cpu.newProjections(), forward = cpu.newProjections().fill(Float.NaN);
		cpu.forward(x, expected);
		gpu.forward(x, forward);
		require(name + ": forward", difference(forward, expected), AGREEMENT);
		final Columns expectedVolume = cpu.newVolume(), adjoint = cpu.newVolume().fill(Float.NaN);
		cpu.adjoint(y, expectedVolume);
		gpu.adjoint(y, adjoint);
		require(name + ": adjoint", difference(adjoint, expectedVolume), AGREEMENT);
		require(name + ": adjointness", Math.abs(forward.dot(y) - x.dot(adjoint)) / (forward.norm() * y.norm()), ADJOINTNESS);
		cpu.backproject(y, expectedVolume);
		gpu.backproject(y, adjoint.fill(Float.NaN));
		require(name + ": back-projection", difference(adjoint, expectedVolume), AGREEMENT);
	}

	private static double difference(final Columns found, final Columns expected) {
		return found.copy().add(-1, expected).norm() / expected.norm();
	}

	private static Columns randomised(final Columns columns, final SplittableRandom random) {
		for (final float[] column : columns.data())
			for (int k = 0; k < column.length; k++)
				column[k] = (float) random.nextDouble() - 0.3f;
		return columns;
	}

	private static void require(final String what, final double error, final double limit) {
		System.out.printf(Locale.ROOT, "%s %.2g%n", what, error);
		if (!(error <= limit)) throw new AssertionError(what + " " + error + " exceeds " + limit);
	}

	/** A GPU that cannot be used is named with the reason, and the processor works instead. */
	private static void refused(final String reason) {
		final Grid grid = Grid.cube(12, 1);
		final ParallelBeam geometry = ParallelBeam.covering(grid, new double[] { 10, 60 });
		for (int attempt = 0; attempt < 2; attempt++)
			for (final String device : new String[] { "auto", "cuda", "cuda:0" }) {
				requireDevice(Projectors.create(grid, geometry, device).device(), "cpu");
				requireDevice(Projectors.device(device), "cpu (not cuda:0: " + reason);
			}
	}

	/** A GPU that fails in the middle of the work: the same call ends on the processor, and later ones stay there. */
	private static void lost() {
		final Grid grid = Grid.cube(12, 1);
		final ParallelBeam geometry = ParallelBeam.covering(grid, new double[] { 10, 60, 100, 110, 120 });
		final Projector projector = Projectors.create(grid, geometry, "auto"), cpu = Projectors.create(grid, geometry, "cpu");
		requireDevice(projector.device(), "cuda:0 (emulated)");
		final Columns x = randomised(cpu.newVolume(), new SplittableRandom(1));
		final Columns y = cpu.newProjections(), expected = cpu.newProjections();
		projector.forward(x, y.fill(Float.NaN));
		cpu.forward(x, expected);
		if (difference(y, expected) != 0) throw new AssertionError("not the processor's result");
		final String reason = "cpu (not cuda:0 (emulated): it failed or was lost (CUDA_ERROR_LAUNCH_FAILED))";
		requireDevice(projector.device(), reason);
		requireDevice(Projectors.device("auto"), reason.replace(" (emulated)", ""));
		requireDevice(Projectors.create(grid, geometry, "auto").device(), "cpu");
	}

	private static final Grid SOLVED = new Grid(17, 14, 6, 0.8, 1.1, 0.9);

	private static List<ScanGeometry> solvedScans(final Grid grid) {
		final double[] angles = { -3, 0, 31, 45, 77.5, 90, 140, 200, 271 };
		return List.of(ParallelBeam.covering(grid, angles), FanBeam.covering(grid, 60, 100, Detector.ARC, angles), ConeBeam
			.covering(grid, 60, 100, Detector.FLAT, angles));
	}

	/** Solvers with their vectors on the GPU find what they find on the processor, and the same bits each time. */
	static void solvers() {
		for (final ScanGeometry geometry : solvedScans(SOLVED)) {
			final Projector gpu = new CudaProjector(SOLVED, geometry, 0), cpu = Projectors.create(SOLVED, geometry, "cpu");
			final Columns weights = randomised(cpu.newProjections(), new SplittableRandom(9)).affine(1, 0.5f);
			final long room = room();
			compareSolvers(geometry.toString(), gpu, cpu);
			compareSolvers(geometry + ", weighted", new WeightedProjector(gpu, weights), new WeightedProjector(cpu, weights));
			final Columns y = measured(cpu);
			require(geometry + ": ADMM-TV's arithmetic", difference(solved(FEWER, gpu, y, AdmmTv.Listener.NONE), solved(FEWER,
				new HostVectors(gpu), y, AdmmTv.Listener.NONE)), ARITHMETIC);
			require(geometry + ": SIRT", difference(sirt(y, geometry, "cuda:0"), sirt(y, geometry, "cpu")), AGREEMENT);
			cancel(gpu, y);
			if (room() != room) throw new AssertionError("memory for " + (room - room()) + " bytes less than before");
		}
	}

	/** Bytes. */
	private static long room() {
		return CudaDevices.open(0).work(CudaDevices.open(0)::room);
	}

	private static void compareSolvers(final String name, final Projector gpu, final Projector cpu) {
		final Columns y = measured(cpu);
		require(name + ": norm", Math.abs(gpu.normSquared() / cpu.normSquared() - 1), AGREEMENT);
		final Columns found = solved(FEW, gpu, y, AdmmTv.Listener.NONE);
		require(name + ": ADMM-TV", difference(found, solved(FEW, cpu, y, AdmmTv.Listener.NONE)), AGREEMENT);
		requireSame(name + ": ADMM-TV again", solved(FEW, gpu, y, AdmmTv.Listener.NONE), found);
		for (final double proximal : new double[] { 0, 0.5 }) {
			final Columns consistent = consistent(gpu, y, proximal);
			require(name + ": CG, proximal " + proximal, difference(consistent, consistent(cpu, y, proximal)), AGREEMENT);
			requireSame(name + ": CG again", consistent(gpu, y, proximal), consistent);
		}
		final Columns swept = swept(gpu, y);
		require(name + ": ADMM along z", difference(swept, swept(cpu, y)), AGREEMENT);
		requireSame(name + ": ADMM along z again", swept(gpu, y), swept);
	}

	private static Columns sirt(final Columns y, final ScanGeometry geometry, final String device) {
		final Volume result = new Sirt(20, true).reconstruct(new Projections("", Projections.toImage(y), geometry, SOLVED,
			Intensity.HU), SOLVED, new RunSettings(device, 0, null), Progress.SILENT);
		final float[][] planes = Layouts.planes(result.img());
		final Columns x = Columns.of(SOLVED);
		for (int i = 0; i < x.data().length; i++)
			for (int k = 0; k < x.nz(); k++)
				x.data()[i][k] = planes[k][i];
		return x;
	}

	/** A solve that the user cancels leaves what it began with. */
	private static void cancel(final Projector gpu, final Columns y) {
		final Columns x = gpu.newVolume().fill(0.1f), kept = x.copy();
		final boolean[] cancelled = { false };
		try {
			new AdmmTv().solve(gpu, y, x, new Progress() {

				@Override
				public boolean cancelled() {
					return cancelled[0];
				}

				@Override
				public void update(final String stage, final double done) { }
			}, (iterate, iteration) -> cancelled[0] = true);
			throw new AssertionError("not cancelled");
		}
		catch (final CancelledException e) {
			requireSame("the start of a cancelled solve", x, kept);
		}
	}

	/** Calls of the same GPU in the middle of a solve, solves within it and beside it leave its vectors alone. */
	static void solverAmongOthers() {
		final ScanGeometry geometry = solvedScans(SOLVED).get(1);
		final Projector gpu = new CudaProjector(SOLVED, geometry, 0), cpu = Projectors.create(SOLVED, geometry, "cpu");
		final Columns y = measured(cpu), projected = gpu.newProjections(), expected = gpu.newProjections();
		final Columns admm = admm(gpu, y, AdmmTv.Listener.NONE), consistent = consistent(gpu, y, 0.5);
		final List<CompletableFuture<Columns>> others = new ArrayList<>();
		requireSame("ADMM-TV with others in between", admm(gpu, y, (iterate, iteration) -> {
			if (iteration % 10 == 1) others.add(CompletableFuture.supplyAsync(() -> consistent(new CudaProjector(SOLVED, geometry,
				0), y, 0.5)));
			cpu.forward(iterate.get(), expected);
			gpu.forward(iterate.get(), projected);
			require("iterate " + iteration, difference(projected, expected), AGREEMENT);
			gpu.normSquared();
		}), admm);
		others.forEach(other -> requireSame("CG beside ADMM-TV", other.join(), consistent));
	}

	/** A cylinder of two densities. */
	private static Columns measured(final Projector cpu) {
		final Columns y = cpu.newProjections();
		final Columns x = cpu.newVolume();
		final Grid grid = cpu.grid();
		for (int j = 0; j < grid.ny(); j++)
			for (int i = 0; i < grid.nx(); i++)
				for (int k = 0; k < grid.nz(); k++)
					x.column(i, j)[k] = Math.hypot(grid.x(i), grid.y(j)) > 6 ? 0 : i > grid.nx() / 2 && k > 1 ? 0.8f : 0.5f;
		cpu.forward(x, y);
		return y;
	}

	private static Columns admm(final Projector projector, final Columns y, final AdmmTv.Listener listener) {
		return solved(new AdmmTv(), projector, y, listener);
	}

	private static Columns solved(final AdmmTv method, final Projector projector, final Columns y,
		final AdmmTv.Listener listener)
	{
		final Columns x = projector.newVolume().fill(0.1f), kept = y.copy();
		method.solve(projector, y, x, Progress.SILENT, listener);
		requireSame("measurements", y, kept);
		return x;
	}

	private static Columns consistent(final Projector projector, final Columns y, final double proximal) {
		final Columns x = randomised(projector.newVolume(), new SplittableRandom(8));
		new CgDataConsistency(projector, y, -1, 1, 5, proximal, 0.5).apply(x, 0.3, Progress.SILENT);
		return x;
	}

	private static Columns swept(final Projector projector, final Columns y) {
		final Columns x = randomised(projector.newVolume(), new SplittableRandom(8));
		final AxialAdmm admm = new AxialAdmm(projector, y, -1, 1, new AxialAdmm.Settings(2, 10, 0.4));
		for (int sweep = 0; sweep < 3; sweep++)
			admm.apply(x, 1, Progress.SILENT);
		return x;
	}

	private static void requireSame(final String what, final Columns found, final Columns expected) {
		if (!Arrays.deepEquals(found.data(), expected.data())) throw new AssertionError(what + " differs by " + difference(
			found, expected));
	}

	/** A GPU whose memory, 230 kB, takes neither the vectors nor a whole volume still projects for the solvers. */
	private static void solverOnSlabs() {
		final Grid grid = new Grid(16, 18, 100, 1, 1.2, 0.9);
		for (final ScanGeometry geometry : solvedScans(grid)) {
			final Projector projector = Projectors.create(grid, geometry, "auto"), cpu = Projectors.create(grid, geometry, "cpu");
			final Columns y = measured(cpu);
			require(geometry + ": CG in slabs", difference(consistent(projector, y, 0.5), consistent(cpu, y, 0.5)), AGREEMENT);
			requireDevice(projector.device(), "cuda:0 (emulated), vectors on the processor: its memory does not suffice: " +
				"the solver's vectors take ");
			requireDevice(Projectors.device("auto"), "cuda:0 (emulated)");
		}
	}

	/** A GPU that fails in the middle of a solve: the processor starts it anew with what it began with. */
	private static void solverLost() {
		final ScanGeometry geometry = solvedScans(SOLVED).get(0);
		final Projector projector = Projectors.create(SOLVED, geometry, "auto"), cpu = Projectors.create(SOLVED, geometry,
			"cpu");
		final List<Integer> iterations = new ArrayList<>();
		final Columns y = measured(cpu), x = admm(projector, y, (iterate, iteration) -> iterations.add(iteration));
		requireSame("ADMM-TV on the processor", x, admm(cpu, y, AdmmTv.Listener.NONE));
		requireDevice(projector.device(), "cpu (not cuda:0 (emulated): it failed or was lost (CUDA_ERROR_LAUNCH_FAILED))");
		if (iterations.lastIndexOf(1) == 0) throw new AssertionError("not lost in the middle: " + iterations);
	}

	/** A GPU that runs out of memory in the middle of a solve: its vectors go to the processor, and it starts anew. */
	private static void solverWithoutMemory() {
		final ScanGeometry geometry = solvedScans(SOLVED).get(0);
		final Projector projector = Projectors.create(SOLVED, geometry, "auto");
		final Columns y = measured(Projectors.create(SOLVED, geometry, "cpu"));
		final Columns x = admm(projector, y, AdmmTv.Listener.NONE);
		requireDevice(projector.device(), "cuda:0 (emulated), vectors on the processor: its memory does not suffice");
		requireSame("ADMM-TV with vectors on the processor", x, admm(new HostVectors(new CudaProjector(SOLVED, geometry, 0)),
			y, AdmmTv.Listener.NONE));
		requireSame("ADMM-TV once there is memory", admm(projector, y, AdmmTv.Listener.NONE), admm(new CudaProjector(SOLVED,
			geometry, 0), y, AdmmTv.Listener.NONE));
	}

	private static void requireDevice(final String device, final String start) {
		System.out.println(device);
		if (!device.startsWith(start)) throw new AssertionError(device + " instead of " + start);
	}
}
