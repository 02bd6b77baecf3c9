package org.patchct.recon;

import java.util.Map;

import org.patchct.projector.Projectors;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Volume;

import org.scijava.plugin.SciJavaPlugin;

/**
 * A reconstruction method. Discovered as a SciJava plugin: annotate the class with
 * {@code @Plugin(type = Reconstructor.class, name = "My method")} and the comparison offers it under that name. The
 * no-argument constructor gives the method's defaults.
 */
public interface Reconstructor extends SciJavaPlugin {

	/**
	 * Reconstructs a scan.
	 *
	 * @param projections the scan; not changed
	 * @param grid the grid of the result
	 * @param run device, seed and prior
	 * @param progress told how far the work is, and asked whether to stop, at least once an iteration
	 * @return the volume, in the units of {@link Projections#intensity}, named by the caller
	 * @throws InvalidInputException if the scan, the grid or the prior cannot be used; the message says why and what to do
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	Volume reconstruct(Projections projections, Grid grid, RunSettings run, Progress progress);

	/**
	 * What {@link #reconstruct} would take, the time measured by a short probe of this machine.
	 *
	 * @param progress asked whether to stop
	 * @return {@link Estimate#UNKNOWN} if the method cannot tell, or takes no time worth telling
	 * @throws InvalidInputException as {@link #reconstruct}, and if memory cannot hold what it needs
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	default Estimate estimate(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		return Estimate.UNKNOWN;
	}

	/** Where {@link #reconstruct} runs with these settings, and why, for reports: "cpu", "cuda:0 (NVIDIA H200)". */
	default String device(final RunSettings run) {
		return Projectors.device(run.device());
	}

	/**
	 * This method with other settings than its defaults, for comparisons of settings.
	 *
	 * @param settings values by key; keys that its command has too mean the same
	 * @throws InvalidInputException if there is no such setting or the value is not allowed
	 */
	default Reconstructor with(final Map<String, String> settings) {
		new MethodSettings(settings).requireNoOther();
		return this;
	}

	/** One line that describes the method and its settings, for the result's recipe. */
	String description();

	/**
	 * What a result depends on besides, in lines of a key and a value: for instance which prior was used. It goes to the
	 * result's recipe, and a comparison keeps a result only while it stays the same.
	 *
	 * @param geometry of the scan
	 * @param intensity what its values mean
	 * @param run with the prior that is given, if any
	 * @throws InvalidInputException if there is no such prior
	 */
	default Map<String, String> recipe(final ScanGeometry geometry, final Intensity intensity, final RunSettings run) {
		return Map.of();
	}
}
