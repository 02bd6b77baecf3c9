package org.patchct.projector;

import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

/**
 * W A for a projector A and a diagonal W: with measurements W y it turns solvers of least squares into solvers of
 * weighted least squares, min ½‖W (A x − y)‖². Back-projection for filtered projections knows no weights.
 */
public final class WeightedProjector implements Projector {

	private final Projector projector;

	private final Columns weights, weighted;

	/**
	 * @param weights diagonal of W, in the shape of the projections; not changed
	 */
	public WeightedProjector(final Projector projector, final Columns weights) {
		this.projector = projector;
		this.weights = weights;
		weighted = projector.newProjections();
	}

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
		y.multiply(weights);
	}

	@Override
	public void adjoint(final Columns y, final Columns x) {
		projector.adjoint(weighted.set(y).multiply(weights), x);
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
