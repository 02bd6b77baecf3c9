package org.patchct.diffusion;

/**
 * What a run of the sampler took.
 *
 * @param evaluations times that the network saw the whole volume, over all samples
 * @param patches patches that it was given
 * @param warmStart seconds for the volume that the samples start from
 * @param network seconds in the network, until its output is back in Java's memory
 * @param patchWork seconds for cutting the volume into patches and putting it together again
 * @param data seconds of data consistency
 * @param sampler seconds for all else in the steps: noise, sums and previews
 */
public record SamplerCost(int evaluations, long patches, double warmStart, double network, double patchWork,
	double data, double sampler)
{

	/** Share of the steps' time that is not the network's, 0 to 1; the warm start does not count. */
	public double outside() {
		final double rest = patchWork + data + sampler;
		return rest / (network + rest);
	}
}
