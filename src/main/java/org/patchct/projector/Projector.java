package org.patchct.projector;

import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Vector;

/**
 * The linear operator A of a scan, y = A x: x a volume of attenuations (any unit), y its line integrals (that unit ×
 * mm). {@link #adjoint} is the exact transpose of {@link #forward}: ⟨A x, y⟩ = ⟨x, A* y⟩ to float rounding.
 * <p>
 * Implementations may be called from one thread at a time and use all cores themselves. Both methods overwrite their
 * output and leave their input alone.
 * </p>
 */
public interface Projector {

	/** The volume's grid. */
	Grid grid();

	/** The scan. */
	ScanGeometry geometry();

	/** y ← A x; x has the shape of {@link #newVolume}, y that of {@link #newProjections}. */
	void forward(Columns x, Columns y);

	/** x ← A* y, with shapes as in {@link #forward}. */
	void adjoint(Columns y, Columns x);

	/**
	 * x ← Σ over views of the filtered projections, linearly interpolated where the voxel's centre falls on the detector,
	 * times the square of {@link org.patchct.scan.View#nearness} (1 in parallel beam): the last step of filtered
	 * back-projection. Nothing is scaled by lengths, so this is not the adjoint, whose weights differ from view to view.
	 */
	void backproject(Columns filtered, Columns x);

	/** Zeros shaped as a volume. */
	default Columns newVolume() {
		return Columns.of(grid());
	}

	/** Zeros shaped as projections: column (bin, view), indexed by detector row. */
	default Columns newProjections() {
		return new Columns(geometry().bins(), geometry().views(), geometry().rows());
	}

	/** Where this runs, for reports: "cpu", "cuda:0 (name)". */
	String device();

	/**
	 * Largest eigenvalue of A*A by power iteration from a constant volume. For tomography the dominant eigenvector is
	 * smooth, close to that start, so a few iterations give it within a percent.
	 */
	default double normSquared() {
		return solve(1, 1, new Space.Solver<Double>() {

			@Override
			public <V extends Vector<V>> Double solve(final Space<V> space) {
				return space.normSquared(space.newVolume(), space.newProjections());
			}
		});
	}

	/**
	 * Runs a solver where its vectors suit this projector best: on its GPU if they fit there, otherwise on the processor.
	 * Results agree to float rounding.
	 *
	 * @param volumes how many vectors in the shape of volumes the solver makes at most
	 * @param projections how many in the shape of projections
	 * @return what the solver returns
	 */
	default <R> R solve(final int volumes, final int projections, final Space.Solver<R> solver) {
		return solver.solve(new ColumnsSpace(this));
	}
}
