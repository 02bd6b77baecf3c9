package org.patchct.projector.cuda;

import org.patchct.projector.Projector;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/** A projector whose solvers keep their vectors in the processor's memory. */
record HostVectors(Projector projector) implements Projector {

	@Override
	public Grid grid() {
		return projector.grid();
	}

	@Override
	public ScanGeometry geometry() {
		return projector.geometry();
	}

	@Override
	public void forward(final Columns x, final Columns y) {
		projector.forward(x, y);
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		projector.adjoint(y, x);
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		projector.backproject(filtered, x);
	}

	@Override
	public String device() {
		return projector.device();
	}
}
