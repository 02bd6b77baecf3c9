package org.patchct.diffusion;

import java.util.List;

import org.patchct.network.Prediction;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.RunSettings;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

/** A short run with everything that takes memory, for a Java machine of its own. */
final class MemoryRun {

	static final int PATCH = 32;

	/** MB for classes, PyTorch's Java side and what the collector needs to work. */
	static final int BEYOND = 40;

	static final Grid GRID = Grid.cube(144, 2);

	static final ParallelBeam GEOMETRY = ParallelBeam.covering(GRID, ScanGeometry.evenAngles(2, 0, 180));

	static final SamplerSettings SETTINGS = new SamplerSettings(1, 2, 0.8, 2, 1, WarmStart.ADMM_TV, 100, Offsets.RANDOM, 2)
		.withTv(AdmmTv.Settings.DEFAULT.withIterations(2, 2));

	private MemoryRun() { }

	public static void main(final String... args) {
		final Columns lineIntegrals = new Columns(GEOMETRY.bins(), GEOMETRY.views(), GEOMETRY.rows()).fill(1);
		final Projections scan = new Projections("scan", Projections.toImage(NoiseField.of(1).mixInto(lineIntegrals, 1,
			0.1f)), GEOMETRY, GRID, Intensity.HU);
		final PriorSettings tiny = PriorSettings.hounsfield("tiny", new UNetConfig(5, 1, PATCH, 4, 4, List.of(1), 1, List
			.of(), false, 2), Prediction.V);
		try (Prior prior = Prior.create(tiny, "cpu", 1)) {
			final PatchDiffusion.Result result = new PatchDiffusion(SETTINGS).sample(scan, GRID, prior, null, new RunSettings("cpu", 1,
				null), true, Progress.SILENT);
			final double norm = Layouts.toColumns(result.deviation().img()).norm();
			System.out.println("finite: " + Double.isFinite(norm));
		}
	}
}
