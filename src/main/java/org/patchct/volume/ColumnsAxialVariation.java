package org.patchct.volume;

import java.util.List;

/** Total variation along z of volumes in memory. */
public final class ColumnsAxialVariation implements TotalVariation<Columns> {

	@Override
	public void split(final Columns x, final List<Columns> v, final float threshold) {
		x.forColumns(i -> {
			final float[] here = x.data()[i], vz = v.get(0).data()[i];
			final int last = here.length - 1;
			for (int k = 0; k < last; k++)
				vz[k] = here[k + 1] - here[k] + dual(vz[k], threshold);
			vz[last] = here[0] - here[last] + dual(vz[last], threshold);
		});
	}

	@Override
	public void addTarget(final List<Columns> v, final float threshold, final float weight, final Columns out) {
		out.forColumns(i -> {
			final float[] target = out.data()[i], vz = v.get(0).data()[i];
			float previous = target(vz[vz.length - 1], threshold);
			for (int k = 0; k < target.length; k++) {
				final float own = target(vz[k], threshold);
				target[k] += weight * (previous - own);
				previous = own;
			}
		});
	}

	/** u = v − shrink(v, threshold) */
	private static float dual(final float v, final float threshold) {
		return Math.min(threshold, Math.max(-threshold, v));
	}

	/** d − u = v − 2 u */
	private static float target(final float v, final float threshold) {
		return v - 2 * dual(v, threshold);
	}

	@Override
	public double addLaplacian(final Columns x, final float weight, final float c, final float a, final Columns out) {
		final float own = weight * c;
		return out.sum((i, sums) -> {
			final float[] target = out.data()[i], here = x.data()[i];
			final int last = here.length - 1;
			for (int k = 0; k <= last; k++)
				target[k] = a * target[k] + own * here[k];
			if (last > 0) {
				target[0] += weight * (2 * here[0] - here[last] - here[1]);
				for (int k = 1; k < last; k++)
					target[k] += weight * (2 * here[k] - here[k - 1] - here[k + 1]);
				target[last] += weight * (2 * here[last] - here[last - 1] - here[0]);
			}
			for (int k = 0; k <= last; k++)
				sums[k] += here[k] * target[k];
		});
	}
}
