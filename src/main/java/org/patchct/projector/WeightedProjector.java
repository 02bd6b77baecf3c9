package org.patchct.projector;

import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.TotalVariation;
import org.patchct.volume.Vector;

/**
 * W A for a projector A and a diagonal W: with measurements W y it turns solvers of least squares into solvers of
 * weighted least squares, min ½‖W (A x − y)‖². Back-projection for filtered projections knows no weights.
 */
public final class WeightedProjector implements Projector {

	private final Projector projector;

	private final Columns weights;

	/**
	 * @param weights diagonal of W, in the shape of the projections; not changed
	 */
	public WeightedProjector(final Projector projector, final Columns weights) {
		this.projector = projector;
		this.weights = weights;
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
		projector.adjoint(y.copy().multiply(weights), x);
	}

	@Override
	public void backproject(final Columns filtered, final Columns x) {
		projector.backproject(filtered, x);
	}

	@Override
	public <R> R solve(final int volumes, final int projections, final Space.Solver<R> solver) {
		return projector.solve(volumes, projections + 2, new Space.Solver<>() {

			@Override
			public <V extends Vector<V>> R solve(final Space<V> space) {
				return solver.solve(new WeightedSpace<>(space, space.share(weights), space.newProjections()));
			}
		});
	}

	@Override
	public String device() {
		return projector.device();
	}

	/** @param weighted overwritten by each adjoint */
	private record WeightedSpace<V extends Vector<V>>(Space<V> space, V weights, V weighted) implements Space<V> {

		@Override
		public V newVolume() {
			return space.newVolume();
		}

		@Override
		public V newProjections() {
			return space.newProjections();
		}

		@Override
		public V share(final Columns columns) {
			return space.share(columns);
		}

		@Override
		public V copy(final Columns columns) {
			return space.copy(columns);
		}

		@Override
		public Columns view(final V vector) {
			return space.view(vector);
		}

		@Override
		public void fetch(final V vector, final Columns columns) {
			space.fetch(vector, columns);
		}

		@Override
		public void forward(final V x, final V y) {
			space.forward(x, y);
			y.multiply(weights);
		}

		@Override
		public void adjoint(final V y, final V x) {
			space.adjoint(weighted.set(y).multiply(weights), x);
		}

		@Override
		public TotalVariation<V> totalVariation() {
			return space.totalVariation();
		}

		@Override
		public TotalVariation<V> axialVariation() {
			return space.axialVariation();
		}
	}
}
