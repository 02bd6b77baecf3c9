package org.patchct.evaluate;

/** Colours for the values from 0 to 1. */
public enum ColourMap {

	/** From black to pale yellow: every sixteenth colour of matplotlib's (Smith and van der Walt, CC0), even in lightness. */
	INFERNO(0x000004, 0x0c0826, 0x240c4f, 0x420a68, 0x5d126e, 0x781c6d, 0x932667, 0xae305c, 0xc73e4c, 0xdd513a, 0xed6925,
			0xf8850f, 0xfca50a, 0xfac62d, 0xf2e661, 0xfcffa4),

	/** From blue over white in the middle to red: ColorBrewer's RdBu (Brewer, 2003), the other way round. */
	BLUE_RED(0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f);

	private final int[] colours;

	ColourMap(final int... colours) {
		this.colours = colours;
	}

	/** 0xRRGGBB of a value, which is clipped to 0…1. */
	public int rgb(final double value) {
		final double at = Math.min(1, Math.max(0, value)) * (colours.length - 1);
		final int below = Math.min(colours.length - 2, (int) at);
		return blend(colours[below], colours[below + 1], at - below);
	}

	/** (1 − weight) · a + weight · b, each 0xRRGGBB. */
	static int blend(final int a, final int b, final double weight) {
		int rgb = 0;
		for (int shift = 16; shift >= 0; shift -= 8) {
			final int from = a >> shift & 0xff, to = b >> shift & 0xff;
			rgb |= (int) Math.round(from + weight * (to - from)) << shift;
		}
		return rgb;
	}
}
