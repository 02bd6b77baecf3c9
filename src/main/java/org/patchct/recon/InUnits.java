package org.patchct.recon;

import org.patchct.task.ForwardingProgress;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

/** Passes on the iterates of a solver, which has units of its own, in those of the result. */
public class InUnits extends ForwardingProgress {

	private final float scale, shift;

	/**
	 * @param scale of the solver's values, and
	 * @param shift which is then added, to give window units
	 * @param intensity turns window units into those of the result
	 */
	public InUnits(final Progress progress, final double scale, final double shift, final Intensity intensity) {
		super(progress);
		this.scale = (float) (scale * (intensity.high() - intensity.low()));
		this.shift = (float) intensity.denormalise(shift);
	}

	@Override
	public void iterated(final Iterate iterate) {
		super.iterated(new Iterate(iterate.number(), iterate.total(), () -> Layouts.affine(iterate.volume().get(), scale,
			shift), iterate.residual()));
	}
}
