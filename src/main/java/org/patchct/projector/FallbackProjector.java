package org.patchct.projector;

import java.util.function.Consumer;

import org.patchct.projector.cuda.CudaException;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/** A GPU's projector that the processor stands in for, from the call in which the GPU fails. */
final class FallbackProjector implements Projector {

	private final Projector processor;

	private Projector current;

	private String device;

	FallbackProjector(final Projector gpu, final Projector processor) {
		this.processor = processor;
		current = gpu;
		device = gpu.device();
	}

	@Override
	public Grid grid() {
		return processor.grid();
	}

	@Override
	public ScanGeometry geometry() {
		return processor.geometry();
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
			device = Projectors.instead(device, e);
			current = processor;
			call.accept(current);
		}
	}

	@Override
	public String device() {
		return device;
	}
}
