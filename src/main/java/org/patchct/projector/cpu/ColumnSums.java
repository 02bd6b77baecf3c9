package org.patchct.projector.cpu;

import java.util.Arrays;

/** Weighted sums of columns, Σ wᵢ · columnᵢ[z], collected term by term. For one thread. */
final class ColumnSums {

	private final SumKernel kernel;

	private int[] indices = new int[256];

	private float[] weights = new float[256];

	private int size;

	ColumnSums(final SumKernel kernel) {
		this.kernel = kernel;
	}

	/** So many sums without terms. */
	static ColumnSums[] several(final int count, final SumKernel kernel) {
		final ColumnSums[] sums = new ColumnSums[count];
		Arrays.setAll(sums, i -> new ColumnSums(kernel));
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

	/** out[z] ← out[z] + Σ wᵢ · columnᵢ[z] for z0 ≤ z &lt; z1. */
	void addTo(final float[][] columns, final float[] out, final int z0, final int z1) {
		if (size > 0) kernel.add(columns, indices, weights, size, out, z0, z1);
	}
}
