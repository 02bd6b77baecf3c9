package org.patchct.projector;

import java.util.function.Consumer;
import java.util.function.Supplier;

import org.patchct.projector.cuda.CudaException;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * A GPU's projector that the processor stands in for, from the call in which the GPU fails. A solve whose vectors the GPU
 * has no memory for, or no longer, keeps them on the processor and the projections on the GPU.
 */
final class FallbackProjector implements Projector {

	private final Projector gpu;

	private final Supplier<Projector> processor;

	private Projector current;

	private String device;

	/**
	 * @param processor asked for its projector once at most
	 */
	FallbackProjector(final Projector gpu, final Supplier<Projector> processor) {
		this.gpu = gpu;
		this.processor = processor;
		current = gpu;
		device = gpu.device();
	}

	@Override
	public Grid grid() {
		return gpu.grid();
	}

	@Override
	public ScanGeometry geometry() {
		return gpu.geometry();
	}

	@Override
	public void forward(final Columns x, final Columns y) {
		run(projector -> projector.forward(x, y));
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		run(projector -> projector.adjoint(y, x));
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		run(projector -> projector.backproject(filtered, x));
	}

	private void run(final Consumer<Projector> call) {
		try {
			call.accept(current);
		}
		catch (final CudaException e) {
			fallBack(e);
			call.accept(current);
		}
	}

	private void fallBack(final CudaException reason) {
		if (current != gpu) return; // a call within a solve was first
		device = Projectors.instead(gpu.device(), reason);
		current = processor.get();
	}

	/** Where the GPU fails the solver is called once more, with vectors on the processor. */
	@Override
	public <R> R solve(final int volumes, final int projections, final Space.Solver<R> solver) {
		if (current == gpu) try {
			return gpu.solve(volumes, projections, solver);
		}
		catch (final CudaException e) {
			if (!e.memory()) fallBack(e);
			else if (current == gpu) device = gpu.device() + ", vectors on the processor: " + e.getMessage();
		}
		return Projector.super.solve(volumes, projections, solver);
	}

	@Override
	public String device() {
		return device;
	}
}
