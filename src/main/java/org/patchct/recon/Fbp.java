package org.patchct.recon;

import java.util.Arrays;
import java.util.Map;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.Detector;
import org.patchct.scan.DivergentBeam;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

import org.scijava.plugin.Plugin;

/**
 * Filtered back-projection: ramp filter along the detector, linear interpolation back along the rays (Kak and Slaney,
 * Principles of Computerized Tomographic Imaging, 1988, chapter 3, for parallel and fan beams). For cone beam it is the
 * method of Feldkamp, Davis and Kress (J. Opt. Soc. Am. A 1:612, 1984), exact in the plane of the source.
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
		final Columns volume = projector.newVolume();
		if (projector.geometry() instanceof DivergentBeam beam) {
			DivergentWeights.apply(beam, projections);
			final DivergentBeam wide = DivergentWeights.widened(beam, projector.grid());
			final Columns filtered = wide == beam ? projections : padded(projections, beam, wide);
			(wide.detector() == Detector.FLAT ? new RampFilter(wide.bins(), wide.binPitch(), window) : RampFilter.equiangular(
				wide.bins(), wide.binPitch() / wide.sourceToDetector(), window)).apply(filtered, filtered);
			progress.checkCancelled();
			progress.update("Back-projecting", 0.3);
			// A device's name may follow it.
			(wide == beam ? projector : Projectors.create(projector.grid(), wide, projector.device().split(" ")[0]))
				.backproject(filtered, volume);
		}
		else {
			final double[] weights = viewWeights(projector.geometry().angles(), 180);
			projections.forColumns(index -> scale(projections.data()[index], weights[index / projections.nx()]));
			new RampFilter(projections.nx(), projector.geometry().binPitch(), window).apply(projections, projections);
			progress.checkCancelled();
			progress.update("Back-projecting", 0.3);
			projector.backproject(projections, volume);
		}
		progress.update("Done", 1);
		return volume;
	}

	private static Columns padded(final Columns projections, final DivergentBeam beam, final DivergentBeam wide) {
		final Columns padded = new Columns(wide.bins(), wide.views(), wide.rows());
		final int left = (int) Math.round(wide.bin(0) - beam.bin(0));
		for (int view = 0; view < beam.views(); view++)
			for (int u = 0; u < beam.bins(); u++)
				padded.data()[left + u + wide.bins() * view] = projections.column(u, view);
		return padded;
	}

	private static void scale(final float[] column, final double factor) {
		for (int v = 0; v < column.length; v++)
			column[v] *= factor;
	}

	/**
	 * The angle that each view stands for, radians: half the gap to each neighbour, with angles taken modulo the period
	 * after which a scan measures the same lines again. A gap of more than twice the median is a range that was not
	 * measured; it counts as the median, so that a limited-angle scan keeps the weights of its step.
	 *
	 * @param period degrees: 180 in parallel beam, since views at θ and θ + 180° measure the same lines; else 360
	 */
	static double[] viewWeights(final double[] degrees, final double period) {
		final int n = degrees.length;
		if (n == 1) return new double[] { Math.toRadians(period) };
		final double[] angles = new double[n];
		final Integer[] order = new Integer[n];
		for (int i = 0; i < n; i++) {
			angles[i] = ((degrees[i] % period) + period) % period;
			order[i] = i;
		}
		Arrays.sort(order, (a, b) -> Double.compare(angles[a], angles[b]));
		final double[] gaps = new double[n]; // from the i-th view in order to the next
		for (int i = 0; i < n; i++)
			gaps[i] = i + 1 < n ? angles[order[i + 1]] - angles[order[i]] : angles[order[0]] + period - angles[order[i]];
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
	public Fbp with(final Map<String, String> settings) {
		final MethodSettings chosen = new MethodSettings(settings);
		final Fbp method = new Fbp(chosen.choice("window", window));
		chosen.requireNoOther();
		return method;
	}

	@Override
	public String description() {
		return NAME + ", " + window + " window";
	}
}
