package org.patchct.projector;

import org.patchct.volume.Columns;
import org.patchct.volume.TotalVariation;
import org.patchct.volume.Vector;

/**
 * Where the vectors of one solve are, and what the solver does with them besides {@link Vector}'s arithmetic: the
 * processor's memory, or a GPU's, so that nothing is copied between the two in an iteration. A space and its vectors end
 * with the solve. For one thread.
 *
 * @param <V> the vectors
 */
public interface Space<V extends Vector<V>> {

	/** Zeros in the shape of a volume. */
	V newVolume();

	/** Zeros in the shape of projections. */
	V newProjections();

	/** A vector with the values of a volume or of projections; on the processor it is these columns, not a copy. */
	V share(Columns columns);

	/** A vector of its own with the values of a volume or of projections. */
	V copy(Columns columns);

	/** A vector's values, not to be changed; on the processor it is the vector itself, not a copy. */
	Columns view(V vector);

	/** columns ← vector; nothing is done where the vector is these columns. */
	void fetch(V vector, Columns columns);

	/** y ← A x as in {@link Projector#forward}. */
	void forward(V x, V y);

	/** x ← A* y */
	void adjoint(V y, V x);

	/** In 3-D, on the projector's grid. */
	TotalVariation<V> totalVariation();

	/** Along z alone. */
	TotalVariation<V> axialVariation();

	/**
	 * As {@link Projector#normSquared}.
	 *
	 * @param x a volume, overwritten
	 * @param y projections, overwritten
	 */
	default double normSquared(final V x, final V y) {
		x.fill(1);
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

	/**
	 * A solver, written once for every kind of memory. Where a GPU fails it is called a second time, with vectors on the
	 * processor: what it was given must not change before it ends but through {@link Space#share} and {@link Space#fetch}.
	 *
	 * @param <R> what it tells
	 */
	interface Solver<R> {

		<V extends Vector<V>> R solve(Space<V> space);
	}
}
