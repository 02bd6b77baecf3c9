package org.patchct.task;

/** Passes everything on, for those that change some of it. */
public class ForwardingProgress implements Progress {

	private final Progress to;

	public ForwardingProgress(final Progress to) {
		this.to = to;
	}

	@Override
	public void update(final String stage, final double done) {
		to.update(stage, done);
	}

	@Override
	public boolean cancelled() {
		return to.cancelled();
	}

	@Override
	public void iterated(final Iterate iterate) {
		to.iterated(iterate);
	}
}
