package org.patchct.projector.cpu;

import org.patchct.task.Processor;

/** The inner loop of projections: adds scaled columns to one. Safe for several threads. */
interface SumKernel {

	/** The fastest here. */
	SumKernel FASTEST = Processor.vectors() ? new VectorKernel() : new PlainKernel();

	/** Where projections with a kernel run, for reports. */
	static String device(final SumKernel kernel) {
		return kernel instanceof PlainKernel ? "cpu" : "cpu (vector instructions)";
	}

	/**
	 * out[z] ← out[z] + Σ wᵢ · columnᵢ[z] for z0 ≤ z &lt; z1, term by term in their order with fused multiply-adds
	 * where the processor has them, so that every kernel gives the same.
	 *
	 * @param columns all that there are; out is none of those that are summed
	 * @param indices which are summed
	 * @param size how many, from 1
	 */
	void add(float[][] columns, int[] indices, float[] weights, int size, float[] out, int z0, int z1);
}
