package org.patchct.projector;

import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;

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
		final Columns x = newVolume().fill(1);
		final Columns y = newProjections();
		double eigenvalue = 0;
		for (int i = 0; i < 8; i++) {
			x.scale((float) (1 / x.norm()));
			forward(x, y);
			adjoint(y, x);
			eigenvalue = x.norm();
			if (eigenvalue == 0) return 0;
		}
		return eigenvalue;
	}
}
