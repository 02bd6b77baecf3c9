package org.patchct.diffusion;

/** Where a sampler starts. */
public enum WarmStart {

	/** Pure noise, as in the paper. */
	NOISE("noise"),
	/** The filtered back-projection, noised to the start level. */
	FBP("FBP"),
	/** The total-variation reconstruction, noised to the start level. */
	ADMM_TV("ADMM-TV");

	private final String label;

	WarmStart(final String label) {
		this.label = label;
	}

	@Override
	public String toString() {
		return label;
	}
}
