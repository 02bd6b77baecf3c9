package org.patchct.recon;

import java.util.Arrays;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Simulated scans. To keep the data from being made by the very operator that later inverts them (the "inverse crime"),
 * the object may be given on a grid {@code oversample} times finer than the reconstruction's; it is projected with
 * equally finer bins, rows and, within each view, no further approximation, and the line integrals are averaged over each
 * detector bin.
 */
public final class Simulation {

	private Simulation() { }

	/** The reconstruction grid of an object given on a grid {@code oversample} times finer. */
	public static Grid reconstructionGrid(final Grid fine, final int oversample) {
		if (oversample < 1 || oversample > 8) throw new InvalidInputException(wrongOversampling(oversample));
		if (fine.nx() % oversample != 0 || fine.ny() % oversample != 0 || fine.nz() % oversample != 0)
			throw new InvalidInputException("Grid of " + fine + " does not divide by the oversampling factor " + oversample +
				".");
		return new Grid(fine.nx() / oversample, fine.ny() / oversample, fine.nz() / oversample, fine.dx() * oversample, fine
			.dy() * oversample, fine.dz() * oversample);
	}

	/**
	 * A volume on the grid that is projected when the reconstruction has {@code size} voxels along its longest side: that
	 * grid, {@code oversample} times finer.
	 *
	 * @param size 0 for the volume's own grid, else cubic voxels
	 * @throws InvalidInputException if a number is out of range, or the result would not fit into memory
	 */
	public static Volume object(final Volume volume, final int size, final int oversample) {
		return object(volume, size, oversample, Progress.SILENT);
	}

	/** Like {@link #object(Volume, int, int)}, with progress, which may cancel. */
	public static Volume object(final Volume volume, final int size, final int oversample, final Progress progress) {
		if (oversample < 1 || oversample > 8) throw new InvalidInputException(wrongOversampling(oversample));
		return Resampling.toGrid(volume, Resampling.cubic(volume.grid(), size).refined(oversample), progress);
	}

	private static String wrongOversampling(final int oversample) {
		return "Oversampling " + oversample + ": it must be from 1 (none) to 8.";
	}

	/**
	 * Scans a volume.
	 *
	 * @param object the object on the fine grid; values below empty space count as empty space; not changed
	 * @param oversample how much finer the object's grid is than the reconstruction's, 1 for the same grid
	 * @param geometry detector and views, fitting {@link #reconstructionGrid}
	 * @param noise photon statistics of each (binned) detector bin
	 * @param seed of the noise
	 * @param device "auto", "cpu" or "cuda:N"
	 * @return line integrals with the reconstruction grid and the object's units; named by the caller
	 * @throws InvalidInputException if the grids do not fit, or the scan would not fit into memory
	 */
	public static Projections scan(final Volume object, final int oversample, final ScanGeometry geometry,
		final NoiseModel noise, final long seed, final String device, final Progress progress)
	{
		final Grid grid = reconstructionGrid(object.grid(), oversample);
		Memory.requireRoom("A " + geometry, 2.0 * object.grid().voxels() + (double) geometry.views() * geometry.bins() *
			geometry.rows());
		final Columns attenuation = Layouts.normalised(object).scale((float) object.intensity().muHigh());
		final float[][] planes = new float[geometry.views()][];
		final double[] angles = geometry.angles();
		// Some views at a time: fine projections are oversample² times the size of what is kept.
		final int batch = Math.max(1, 64 / (oversample * oversample));
		for (int first = 0; first < angles.length; first += batch) {
			progress.checkCancelled();
			progress.update("Projecting view " + (first + 1) + " of " + angles.length, (double) first / angles.length);
			final ScanGeometry some = geometry.withAngles(Arrays.copyOfRange(angles, first, Math.min(angles.length, first +
				batch)));
			final Projector projector = Projectors.create(object.grid(), some.refined(oversample), device);
			final Columns fine = projector.newProjections();
			projector.forward(attenuation, fine);
			final int offset = first;
			Parallel.loop(some.views(), view -> planes[offset + view] = binned(fine, view, oversample));
		}
		noise.apply(planes, seed);
		progress.update("Projected", 1);
		final Img<FloatType> img = Layouts.wrap(planes, geometry.bins(), geometry.rows());
		return new Projections(object.name(), img, geometry, grid, object.intensity());
	}

	/** Radiograph of one view, averaged over factor × factor fine bins. */
	private static float[] binned(final Columns fine, final int view, final int factor) {
		final int bins = fine.nx() / factor, rows = fine.nz() / factor;
		final float[] plane = new float[bins * rows];
		final float share = 1f / (factor * factor);
		for (int u = 0; u < fine.nx(); u++) {
			final float[] column = fine.column(u, view);
			for (int v = 0; v < fine.nz(); v++)
				plane[u / factor + bins * (v / factor)] += share * column[v];
		}
		return plane;
	}
}
