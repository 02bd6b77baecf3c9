package org.patchct.recon;

import java.util.function.IntToDoubleFunction;

import org.patchct.task.Parallel;
import org.patchct.volume.Columns;

/**
 * The ramp filter of filtered back-projection, applied along the detector to all rows at once: since rows are the
 * fastest dimension, each butterfly of the Fourier transform is a long vector operation, and two halves of the rows share
 * one complex transform as its real and imaginary parts.
 */
public final class RampFilter {

	/** Apodisation of the ramp; w is the frequency as a fraction of the Nyquist frequency, 0 to 1. */
	public enum Window {
			RAM_LAK("Ram-Lak"), SHEPP_LOGAN("Shepp-Logan"), COSINE("Cosine"), HAMMING("Hamming"), HANN("Hann");

		private final String label;

		Window(final String label) {
			this.label = label;
		}

		double gain(final double w) {
			return switch (this) {
				case RAM_LAK -> 1;
				case SHEPP_LOGAN -> w == 0 ? 1 : Math.sin(Math.PI * w / 2) / (Math.PI * w / 2);
				case COSINE -> Math.cos(Math.PI * w / 2);
				case HAMMING -> 0.54 + 0.46 * Math.cos(Math.PI * w);
				case HANN -> 0.5 + 0.5 * Math.cos(Math.PI * w);
			};
		}

		@Override
		public String toString() {
			return label;
		}
	}

	private final int bins, length;

	/** Twiddle factors e^(−2πik/length) for k below length/2. */
	private final float[] cos, sin;

	/** Gain of each frequency, with the 1/length of the inverse transform. */
	private final float[] gain;

	/**
	 * For bins at equal distances.
	 *
	 * @param bins detector bins
	 * @param pitch their distance, mm; results are per mm
	 */
	public RampFilter(final int bins, final double pitch, final Window window) {
		this(bins, pitch, window, n -> 1);
	}

	/**
	 * For a fan's bins at equal angles: the ramp's kernel at the angle α is multiplied by (α / sin α)² (Kak and Slaney,
	 * 1988, section 3.4.1, without their factor ½).
	 *
	 * @param bins detector bins, together less than half a turn
	 * @param pitch their angle, radians; results are per radian
	 */
	public static RampFilter equiangular(final int bins, final double pitch, final Window window) {
		// Bins are never further apart than the detector is wide, so what the kernel is there does not matter.
		return new RampFilter(bins, pitch, window, n -> n == 0 || n >= bins ? 1 : Math.pow(n * pitch / Math.sin(n * pitch),
			2));
	}

	private RampFilter(final int bins, final double pitch, final Window window, final IntToDoubleFunction factor) {
		this.bins = bins;
		length = Math.max(2, Integer.highestOneBit(2 * bins - 1) << 1); // power of two ≥ 2 · bins
		cos = new float[length / 2];
		sin = new float[length / 2];
		for (int k = 0; k < length / 2; k++) {
			cos[k] = (float) Math.cos(2 * Math.PI * k / length);
			sin[k] = (float) -Math.sin(2 * Math.PI * k / length);
		}
		// Exact band-limited kernel (Kak and Slaney, 1988, eq. 3.61): h(0) = 1/4, h(odd n) = −1/(πn)², in units of 1/pitch².
		final double[] kernel = new double[length];
		kernel[0] = 0.25;
		for (int n = 1; n <= length / 2; n += 2) {
			kernel[n] = -factor.applyAsDouble(n) / (Math.PI * Math.PI * n * n);
			kernel[length - n] = kernel[n];
		}
		gain = new float[length];
		for (int k = 0; k <= length / 2; k++) {
			double transform = kernel[0];
			for (int n = 1; n < length / 2; n += 2)
				transform += 2 * kernel[n] * Math.cos(2 * Math.PI * (double) ((long) k * n % length) / length);
			gain[k] = (float) (transform * window.gain(2.0 * k / length) / (pitch * length));
			gain[(length - k) % length] = gain[k];
		}
	}

	/** out ← ramp-filtered projections; {@code out} may be {@code projections}. */
	public void apply(final Columns projections, final Columns out) {
		final int rows = projections.nz(), half = (rows + 1) / 2;
		Parallel.loop(projections.ny(), view -> {
			final float[][] re = new float[length][half], im = new float[length][half];
			for (int u = 0; u < bins; u++) {
				final float[] column = projections.column(u, view);
				System.arraycopy(column, 0, re[u], 0, half);
				System.arraycopy(column, half, im[u], 0, rows - half);
			}
			// Decimation in frequency forward and in time backward: the order in between is bit-reversed in both.
			forward(re, im);
			final int shift = 32 - Integer.numberOfTrailingZeros(length);
			for (int k = 0; k < length; k++) {
				final float g = gain[Integer.reverse(k) >>> shift];
				final float[] a = re[k], b = im[k];
				for (int z = 0; z < half; z++) {
					a[z] *= g;
					b[z] *= g;
				}
			}
			inverse(re, im);
			for (int u = 0; u < bins; u++) {
				final float[] column = out.column(u, view);
				System.arraycopy(re[u], 0, column, 0, half);
				System.arraycopy(im[u], 0, column, half, rows - half);
			}
		});
	}

	private void forward(final float[][] re, final float[][] im) {
		for (int span = length / 2; span >= 1; span /= 2)
			for (int start = 0; start < length; start += 2 * span)
				for (int k = 0; k < span; k++) {
					final int twiddle = k * (length / 2 / span);
					difference(re[start + k], im[start + k], re[start + k + span], im[start + k + span], cos[twiddle],
						sin[twiddle]);
				}
	}

	private void inverse(final float[][] re, final float[][] im) {
		for (int span = 1; span < length; span *= 2)
			for (int start = 0; start < length; start += 2 * span)
				for (int k = 0; k < span; k++) {
					final int twiddle = k * (length / 2 / span);
					sum(re[start + k], im[start + k], re[start + k + span], im[start + k + span], cos[twiddle], -sin[twiddle]);
				}
	}

	/** (a, b) ← (a + b, (a − b)·w) */
	private static void difference(final float[] ar, final float[] ai, final float[] br, final float[] bi, final float wr,
		final float wi)
	{
		for (int z = 0; z < ar.length; z++) {
			final float dr = ar[z] - br[z], di = ai[z] - bi[z];
			ar[z] += br[z];
			ai[z] += bi[z];
			br[z] = dr * wr - di * wi;
			bi[z] = dr * wi + di * wr;
		}
	}

	/** (a, b) ← (a + b·w, a − b·w) */
	private static void sum(final float[] ar, final float[] ai, final float[] br, final float[] bi, final float wr,
		final float wi)
	{
		for (int z = 0; z < ar.length; z++) {
			final float tr = br[z] * wr - bi[z] * wi, ti = br[z] * wi + bi[z] * wr;
			br[z] = ar[z] - tr;
			bi[z] = ai[z] - ti;
			ar[z] += tr;
			ai[z] += ti;
		}
	}
}
