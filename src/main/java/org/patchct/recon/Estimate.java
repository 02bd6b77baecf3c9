package org.patchct.recon;

import java.util.Locale;

import org.patchct.task.Eta;

/**
 * What a run will take, told before it begins.
 *
 * @param seconds measured by a probe of this machine; NaN if unknown
 * @param voxels memory in 32-bit voxels; NaN if unknown
 */
public record Estimate(double seconds, double voxels) {

	public static final Estimate UNKNOWN = new Estimate(Double.NaN, Double.NaN);

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "about %s and %.2g of the %.2g GB of memory that Java may use", Eta.text(seconds), 4e-9 *
			voxels, 1e-9 * Runtime.getRuntime().maxMemory());
	}
}
