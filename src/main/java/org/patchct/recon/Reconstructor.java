package org.patchct.recon;

import java.util.Map;

import org.patchct.projector.Projectors;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
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
	 * @throws org.patchct.task.InvalidInputException if the scan, the grid or the prior cannot be used; the message says
	 *           why and what to do
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	Volume reconstruct(Projections projections, Grid grid, RunSettings run, Progress progress);

	/** Where {@link #reconstruct} runs with these settings, and why, for reports: "cpu", "cuda:0 (NVIDIA H200)". */
	default String device(final RunSettings run) {
		return Projectors.device(run.device());
	}

	/** One line that describes the method and its settings, for the result's recipe. */
	String description();

	/**
	 * What a result's recipe says besides, in lines of a key and a value, so that it can be made again: for instance which
	 * prior was used.
	 */
	default Map<String, String> recipe(final Projections projections, final RunSettings run) {
		return Map.of();
	}
}
