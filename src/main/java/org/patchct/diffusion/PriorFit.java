package org.patchct.diffusion;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.patchct.network.PriorSettings;
import org.patchct.scan.Projections;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** How a scan differs from what a prior was trained on. The prior works nevertheless, less well. */
public final class PriorFit {

	/** Entry of a prior's record: smallest and largest voxel size of the training volumes, [mm, mm]. */
	public static final String VOXEL_SIZE = "voxelSize";

	/** Voxels may be this many times larger or smaller than any trained on before it is worth a warning. */
	private static final double SIZES = 2;

	/**
	 * Values this far above the window count as outside, and this share of the voxels may lie there: noise and the densest
	 * bone do so in any scan.
	 */
	private static final double MARGIN = 0.05, SHARE = 0.01;

	private PriorFit() { }

	/** What can be told before the run, one sentence each; empty if all is well. */
	public static List<String> warnings(final PriorSettings prior, final Grid grid) {
		final List<String> warnings = new ArrayList<>();
		// Between slices there is nothing that a prior of slices knows by its size.
		final double dz = prior.slices() == 0 ? grid.dz() : grid.dx();
		final double finest = Math.min(grid.dx(), Math.min(grid.dy(), dz));
		final double coarsest = Math.max(grid.dx(), Math.max(grid.dy(), dz));
		final JsonElement sizes = prior.record().get(VOXEL_SIZE);
		if (sizes instanceof JsonArray range && range.size() == 2) {
			final double low = range.get(0).getAsDouble(), high = range.get(1).getAsDouble();
			if (coarsest > SIZES * high || finest < low / SIZES) warnings.add(String.format(Locale.ROOT,
				"The voxels of %.3g to %.3g mm are far from those that the prior \"%s\" was trained on, %.3g to %.3g mm: " +
					"structures have other sizes in voxels than it knows. Resample the scan, or choose another prior.", finest,
				coarsest, prior.name(), low, high));
		}
		final int shortest = Math.min(grid.nx(), Math.min(grid.ny(), grid.nz()));
		if (prior.slices() == 0 && 2 * shortest < prior.patch()) warnings.add("The volume's shortest side of " + shortest +
			" voxels is less than half of a patch of the prior \"" + prior.name() + "\" (" + prior.patch() +
			" voxels): most of what the prior sees is padding. Reconstruct more slices together.");
		return warnings;
	}

	/** What can be told of the result, one sentence each; empty if all is well. */
	public static List<String> warnings(final PriorSettings prior, final Projections scan, final Volume result) {
		final double perWindow = scan.intensity().muHigh() / PatchDiffusion.attenuationOfWindow(prior, scan);
		final Columns window = Layouts.normalised(result);
		long above = 0;
		for (final float[] column : window.data())
			for (final float v : column)
				if (v * perWindow > 1 + MARGIN) above++;
		final double share = (double) above / result.grid().voxels();
		return share <= SHARE ? List.of() : List.of(String.format(Locale.ROOT,
			"%.0f %% of the voxels lie above the window of %s to %s %s that the prior \"%s\" was trained on: it cannot know " +
				"them. Choose a prior with a wider window.", 100 * share, prior.low(), prior.high(), prior.unit(), prior
					.name()));
	}
}
