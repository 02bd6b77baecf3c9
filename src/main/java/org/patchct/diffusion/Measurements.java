package org.patchct.diffusion;

import org.patchct.projector.Projector;
import org.patchct.projector.WeightedProjector;
import org.patchct.scan.NoiseEstimate;
import org.patchct.volume.Columns;

/**
 * The system A x = y that a scan gives, with the volume in units of a window.
 *
 * @param projector A, or W A
 * @param values y, window units times mm, or W y
 * @param noise standard deviation of {@code values}
 */
record Measurements(Projector projector, Columns values, double noise) {

	/**
	 * All line integrals count alike.
	 *
	 * @param lineIntegrals not changed
	 * @param photons I0, as estimated
	 * @param mu attenuation of the window's upper end, 1/mm
	 */
	static Measurements plain(final Projector projector, final Columns lineIntegrals, final double photons,
		final double mu)
	{
		return new Measurements(projector, lineIntegrals.copy().scale((float) (1 / mu)), Math.sqrt(NoiseEstimate.variance(
			lineIntegrals, photons)) / mu);
	}

	/** Line integrals count by the photons that are behind them; parameters as in {@link #plain}. */
	static Measurements weighted(final Projector projector, final Columns lineIntegrals, final double photons,
		final double mu)
	{
		final Columns roots = NoiseEstimate.rootWeights(lineIntegrals);
		return new Measurements(new WeightedProjector(projector, roots), lineIntegrals.copy().scale((float) (1 / mu))
			.multiply(roots), Math.sqrt(NoiseEstimate.whiteVariance(lineIntegrals, photons)) / mu);
	}
}
