package org.patchct.projector.cpu;

import org.patchct.task.Processor;

/**
 * {@link SumKernel} by loops that HotSpot compiles to SIMD code, {@value #WIDTH} terms at a time: one pass over the output
 * for that many inputs keeps the loop bound by arithmetic rather than by stores. A last pass may have half as many.
 */
final class PlainKernel implements SumKernel {

	/** Terms in one pass. Eight inputs and one output stay within the 16 registers HotSpot has for array bases. */
	private static final int WIDTH = 8;

	/**
	 * Where it does not hold, Math.fma is hundreds of times slower than its parts; where it does, projections at 128³ and
	 * 256³ took three quarters of the time.
	 */
	private static final boolean FUSED = Processor.fused();

	@Override
	public void add(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final float[] out, final int z0, final int z1)
	{
		for (int i = 0; i < size; i += WIDTH) {
			final Terms t = new Terms(columns, indices, weights, size, i);
			if (size - i > WIDTH / 2) eight(out, z0, z1, t.column(0), t.column(1), t.column(2), t.column(3), t.column(4), t
				.column(5), t.column(6), t.column(7), t.weight(0), t.weight(1), t.weight(2), t.weight(3), t.weight(4), t.weight(5),
				t.weight(6), t.weight(7));
			else four(out, z0, z1, t.column(0), t.column(1), t.column(2), t.column(3), t.weight(0), t.weight(1), t.weight(2), t
				.weight(3));
		}
	}

	/** The terms from one on; those after the last have no weight. */
	private record Terms(float[][] columns, int[] indices, float[] weights, int size, int start) {

		float[] column(final int i) {
			return columns[indices[Math.min(start + i, size - 1)]];
		}

		float weight(final int i) {
			return start + i < size ? weights[start + i] : 0;
		}
	}

	private static void eight(final float[] out, final int z0, final int z1, final float[] a, final float[] b,
		final float[] c, final float[] d, final float[] e, final float[] f, final float[] g, final float[] h,
		final float wa, final float wb, final float wc, final float wd, final float we, final float wf, final float wg,
		final float wh)
	{
		for (int z = z0; z < z1; z++)
			out[z] = fma(wa, a[z], fma(wb, b[z], fma(wc, c[z], fma(wd, d[z], out[z])))) + fma(we, e[z], fma(wf, f[z], fma(wg,
				g[z], wh * h[z])));
	}

	private static void four(final float[] out, final int z0, final int z1, final float[] a, final float[] b,
		final float[] c, final float[] d, final float wa, final float wb, final float wc, final float wd)
	{
		for (int z = z0; z < z1; z++)
			out[z] = fma(wa, a[z], fma(wb, b[z], out[z])) + fma(wc, c[z], wd * d[z]);
	}

	/** a · b + c */
	private static float fma(final float a, final float b, final float c) {
		return FUSED ? Math.fma(a, b, c) : a * b + c;
	}
}
