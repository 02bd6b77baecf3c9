package org.patchct.train;

import java.util.List;

/**
 * How well a network does on volumes it does not learn from.
 *
 * @param step after how many steps
 * @param loss mean squared error of the prediction over all levels
 * @param levels the noise levels looked at
 * @param psnr PSNR of the denoised patches at each, dB, data range 1, clipped to the window
 */
public record Validation(int step, double loss, List<Integer> levels, List<Double> psnr) {

	@Override
	public String toString() {
		final StringBuilder text = new StringBuilder(String.format(java.util.Locale.ROOT, "step %d: loss %.5f, PSNR", step,
			loss));
		for (int i = 0; i < levels.size(); i++)
			text.append(String.format(java.util.Locale.ROOT, " t=%d: %.2f", levels.get(i), psnr.get(i)));
		return text.toString();
	}
}
