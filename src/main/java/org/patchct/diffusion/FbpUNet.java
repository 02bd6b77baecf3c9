package org.patchct.diffusion;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.TorchEngine;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.Fbp;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

import org.scijava.plugin.Plugin;

/**
 * Filtered back-projection, corrected slice by slice by a network that was trained on pairs of an FBP and the truth for one
 * number of views (Jin, McCann, Froustey and Unser, "Deep Convolutional Neural Network for Inverse Problems in Imaging",
 * 2017): the supervised baseline. The measurements are used once, so the result need not agree with them.
 * <p>
 * The network is a denoiser whose noise is the error of the FBP. It weighs the FBP of each band of the slice by how far it
 * can be trusted and adds what it knows, in place of the published U-Net's plain residual.
 * </p>
 */
@Plugin(type = Reconstructor.class, name = FbpUNet.NAME)
public final class FbpUNet implements Reconstructor {

	public static final String NAME = "FBP-UNet";

	/** Share of the progress that the FBP takes. */
	private static final double FBP_SHARE = 0.2;

	/** Slices that are corrected between two previews. */
	private static final int SLICES = 16;

	/**
	 * The network of a run: a file, a bundled one by its name, or if none is given or only a kind of volumes is named, the
	 * bundled one for the number of views that is nearest by ratio.
	 *
	 * @param given as in {@link RunSettings#prior}
	 */
	public static PriorChoice network(final Path given, final ScanGeometry geometry, final Intensity intensity) {
		final PriorChoice choice = PriorChoice.of(given, intensity);
		if (choice.file() != null || !Prior.BUNDLED.contains(choice.bundled())) return choice;
		final int views = nearest(Prior.FBP_VIEWS, geometry.views());
		return new PriorChoice(Prior.fbpName(choice.bundled(), views), null, (choice.reason().isEmpty() ? "" : choice
			.reason() + " and ") + "the nearest to " + geometry.views() + " views");
	}

	/** The number that is nearest by ratio; of two, the smaller one. */
	static int nearest(final List<Integer> numbers, final int wanted) {
		return numbers.stream().sorted().min(Comparator.comparingDouble(n -> Math.abs(Math.log((double) n / wanted))))
			.orElseThrow();
	}

	/**
	 * How a scan differs from those that a network was trained on, as a sentence for the user, or null if it does not.
	 *
	 * @throws InvalidInputException if the network is a diffusion prior, or the scan too different
	 */
	public static String warning(final PriorSettings network, final Projections scan) {
		network.requireFbp(NAME);
		return network.fbp().difference(scan.geometry(), network.name());
	}

	@Override
	public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
		final Progress progress)
	{
		try (Prior network = network(run.prior(), projections.geometry(), projections.intensity()).open(run.device())) {
			return reconstruct(projections, grid, network, run, progress);
		}
	}

	/**
	 * Like {@link #reconstruct(Projections, Grid, RunSettings, Progress)}, with a network that is open already and stays
	 * open; that of {@code run} is not used.
	 */
	public Volume reconstruct(final Projections projections, final Grid grid, final Prior network, final RunSettings run,
		final Progress progress)
	{
		final PriorSettings known = network.settings();
		warning(known, projections);
		final double mu = PatchDiffusion.attenuationOfWindow(known, projections);
		Memory.requireRoom(NAME + " of " + grid, voxels(grid, projections.geometry(), known));
		final Projector projector = Projectors.create(grid, projections.geometry(), run.device());
		final Columns fbp = new Fbp(known.fbp().window()).reconstruct(projector, projections.toColumns().scale((float) (1 /
			mu)), progress.part(0, FBP_SHARE));
		fbp.affine((float) (known.networkHigh() - known.networkLow()), (float) known.networkLow());
		final NetworkUnits units = NetworkUnits.of(known, mu, projections.intensity());
		final Progress correcting = units.of(progress.part(FBP_SHARE, 1));
		final SliceDenoiser denoiser = new SliceDenoiser(network, SliceGroups.inTurn(grid.nz(), SLICES), grid.nx(), grid
			.ny(), new Stopwatch());
		final Columns result = fbp.copy();
		final int parts = (grid.nz() + SLICES - 1) / SLICES;
		for (int z = 0; z < grid.nz(); z += SLICES) {
			final Iterate iterate = new Iterate(z / SLICES, parts, () -> Layouts.toImage(result));
			if (z > 0) correcting.iterated(iterate);
			correcting.update("Correcting slice " + (z + 1) + " of " + grid.nz(), (double) z / grid.nz());
			try {
				denoiser.denoise(fbp, 0, Placement.ORIGIN, NoiseField.of(run.seed()), result, correcting);
			}
			catch (final CancelledException e) {
				// Slices that are not corrected yet are those of the FBP.
				correcting.iterated(iterate);
				throw e;
			}
		}
		progress.update("Done", 1);
		return Layouts.denormalised(projections.name(), units.fromNetwork(result), grid, projections.intensity());
	}

	/**
	 * Memory that a reconstruction takes at most, in 32-bit voxels: FBP, result, its preview, and what is added beside the
	 * slices; three sets of projections (y, the filtered ones and the projector's), and the input and output of a batch of the
	 * network.
	 */
	private static double voxels(final Grid grid, final ScanGeometry geometry, final PriorSettings network) {
		final double plane = (double) SliceDenoiser.padded(network, grid.nx()) * SliceDenoiser.padded(network, grid.ny());
		return 3 * Columns.memory(grid.nx(), grid.ny(), grid.nz()) + (plane - (double) grid.nx() * grid.ny()) * (grid
			.nz() + Columns.ARRAY) + 2 * SLICES * plane + 3 * Columns.memory(geometry.bins(), geometry.views(),
				geometry.rows());
	}

	@Override
	public Map<String, String> recipe(final ScanGeometry geometry, final Intensity intensity, final RunSettings run) {
		return network(run.prior(), geometry, intensity).recipe();
	}

	/** Where the network runs. */
	@Override
	public String device(final RunSettings run) {
		return TorchEngine.choose(run.device()).name();
	}

	@Override
	public String description() {
		return NAME;
	}
}
