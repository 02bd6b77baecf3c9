package org.patchct.diffusion;

/** Shares the time of one thread out to the parts of a run: every moment belongs to one part. */
final class Stopwatch {

	enum Part { WARM_START, NETWORK, PATCHES, DATA, SAMPLER }

	private final long[] nanos = new long[Part.values().length];

	private Part current = Part.SAMPLER;

	private long since = System.nanoTime();

	private int evaluations;

	private long patches;

	/** The time from now on belongs to {@code part}. Returns the part that it belonged to, to be entered again. */
	Part enter(final Part part) {
		final long now = System.nanoTime();
		final Part before = current;
		nanos[before.ordinal()] += now - since;
		since = now;
		current = part;
		return before;
	}

	/** Notes that the network saw the whole volume, cut into so many patches. */
	void evaluated(final int count) {
		evaluations++;
		patches += count;
	}

	SamplerCost cost() {
		enter(current);
		return new SamplerCost(evaluations, patches, seconds(Part.WARM_START), seconds(Part.NETWORK), seconds(Part.PATCHES),
			seconds(Part.DATA), seconds(Part.SAMPLER));
	}

	private double seconds(final Part part) {
		return nanos[part.ordinal()] * 1e-9;
	}
}
