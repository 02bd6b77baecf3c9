package org.patchct.diffusion;

import org.patchct.network.PriorSettings;
import org.patchct.recon.InUnits;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Intensity;

/**
 * The way from what a network is given to the values of a scan: window units are scale · value + shift.
 *
 * @param scale window of the scan for one network unit
 * @param shift window of the scan at the network's 0
 * @param intensity of the scan
 */
record NetworkUnits(float scale, float shift, Intensity intensity) {

	/** @param mu attenuation of the upper end of the prior's window, 1/mm, as {@link PatchDiffusion#attenuationOfWindow} */
	static NetworkUnits of(final PriorSettings prior, final double mu, final Intensity intensity) {
		final double span = prior.networkHigh() - prior.networkLow();
		final float scale = (float) (mu / intensity.muHigh() / span);
		return new NetworkUnits(scale, (float) (-prior.networkLow() * scale), intensity);
	}

	/** Network units to the scan's window, in place. */
	Columns fromNetwork(final Columns x) {
		return x.affine(scale, shift);
	}

	/** Passes progress on, with iterates turned from network units to those of the scan. */
	Progress of(final Progress progress) {
		return new InUnits(progress, scale, shift, intensity);
	}
}
