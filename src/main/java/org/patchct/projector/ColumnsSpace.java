package org.patchct.projector;

import org.patchct.volume.Columns;
import org.patchct.volume.ColumnsAxialVariation;
import org.patchct.volume.ColumnsTotalVariation;
import org.patchct.volume.TotalVariation;

/** Vectors in the processor's memory; the projector itself may be a GPU's. */
record ColumnsSpace(Projector projector) implements Space<Columns> {

	@Override
	public Columns newVolume() {
		return projector.newVolume();
	}

	@Override
	public Columns newProjections() {
		return projector.newProjections();
	}

	@Override
	public Columns share(final Columns columns) {
		return columns;
	}

	@Override
	public Columns copy(final Columns columns) {
		return columns.copy();
	}

	@Override
	public Columns view(final Columns vector) {
		return vector;
	}

	@Override
	public void fetch(final Columns vector, final Columns columns) {
		if (vector != columns) columns.set(vector);
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
	public TotalVariation<Columns> totalVariation() {
		return new ColumnsTotalVariation(projector.grid());
	}

	@Override
	public TotalVariation<Columns> axialVariation() {
		return new ColumnsAxialVariation();
	}
}
