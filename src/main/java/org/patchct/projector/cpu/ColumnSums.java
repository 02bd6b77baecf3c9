package org.patchct.projector.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Weighted sums of columns, Σ wᵢ · columnᵢ[z], collected term by term and added up by loops that HotSpot compiles to SIMD
 * code, several terms at a time to spare passes over the output. For one thread.
 * <p>
 * Loops with Java's Vector API, for which Java must be started with its incubating module, took 0.20 s of one core's time
 * in place of 0.22 for a forward projection of 256³ voxels to 60 views, and 0.27 as these for the adjoint: not worth a flag.
 * </p>
 */
final class ColumnSums {

	/**
	 * Terms in one pass. HotSpot leaves a loop that is too long to unroll, of seven or more, without SIMD code: Java 17 and
	 * 25 take 3.5 ns for 16 values and a term in passes of eight, 1.1 in passes of six and 1.2 in passes of four.
	 */
	private static final int MANY = 6, FEW = 4;

	/**
	 * Whether the processor multiplies and adds in one instruction. Where it does not, Math.fma is hundreds of times slower
	 * than its parts; where it does, projections at 128³ and 256³ took three quarters of the time.
	 */
	private static final boolean FUSED = isFused();

	private int[] indices = new int[256];

	private float[] weights = new float[256];

	private int size;

	/** So many sums without terms. */
	static ColumnSums[] several(final int count) {
		final ColumnSums[] sums = new ColumnSums[count];
		Arrays.setAll(sums, i -> new ColumnSums());
		return sums;
	}

	void clear() {
		size = 0;
	}

	boolean isEmpty() {
		return size == 0;
	}

	/** @param index of the column among those that {@link #addTo} is given */
	void add(final int index, final float weight) {
		if (size == indices.length) {
			indices = Arrays.copyOf(indices, 2 * size);
			weights = Arrays.copyOf(weights, 2 * size);
		}
		indices[size] = index;
		weights[size++] = weight;
	}

	/** Adds a column to the sum that each index stands for, with the index's weight: the transpose of {@link #addTo}. */
	void spread(final int column, final ColumnSums[] sums) {
		for (int i = 0; i < size; i++)
			sums[indices[i]].add(column, weights[i]);
	}

	/**
	 * out[z] ← out[z] + Σ wᵢ · columnᵢ[z] for z0 ≤ z &lt; z1, term by term in their order.
	 *
	 * @param columns all that there are; out is none of those that are summed
	 */
	void addTo(final float[][] columns, final float[] out, final int z0, final int z1) {
		int i = 0;
		// Multiplications and additions apart make loops too long for six.
		for (; FUSED && i + FEW < size; i += MANY)
			six(out, z0, z1, column(columns, i), column(columns, i + 1), column(columns, i + 2), column(columns, i + 3), column(
				columns, i + 4), column(columns, i + 5), weight(i), weight(i + 1), weight(i + 2), weight(i + 3), weight(i + 4),
				weight(i + 5));
		for (; i < size; i += FEW)
			four(out, z0, z1, column(columns, i), column(columns, i + 1), column(columns, i + 2), column(columns, i + 3), weight(
				i), weight(i + 1), weight(i + 2), weight(i + 3));
	}

	/** The column of a term; of those after the last, which have no weight, any. */
	private float[] column(final float[][] columns, final int i) {
		return columns[indices[Math.min(i, size - 1)]];
	}

	private float weight(final int i) {
		return i < size ? weights[i] : 0;
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
