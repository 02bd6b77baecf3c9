package org.patchct.network;

/** What a network was trained to return, for x_t = √ᾱ x0 + √(1−ᾱ) ε. */
public enum Prediction {
	/** The noise ε (Ho et al. 2020). */
	EPSILON,
	/** The velocity v = √ᾱ ε − √(1−ᾱ) x0 (Salimans and Ho 2022, section 4), well scaled at every noise level. */
	V,
	/** The clean patch x0, by a network that is preconditioned itself (Karras et al. 2022), as {@link WaveletUNet} is. */
	CLEAN
}
