package org.patchct.task;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

/**
 * Where an iterative method stands. What takes time is done only when it is asked for, and may be asked for until
 * {@link Progress#iterated} returns.
 *
 * @param number how many iterations are done; 0 where there is a volume to begin with
 * @param total iterations of the whole run
 * @param volume makes the result of stopping here, an image (x, y, z) that the caller may keep
 * @param residual gives ‖A x − y‖ / ‖y‖, x being that volume and y the measured line integrals; NaN where there are no
 *          measurements
 */
public record Iterate(int number, int total, Supplier<Img<FloatType>> volume, DoubleSupplier residual) {

	/** Without measurements. */
	public Iterate(final int number, final int total, final Supplier<Img<FloatType>> volume) {
		this(number, total, volume, () -> Double.NaN);
	}
}
