package org.patchct.recon;

import java.util.Arrays;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

import org.scijava.plugin.Plugin;

/**
 * Filtered back-projection for parallel beam: ramp filter along the detector, linear interpolation back along the rays
 * (Kak and Slaney, Principles of Computerized Tomographic Imaging, 1988, chapter 3).
 */
@Plugin(type = Reconstructor.class, name = Fbp.NAME)
public final class Fbp implements Reconstructor {

	public static final String NAME = "FBP";

	private final RampFilter.Window window;

	/** With the plain ramp (Ram-Lak). */
	public Fbp() {
		this(RampFilter.Window.RAM_LAK);
	}

	public Fbp(final RampFilter.Window window) {
		this.window = window;
	}

	@Override
	public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final Columns result = reconstruct(projector, projections.normalised(), progress);
		return Layouts.denormalised(projections.name(), result, grid, projections.intensity());
	}

	/**
	 * The method on the solvers' layout.
	 *
	 * @param projections line integrals; overwritten
	 * @return the volume whose line integrals they are
	 */
	public Columns reconstruct(final Projector projector, final Columns projections, final Progress progress) {
		progress.update("Filtering", 0);
		new RampFilter(projections.nx(), projector.geometry().binPitch(), window).apply(projections, projections);
		final double[] weights = viewWeights(projector.geometry().angles());
		for (int view = 0; view < weights.length; view++)
			for (int u = 0; u < projections.nx(); u++) {
				final float[] column = projections.column(u, view);
				for (int v = 0; v < column.length; v++)
					column[v] *= weights[view];
			}
		progress.checkCancelled();
		progress.update("Back-projecting", 0.3);
		final Columns volume = projector.newVolume();
		projector.backproject(projections, volume);
		progress.update("Done", 1);
		return volume;
	}

	/**
	 * The share of the half turn that each view stands for, radians. Views at θ and θ + 180° measure the same lines, so
	 * angles are taken modulo 180°, and a view stands for half the gap to each neighbour: π/V for V even views over a half
	 * or a full turn. A gap of more than twice the median is a range that was not measured; it counts as the median, so
	 * that a limited-angle scan keeps the weights of its step.
	 */
	static double[] viewWeights(final double[] degrees) {
		final int n = degrees.length;
		if (n == 1) return new double[] { Math.PI };
		final double[] angles = new double[n];
		final Integer[] order = new Integer[n];
		for (int i = 0; i < n; i++) {
			angles[i] = ((degrees[i] % 180) + 180) % 180;
			order[i] = i;
		}
		Arrays.sort(order, (a, b) -> Double.compare(angles[a], angles[b]));
		final double[] gaps = new double[n]; // from the i-th view in order to the next
		for (int i = 0; i < n; i++)
			gaps[i] = i + 1 < n ? angles[order[i + 1]] - angles[order[i]] : angles[order[0]] + 180 - angles[order[i]];
		final double[] measured = Arrays.stream(gaps).filter(gap -> gap > 1e-6).sorted().toArray();
		final double median = measured[measured.length / 2];
		final double[] weights = new double[n];
		for (int i = 0; i < n; i++) {
			final double gap = gaps[i] > 2 * median ? median : gaps[i];
			weights[order[i]] += Math.toRadians(gap) / 2;
			weights[order[(i + 1) % n]] += Math.toRadians(gap) / 2;
		}
		return weights;
	}

	@Override
	public String description() {
		return NAME + ", " + window + " window";
	}
}
