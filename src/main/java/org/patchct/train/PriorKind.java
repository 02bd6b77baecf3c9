package org.patchct.train;

/** What a prior's network sees of a volume. */
public enum PriorKind {

	/** Cubic patches with the whole volume and their position, for patch diffusion (Yang et al. 2025). */
	PATCHES("3-D patches", 0),

	/** Single slices, for DDS (Chung et al. 2024) and DiffusionMBIR (Chung et al. 2023). */
	SLICES("Slices", 1),

	/** Three slices at once, adjacent or further apart, for DiffusionBlend (Song et al. 2024). */
	GROUPS("3-slice groups", 3);

	private final String label;

	private final int slices;

	PriorKind(final String label, final int slices) {
		this.label = label;
		this.slices = slices;
	}

	/** How many slices the network sees at once; 0 for cubes. */
	public int slices() {
		return slices;
	}

	@Override
	public String toString() {
		return label;
	}
}
