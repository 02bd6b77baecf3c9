package org.patchct.projector.cpu;

import org.patchct.task.Processor;

/**
 * {@link SumKernel} by loops that HotSpot compiles to SIMD code, several terms at a time to spare passes over the output.
 */
final class PlainKernel implements SumKernel {

	/**
	 * Terms in one pass. HotSpot leaves a loop that is too long to unroll, of seven or more, without SIMD code: Java 17 and
	 * 25 take 3.5 ns for 16 values and a term in passes of eight, 1.1 in passes of six and 1.2 in passes of four.
	 */
	private static final int MANY = 6, FEW = 4;

	/**
	 * Where it does not hold, Math.fma is hundreds of times slower than its parts; where it does, projections at 128³ and
	 * 256³ took three quarters of the time.
	 */
	private static final boolean FUSED = Processor.fused();

	@Override
	public void add(final float[][] columns, final int[] indices, final float[] weights, final int size,
		final float[] out, final int z0, final int z1)
	{
		int i = 0;
		// Multiplications and additions apart make loops too long for six.
		for (; FUSED && i + FEW < size; i += MANY) {
			final Terms t = new Terms(columns, indices, weights, size, i);
			six(out, z0, z1, t.column(0), t.column(1), t.column(2), t.column(3), t.column(4), t.column(5), t.weight(0), t.weight(
				1), t.weight(2), t.weight(3), t.weight(4), t.weight(5));
		}
		for (; i < size; i += FEW) {
			final Terms t = new Terms(columns, indices, weights, size, i);
			four(out, z0, z1, t.column(0), t.column(1), t.column(2), t.column(3), t.weight(0), t.weight(1), t.weight(2), t
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

	private static void six(final float[] out, final int z0, final int z1, final float[] a, final float[] b,
		final float[] c, final float[] d, final float[] e, final float[] f, final float wa, final float wb, final float wc,
		final float wd, final float we, final float wf)
	{
		for (int z = z0; z < z1; z++)
			out[z] = fma(wf, f[z], fma(we, e[z], fma(wd, d[z], fma(wc, c[z], fma(wb, b[z], fma(wa, a[z], out[z]))))));
	}

	private static void four(final float[] out, final int z0, final int z1, final float[] a, final float[] b,
		final float[] c, final float[] d, final float wa, final float wb, final float wc, final float wd)
	{
		for (int z = z0; z < z1; z++)
			out[z] = fma(wd, d[z], fma(wc, c[z], fma(wb, b[z], fma(wa, a[z], out[z]))));
	}

	/** a · b + c */
	private static float fma(final float a, final float b, final float c) {
		return FUSED ? Math.fma(a, b, c) : a * b + c;
	}
}
