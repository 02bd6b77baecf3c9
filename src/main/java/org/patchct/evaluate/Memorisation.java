package org.patchct.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.patchct.task.Parallel;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Whether a prior's samples are copies of volumes that it was trained on: how far the nearest one is, beside how far
 * training volumes are from each other.
 * <p>
 * The distance is the root mean squared difference in window units, clipped to [0, 1], of the volumes averaged to at most
 * 32³ voxels, so that a small shift does not hide a copy; the smallest one over flips along each axis and the exchange of
 * x and y, which training does to its volumes. A blurred volume is near to all others: look at the pictures too.
 * </p>
 */
public final class Memorisation {

	private static final int COARSE = 32;

	private final List<Columns> training;

	private final double[] apart;

	/**
	 * The nearest training volume of a sample.
	 *
	 * @param index in the list of training volumes
	 * @param distance see {@link Memorisation}
	 */
	public record Match(int index, double distance) { }

	/** @param training cubes of the same size as the samples, see {@link #cube}; at least one */
	public Memorisation(final List<Volume> training) {
		this.training = training.stream().map(Memorisation::coarse).toList();
		apart = new double[training.size()];
		Parallel.loop(apart.length, i -> {
			apart[i] = Double.POSITIVE_INFINITY;
			for (int j = 0; j < apart.length; j++)
				if (j != i) apart[i] = Math.min(apart[i], distance(this.training.get(i), this.training.get(j)));
		});
		Arrays.sort(apart);
	}

	/** A volume in the middle of a cube of {@code n}³ cubic voxels that its longest side fills, empty space round it. */
	public static Volume cube(final Volume volume, final int n) {
		final Volume cubic = Resampling.toCubic(volume, n);
		return Resampling.toGrid(cubic, Grid.cube(n, cubic.grid().dx()));
	}

	private static Columns coarse(final Volume cube) {
		final Columns columns = Layouts.normalised(cube(cube, Math.min(COARSE, cube.grid().nx())));
		columns.forColumns(i -> {
			final float[] column = columns.data()[i];
			for (int z = 0; z < column.length; z++)
				column[z] = Math.min(1, column[z]);
		});
		return columns;
	}

	/** The training volume that is nearest to a sample of the same size. */
	public Match nearest(final Volume sample) {
		final Columns coarse = coarse(sample);
		final double[] distances = new double[training.size()];
		Parallel.loop(distances.length, i -> distances[i] = distance(coarse, training.get(i)));
		int best = 0;
		for (int i = 1; i < distances.length; i++)
			if (distances[i] < distances[best]) best = i;
		return new Match(best, distances[best]);
	}

	/** Median distance of a training volume from the training volume nearest to it; infinite if there is only one. */
	public double median() {
		return (apart[(apart.length - 1) / 2] + apart[apart.length / 2]) / 2;
	}

	/** Whether a sample is a copy, in plain words. */
	public String verdict(final Match match) {
		if (apart.length < 2) return String.format(Locale.ROOT,
			"The only training volume is %.4f away; with a single one nothing says whether that is near.", match.distance);
		final String yardstick = String.format(Locale.ROOT,
			"It is %.4f away; training volumes are %.4f (median; smallest %.4f) from the training volume nearest to them: ",
			match.distance, median(), apart[0]);
		if (match.distance >= median()) return yardstick + "no sign that it was copied.";
		if (match.distance >= apart[0]) return yardstick + "as near as some of them; compare the two.";
		return yardstick + "nearer than any two of them. It may be a copy of its training volume: compare the two, and train on " +
			"more volumes.";
	}

	/** RMS difference, the smallest over all ways to turn {@code b}. */
	static double distance(final Columns a, final Columns b) {
		double least = Double.POSITIVE_INFINITY;
		for (int turn = 0; turn < 16; turn++)
			least = Math.min(least, squares(a, b, turn, least));
		return Math.sqrt(least / ((double) a.nx() * a.ny() * a.nz()));
	}

	/** Σ (a − turned b)², or any larger number than {@code enough} once it is reached. */
	private static double squares(final Columns a, final Columns b, final int turn, final double enough) {
		final boolean flipX = (turn & 1) != 0, flipY = (turn & 2) != 0, flipZ = (turn & 4) != 0;
		final boolean transpose = (turn & 8) != 0;
		final int n = a.nx();
		double sum = 0;
		for (int y = 0; y < n; y++)
			for (int x = 0; x < n && sum < enough; x++) {
				final int fx = flipX ? n - 1 - x : x, fy = flipY ? n - 1 - y : y;
				final float[] p = a.column(x, y), q = transpose ? b.column(fy, fx) : b.column(fx, fy);
				for (int z = 0; z < n; z++) {
					final double d = p[z] - q[flipZ ? n - 1 - z : z];
					sum += d * d;
				}
			}
		return sum;
	}
}
