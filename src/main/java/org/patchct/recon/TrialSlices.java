package org.patchct.recon;

import java.util.Arrays;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.scan.Beam;
import org.patchct.scan.BeamSettings;
import org.patchct.scan.Binning;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

/**
 * Slices of a measured scan as they come out for an assumed position of the axis of rotation.
 *
 * @param radiographs line integrals of bin u, row v at {@code [view][u + bins·v]}
 * @param binning their size
 * @param angles degrees, increasing
 */
record TrialSlices(BeamSettings beam, float[][] radiographs, Binning binning, double[] angles) {

	/**
	 * A part of the scan; of a cone, the row in the plane of the source.
	 *
	 * @param rows detector rows to keep, at most, evenly spread
	 * @param views views to keep, at most, evenly spread
	 * @param factor bins joined to one
	 */
	TrialSlices reduced(final int rows, final int views, final int factor) {
		final int bins = binning.bins(), keptRows = beam.beam() == Beam.CONE ? 1 : Math.min(rows, binning.rows());
		final int stride = (radiographs.length + views - 1) / views;
		final int keptViews = (radiographs.length + stride - 1) / stride;
		final float[][] kept = new float[keptViews][keptRows * bins];
		final double[] keptAngles = new double[keptViews];
		for (int i = 0; i < keptViews; i++) {
			keptAngles[i] = angles[i * stride];
			for (int v = 0; v < keptRows; v++)
				System.arraycopy(radiographs[i * stride], (2 * v + 1) * binning.rows() / (2 * keptRows) * bins, kept[i], v *
					bins, bins);
		}
		// Rows are apart and stay apart: they only share the call.
		final Binning joined = new Binning(factor, 1, bins / factor, keptRows);
		joined.apply(kept, bins);
		return new TrialSlices(beam.midplane(beam.pixel() * binning.factor()), kept, joined, keptAngles);
	}

	/**
	 * The views of the first half turn and, as fans need, the fan's angle. A full turn blurs slices evenly about the axis
	 * when that is misplaced, half a turn leaves the streaks by which the misplacement is seen.
	 */
	TrialSlices halfTurn() {
		final double range = 180 + 2 * Math.toDegrees(beam.fanAngle(binning.factor() * binning.bins() / 2.0));
		int views = 1;
		while (views < angles.length && angles[views] < angles[0] + range)
			views++;
		return new TrialSlices(beam, Arrays.copyOf(radiographs, views), binning, Arrays.copyOf(angles, views));
	}

	/**
	 * The slices for an axis at {@code centre}, in these slices' bins.
	 *
	 * @param n pixels along each side
	 * @param side length of each side, mm
	 * @param progress asked whether to cancel, but told nothing
	 * @return linear attenuation, 1/mm, (x, y, row)
	 */
	Img<FloatType> reconstruct(final double centre, final int n, final double side, final Progress progress) {
		final Grid grid = new Grid(n, n, binning.rows(), side / n, side / n, beam.pixel() * binning.rowFactor() * beam.atAxis());
		final Projections scan = new Projections("trial", Layouts.wrap(radiographs, binning.bins(), binning.rows()), beam
			.geometry(binning, centre, angles), grid, Intensity.ATTENUATION);
		return new Fbp().reconstruct(scan, grid, RunSettings.DEFAULT, progress.quiet()).img();
	}
}
