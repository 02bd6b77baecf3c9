package org.patchct.projector.cuda;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.projector.Space;
import org.patchct.scan.Beam;
import org.patchct.scan.Detector;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.TotalVariation;
import org.patchct.volume.Vector;

/** A tiny scan of each kind on a GPU and on the processor, before any result of the GPU is used. */
final class SelfCheck {

	static final String DIFFERS = "its results differ from the processor's";

	/** Relative L2 difference; of the kernels on the host rounding makes 1e-7, and one number too large by 1 makes 1e-2. */
	private static final double AGREEMENT = 1e-4;

	/** Sides of which none is a whole number of the kernels' tiles; more views than go into one batch. */
	private static final Grid GRID = new Grid(13, 10, 6, 1, 1.1, 0.9);

	private static final double[] ANGLES = ScanGeometry.evenAngles(5, 10, 360);

	private SelfCheck() { }

	/** @throws CudaException if the GPU fails or its results are wrong */
	static void run(final CudaDevice device) {
		for (final Beam beam : Beam.values()) {
			final ScanGeometry geometry = beam.covering(GRID, 0, 0, beam == Beam.FAN ? Detector.ARC : Detector.FLAT, ANGLES);
			final Projector gpu = new CudaProjector(GRID, geometry, device), cpu = Projectors.create(GRID, geometry, "cpu");
			final SplittableRandom random = new SplittableRandom(1);
			final Columns x = randomised(cpu.newVolume(), random), y = randomised(cpu.newProjections(), random);
			final Columns volume = cpu.newVolume(), expectedVolume = cpu.newVolume();
			final Columns projections = cpu.newProjections(), expectedProjections = cpu.newProjections();
			gpu.forward(x, projections);
			cpu.forward(x, expectedProjections);
			requireAgreement(beam, "forward projection", projections, expectedProjections);
			gpu.adjoint(y, volume);
			cpu.adjoint(y, expectedVolume);
			requireAgreement(beam, "adjoint", volume, expectedVolume);
			gpu.backproject(y, volume);
			cpu.backproject(y, expectedVolume);
			requireAgreement(beam, "back-projection", volume, expectedVolume);
			final Space.Solver<Columns> all = new EveryOperation(x, y);
			requireAgreement(beam, "vectors", gpu.solve(6, 2, all), cpu.solve(6, 2, all));
		}
	}

	/** All that a solver may do, with numbers of such size that an error of 1 in any of it shows in the result. */
	private record EveryOperation(Columns x, Columns y) implements Space.Solver<Columns> {

		@Override
		public <V extends Vector<V>> Columns solve(final Space<V> space) {
			final V a = space.share(x), b = space.newVolume().fill(-0.5f).add(1, a), p = space.share(y), q = space
				.newProjections();
			final List<V> v = List.of(space.newVolume(), space.newVolume(), space.newVolume());
			final TotalVariation<V> tv = space.totalVariation();
			tv.split(b, v, 0.1f);
			tv.split(a, v, 0.1f);
			tv.addTarget(v, 0.1f, 0.3f, b);
			tv.addLaplacian(a, 0.2f, 0.6f, 0.9f, b);
			final TotalVariation<V> axial = space.axialVariation();
			axial.split(b, v, 0.1f);
			axial.addTarget(v, 0.1f, 0.3f, b);
			axial.addLaplacian(a, 0.2f, 0.7f, 0.8f, b);
			final V c = b.zeros().set(b).addToNegativePart(a);
			b.addMagnitude(0.7f, c).clampBelow(-0.2f).multiply(a).combine(0.5f, 1, c);
			space.forward(b, q);
			space.adjoint(q.add(-1, p), c);
			return space.view(b.scale((float) b.norm()).add((float) (1 / c.norm()), c));
		}
	}

	private static Columns randomised(final Columns columns, final SplittableRandom random) {
		for (final float[] column : columns.data())
			for (int k = 0; k < column.length; k++)
				column[k] = (float) random.nextDouble();
		return columns;
	}

	private static void requireAgreement(final Beam beam, final String operation, final Columns found,
		final Columns expected)
	{
		final double difference = found.add(-1, expected).norm() / expected.norm();
		if (!(difference <= AGREEMENT)) throw new CudaException(String.format(Locale.ROOT,
			"%s (%s beam, %s, by %.2g); please report this with the names of GPU and driver", DIFFERS, beam.toString()
				.toLowerCase(Locale.ROOT), operation, difference));
	}
}
