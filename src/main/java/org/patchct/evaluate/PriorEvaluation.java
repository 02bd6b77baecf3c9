package org.patchct.evaluate;

import com.google.gson.JsonElement;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.patchct.diffusion.NoiseField;
import org.patchct.diffusion.Placement;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.diffusion.VolumeDenoiser;
import org.patchct.io.WholeFile;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.recon.Rof;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.train.TrainingVolume;
import org.patchct.volume.Columns;
import org.patchct.volume.Volume;

/**
 * Whether a prior is good enough to use: how well it denoises a volume that it never saw, beside total variation. A prior
 * that is no better a denoiser than total variation cannot reconstruct better than ADMM-TV either.
 * <p>
 * The prior is asked once, with one random offset, as the sampler does in a pass; the mean of several offsets would be
 * some tenths of a dB better. Total variation has the best of several weights, chosen with the truth at hand, which
 * favours it.
 * </p>
 */
public final class PriorEvaluation {

	public static final String CSV = "denoising.csv", FIGURE = "denoising.png";

	/**
	 * By how many dB a prior should beat total variation at every level: a sample from a posterior loses 1 to 2 dB to the
	 * posterior's mean, which is what a denoiser estimates.
	 */
	public static final double BAR = 1.5;

	private static final String HEADER = "t,sigma,noisy_psnr,tv_psnr,prior_psnr";

	private static final int[] LEVELS = { 50, 100, 200, 400 };

	/**
	 * Total variation's weights are these times the noise's standard deviation. On a CT volume of 64 voxels a side the best
	 * was 0.6, 0.6, 0.6 and 0.8 at the four levels, and its neighbours lost 0.02 to 0.5 dB.
	 */
	private static final double[] WEIGHTS = { 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.3 };

	/** Elements of the paths of noise fields, by purpose. */
	private static final int NOISE = 0, PADDING = 1, OFFSET = 2;

	/**
	 * One noise level; PSNRs in dB of the whole volume, data range 1, clipped to the window.
	 *
	 * @param t noise level of the prior's schedule
	 * @param sigma standard deviation of the noise on data in [0, 1]
	 * @param noisy of the noisy volume
	 * @param tv of total variation with its best weight
	 * @param prior of the prior
	 */
	public record Row(int t, double sigma, double noisy, double tv, double prior) {

		/** By how many dB the prior is better than total variation. */
		public double margin() {
			return prior - tv;
		}
	}

	private PriorEvaluation() { }

	/** Measures without telling what there is so far; see the other method. */
	public static List<Row> measure(final Prior prior, final Volume reference, final long seed, final Progress progress) {
		return measure(prior, reference, seed, rows -> { }, progress);
	}

