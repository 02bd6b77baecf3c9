package org.patchct.train;

import java.util.ArrayList;
import java.util.List;

import org.patchct.network.FbpScan;
import org.patchct.recon.Fbp;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Simulates scans of volumes and reconstructs them by filtered back-projection, so that a network can learn the way from
 * there to the truth: the volume on the finer grid that is projected, averaged over voxels.
 * <p>
 * Every scan of a volume has noise of its own and sees it turned another way, since streaks keep to the directions of the
 * views: as it is, with x and y exchanged, mirrored in x, and both.
 * </p>
 *
 * @param scan views, noise and filter
 * @param size voxels along the longest side of the reconstructions; 0 for the volumes' own grids
 * @param oversample how many times finer the grid that is projected is, 1 to 8
 * @param scans of each volume
 * @param seed of the noise
 * @param device "auto", "cpu" or "cuda:N"
 */
public record FbpPairs(FbpScan scan, int size, int oversample, int scans, long seed, String device) {

	/** Largest number of scans of a volume. */
	public static final int MOST_SCANS = 100;

	public FbpPairs {
		if (scans < 1 || scans > MOST_SCANS) throw new InvalidInputException("Scans of each volume " + scans +
			": it must be from 1 to " + MOST_SCANS + ".");
	}

	/**
	 * Scans a volume.
	 *
	 * @throws InvalidInputException if oversampling or size are out of range, or the scan would not fit into memory
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public List<FbpPair> of(final Volume volume, final Progress progress) {
		final Volume object = Simulation.object(volume, size, oversample);
		final List<FbpPair> pairs = new ArrayList<>();
		for (int i = 0; i < scans; i++) {
			final Progress part = progress.part((double) i / scans, (i + 1.0) / scans);
			final Volume turned = turned(object, i % 2 == 1, i % 4 >= 2);
			final Volume truth = Resampling.binned(turned, oversample).named(volume.name() + (i == 0 ? "" : ", scan " + (i +
				1)));
			final Projections projections = Simulation.scan(turned, oversample, scan.beam(truth.grid()), new NoiseModel(scan
				.photons(), 0), Batch.mix(Batch.mix(seed, volume.name().hashCode()), i), device, part);
			pairs.add(new FbpPair(truth, new Fbp(scan.window()).reconstruct(projections, truth.grid(), new RunSettings(device, 0,
				null), part)));
		}
		return pairs;
	}

	/** A volume with x and y exchanged if so wanted, then mirrored in x if so wanted. */
	private static Volume turned(final Volume volume, final boolean transpose, final boolean flip) {
		if (!transpose && !flip) return volume;
		final Grid g = volume.grid();
		final Grid grid = transpose ? new Grid(g.ny(), g.nx(), g.nz(), g.dy(), g.dx(), g.dz()) : g;
		final int nx = grid.nx(), ny = grid.ny();
		final float[][] from = Layouts.planes(volume.img()), to = new float[from.length][];
		Parallel.loop(from.length, z -> {
			to[z] = new float[nx * ny];
			for (int y = 0; y < ny; y++)
				for (int x = 0; x < nx; x++) {
					final int fx = flip ? nx - 1 - x : x;
					to[z][x + nx * y] = from[z][transpose ? y + ny * fx : fx + nx * y];
				}
		});
		return new Volume(volume.name(), Layouts.wrap(to, nx, ny), grid, volume.intensity());
	}

	/** Root of the mean squared error of the FBP in all volumes, network units. */
	public static double error(final List<TrainingVolume> volumes) {
		double sum = 0, count = 0;
		for (final TrainingVolume volume : volumes) {
			final Columns truth = volume.columns(), fbp = volume.fbp();
			for (int i = 0; i < truth.data().length; i++)
				for (int z = 0; z < truth.nz(); z++)
					sum += Math.pow(fbp.data()[i][z] - truth.data()[i][z], 2);
			count += (double) truth.nx() * truth.ny() * truth.nz();
		}
		return Math.sqrt(sum / count);
	}
}
