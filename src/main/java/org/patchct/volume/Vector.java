package org.patchct.volume;

/**
 * A volume or projections in whatever memory a solver's vectors have. Operations change and return this vector, take
 * others of the same shape and memory, and give the same bits in every run.
 *
 * @param <V> the vectors of one memory, such as {@link Columns}
 */
public interface Vector<V extends Vector<V>> {

	/** A new vector of zeros of the same shape. */
	V zeros();

	/** this ← other */
	V set(V other);

	/** this ← value everywhere */
	V fill(float value);

	/** this ← a · this */
	V scale(float a);

	/** this ← this · other, element by element */
	V multiply(V other);

	/** this ← this + a · other */
	V add(float a, V other);

	/** this ← a · this + b · other */
	V combine(float a, float b, V other);

	/** this ← max(this, floor) */
	V clampBelow(float floor);

	/** this ← this + a · |other| */
	V addMagnitude(float a, V other);

	/** this ← min(this, 0) + other */
	V addToNegativePart(V other);

	/** Σ this · other, summed in double precision. */
	double dot(V other);

	/** A step of conjugate gradients, this being the residual: x ← x + a · p, this ← this − a · q; gives Σ this². */
	double descend(float a, V p, V q, V x);

	/** √(Σ this²) */
	double norm();
}
