package org.patchct.projector.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.lang.management.ManagementFactory;

/**
 * Weighted sums of columns, Σ wᵢ · columnᵢ[z], collected term by term and evaluated {@value #WIDTH} at a time: one pass
 * over the output for that many inputs keeps the loop bound by arithmetic rather than by stores. One instance a thread.
 */
final class ColumnSums {

	/** Terms in one pass. Eight inputs and one output stay within the 16 registers HotSpot has for array bases. */
	private static final int WIDTH = 8;

	/**
	 * Whether the processor multiplies and adds in one instruction. Where it does not, Math.fma is hundreds of times slower
	 * than its parts; where it does, projections at 128³ and 256³ took three quarters of the time.
	 */
	private static final boolean FUSED = isFused();

	private final float[] zeros;

	private float[][] columns = new float[256][];

	private float[] weights = new float[256];

	private int size;

	/** @param nz length of every column */
	ColumnSums(final int nz) {
		zeros = new float[nz];
	}

	void clear() {
		size = 0;
	}

	void add(final float[] column, final float weight) {
		if (size == weights.length) {
			columns = java.util.Arrays.copyOf(columns, 2 * size);
			weights = java.util.Arrays.copyOf(weights, 2 * size);
		}
		columns[size] = column;
		weights[size++] = weight;
	}

	/** out[z] ← Σ wᵢ · columnᵢ[z] for z0 ≤ z &lt; z1. */
	void evaluate(final float[] out, final int z0, final int z1) {
		while (size % WIDTH != 0 || size == 0)
			add(zeros, 0);
		final float[][] c = columns;
		final float[] w = weights;
		first(out, z0, z1, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
		addFrom(WIDTH, out, z0, z1);
	}

	/** out[z] ← out[z] + Σ wᵢ · columnᵢ[z] for z0 ≤ z &lt; z1. */
	void addTo(final float[] out, final int z0, final int z1) {
		while (size % WIDTH != 0)
			add(zeros, 0);
		addFrom(0, out, z0, z1);
	}

	private void addFrom(final int start, final float[] out, final int z0, final int z1) {
		final float[][] c = columns;
		final float[] w = weights;
		for (int i = start; i < size; i += WIDTH)
			next(out, z0, z1, c[i], c[i + 1], c[i + 2], c[i + 3], c[i + 4], c[i + 5], c[i + 6], c[i + 7], w[i], w[i + 1],
				w[i + 2], w[i + 3], w[i + 4], w[i + 5], w[i + 6], w[i + 7]);
	}

	private static void first(final float[] out, final int z0, final int z1, final float[] a, final float[] b,
		final float[] c, final float[] d, final float[] e, final float[] f, final float[] g, final float[] h,
		final float wa, final float wb, final float wc, final float wd, final float we, final float wf, final float wg,
		final float wh)
	{
		for (int z = z0; z < z1; z++)
			out[z] = fma(wa, a[z], fma(wb, b[z], fma(wc, c[z], wd * d[z]))) + fma(we, e[z], fma(wf, f[z], fma(wg, g[z], wh *
				h[z])));
	}

	private static void next(final float[] out, final int z0, final int z1, final float[] a, final float[] b,
		final float[] c, final float[] d, final float[] e, final float[] f, final float[] g, final float[] h,
		final float wa, final float wb, final float wc, final float wd, final float we, final float wf, final float wg,
		final float wh)
	{
		for (int z = z0; z < z1; z++)
			out[z] = fma(wa, a[z], fma(wb, b[z], fma(wc, c[z], fma(wd, d[z], out[z])))) + fma(we, e[z], fma(wf, f[z], fma(wg,
				g[z], wh * h[z])));
	}

	/** a · b + c */
	private static float fma(final float a, final float b, final float c) {
		return FUSED ? Math.fma(a, b, c) : a * b + c;
	}

	private static boolean isFused() {
		try {
			return Boolean.parseBoolean(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption("UseFMA")
				.getValue());
		}
		catch (final RuntimeException | LinkageError e) { // another virtual machine, which does not tell
			return false;
		}
	}
}