	/**
	 * Adds noise to a volume and removes it again, at each level. The same seed, prior, device and volume give the same
	 * rows.
	 *
	 * @param reference a volume without noise that the prior was not trained on, in the prior's unit
	 * @param sofar told all rows that there are, after each one: what stays of a run that is cancelled
	 * @throws InvalidInputException if it cannot be used with the prior, or the prior is not one for 3-D patches or its
	 *           schedule is shorter than the levels
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public static List<Row> measure(final Prior prior, final Volume reference, final long seed,
		final Consumer<List<Row>> sofar, final Progress progress)
	{
		final PriorSettings settings = prior.settings();
		settings.require(0, NoiseSchedule.Kind.VP, "the evaluation");
		final NoiseSchedule schedule = NoiseSchedule.of(settings);
		final int top = LEVELS[LEVELS.length - 1];
		if (schedule.levels() <= top) throw new InvalidInputException("The prior \"" + settings.name() + "\" has " + schedule
			.levels() + " noise levels: the evaluation looks at level " + top + ", so it must have more.");
		final int p = settings.patch();
		final var grid = reference.grid();
		Memory.requireRoom("Evaluation on " + grid, 10.0 * grid.voxels() + (grid.nx() + 2.0 * p) * (grid.ny() + 2.0 * p) *
			(grid.nz() + 2.0 * p));
		final Columns truth = TrainingVolume.of(reference, settings, 1).columns(), window = window(truth, settings);
		final VolumeDenoiser denoiser = VolumeDenoiser.of(prior, grid.nx(), grid.ny(), grid.nz(), SamplerSettings.FAST
			.margin());
		final int offsets = denoiser.patch();
		final List<Row> rows = new ArrayList<>();
		for (final int t : LEVELS) {
			final double done = (double) rows.size() / LEVELS.length;
			final Columns noisy = NoiseField.of(seed, t, NOISE).mixInto(truth.copy(), (float) schedule.signal(t),
				(float) schedule.noise(t));
			final Columns clean = truth.zeros();
			progress.update("Prior at noise level " + t, done);
			final SplittableRandom random = NoiseField.of(seed, t, OFFSET).random();
			final Placement placement = new Placement(random.nextInt(offsets), random.nextInt(offsets), random
				.nextInt(offsets), 0);
			denoiser.denoise(noisy, t, placement, NoiseField.of(seed, t, PADDING), clean, progress);
			progress.update("Total variation at noise level " + t, done + 0.5 / LEVELS.length);
			noisy.scale((float) (1 / schedule.signal(t)));
			rows.add(new Row(t, schedule.sigma(t) / (settings.networkHigh() - settings.networkLow()), psnr(noisy, window,
				settings), totalVariation(noisy, window, schedule.sigma(t), reference, settings, progress), psnr(clean, window,
					settings)));
			sofar.accept(List.copyOf(rows));
		}
		progress.update("Done", 1);
		return rows;
	}

	private static double totalVariation(final Columns noisy, final Columns window, final double sigma,
		final Volume reference, final PriorSettings settings, final Progress progress)
	{
		double best = Double.NEGATIVE_INFINITY;
		for (final double weight : WEIGHTS) {
			final double psnr = psnr(Rof.denoise(noisy, reference.grid(), weight * sigma, progress), window, settings);
			// It rises with the weight, then falls.
			if (psnr < best) break;
			best = psnr;
		}
		return best;
	}

	private static double psnr(final Columns network, final Columns window, final PriorSettings settings) {
		return Metrics.psnr(window(network, settings), window);
	}

	private static Columns window(final Columns network, final PriorSettings settings) {
		final double span = settings.networkHigh() - settings.networkLow();
		return network.copy().affine((float) (1 / span), (float) (-settings.networkLow() / span));
	}

	/** The table as CSV. */
	public static String csv(final List<Row> rows) {
		final StringBuilder text = new StringBuilder(HEADER + "\n");
		for (final Row row : rows)
			text.append(String.format(Locale.ROOT, "%d,%.4f,%.4f,%.4f,%.4f\n", row.t, row.sigma, row.noisy, row.tv,
				row.prior));
		return text.toString();
	}

	/**
	 * Writes {@value #CSV} and {@value #FIGURE}.
	 *
	 * @param caption what was measured, for the figure
	 * @param output folder, made if missing
	 * @throws InvalidInputException if it cannot be written to
	 */
	public static void write(final List<Row> rows, final String caption, final Path output) {
		WholeFile.requireFolder(output);
		WholeFile.write(output.resolve(CSV), temporary -> Files.writeString(temporary, csv(rows)));
		new DenoisingPlot(rows, caption).write(output.resolve(FIGURE));
	}

	/** Whether a prior's record lists a volume of this name among those that it was trained on. */
	public static boolean trainedOn(final PriorSettings settings, final String volume) {
		final JsonElement volumes = settings.record().get("volumes");
		if (volumes == null || !volumes.isJsonArray()) return false;
		for (final JsonElement entry : volumes.getAsJsonArray())
			if (entry.getAsString().startsWith(volume + ", ")) return true;
		return false;
	}

	/** Whether to use the prior, in plain words. */
	public static String verdict(final List<Row> rows) {
		// A network that returns NaN is the worst of all.
		final Row worst = rows.stream().min(Comparator.comparingDouble(row -> Double.isNaN(row.margin())
			? Double.NEGATIVE_INFINITY : row.margin())).orElseThrow();
		if (worst.margin() >= BAR) return String.format(Locale.ROOT,
			"Better than total variation at every noise level by at least %.1f dB: good enough to use.", floor(worst
				.margin()));
		final String advice = String.format(Locale.ROOT,
			" A useful prior is better by %.1f dB at every level: use ADMM-TV, or train longer or on more volumes.", BAR);
		if (worst.margin() > 0) return String.format(Locale.ROOT,
			"Better than total variation at every noise level, but only by %.2f dB at t=%d.", worst.margin(), worst.t) + advice;
		return "Not better than total variation at " + rows.stream().filter(row -> !(row.margin() > 0)).map(row -> String
			.format(Locale.ROOT, "t=%d (%.2f dB)", row.t, row.margin())).collect(Collectors.joining(", ")) + "." + advice;
	}

	/** Rounded down to a tenth, so that "at least" is true. */
	private static double floor(final double margin) {
		return Math.floor(10 * margin) / 10;
	}
}
