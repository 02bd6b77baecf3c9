package org.patchct.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

import org.patchct.diffusion.NoiseField;
import org.patchct.network.NoiseSchedule;
import org.patchct.diffusion.PatchDenoiser;
import org.patchct.io.Nifti;
import org.patchct.network.Prior;
import org.patchct.task.Progress;
import org.patchct.train.TrainingVolume;
import org.patchct.volume.Columns;
import org.patchct.volume.Resampling;

/**
 * How well a prior denoises beside total variation (Rudin, Osher and Fatemi 1992), the gate before any sampling:
 * {@code main(prior file, size, volume files…)} prints PSNR (data range 1, clipped to the window) of the noisy volume, of
 * ROF with the best of its weights, of the prior with one offset, and of the mean of two offsets.
 */
public final class DenoisingTable {

	private static final int[] LEVELS = { 50, 100, 200, 400 };

	/** ROF's weights are these times the noise's standard deviation; the best one counts, chosen with the truth at hand. */
	private static final double[] ROF_WEIGHTS = { 0.6, 0.9, 1.3 };

	private static final int ROF_ITERATIONS = 60;

	private DenoisingTable() { }

	public static void main(final String... args) {
		try (Prior prior = Prior.open(Path.of(args[0]), "auto")) {
			final NoiseSchedule schedule = NoiseSchedule.of(prior.settings());
			System.out.println("volume,t,sigma,noisy_psnr,tv_psnr,prior_psnr,prior_two_offsets_psnr");
			final double[][] means = new double[LEVELS.length][4];
			final String[] files = Arrays.copyOfRange(args, 2, args.length);
			for (final String file : files) {
				final TrainingVolume volume = TrainingVolume.of(Resampling.toCubic(Nifti.read(Path.of(file)), Integer.parseInt(
					args[1])), prior.settings(), 1);
				for (int i = 0; i < LEVELS.length; i++) {
					final double[] psnr = row(prior, schedule, volume.columns(), LEVELS[i]);
					print(Path.of(file).getFileName().toString(), schedule, LEVELS[i], psnr);
					for (int j = 0; j < 4; j++)
						means[i][j] += psnr[j] / files.length;
				}
			}
			for (int i = 0; i < LEVELS.length; i++)
				print("mean", schedule, LEVELS[i], means[i]);
		}
	}

	private static void print(final String name, final NoiseSchedule schedule, final int t, final double[] psnr) {
		System.out.printf(Locale.ROOT, "%s,%d,%.3f,%.2f,%.2f,%.2f,%.2f%n", name, t, schedule.sigma(t) / 2, psnr[0], psnr[1],
			psnr[2], psnr[3]);
	}

	private static double[] row(final Prior prior, final NoiseSchedule schedule, final Columns truth, final int t) {
		final double a = schedule.signal(t), b = schedule.noise(t);
		final Columns noisy = NoiseField.of(2026, t).mixInto(truth.copy(), (float) a, (float) b);
		final Columns scaled = noisy.copy().scale((float) (1 / a));
		double rof = 0;
		for (final double weight : ROF_WEIGHTS)
			rof = Math.max(rof, psnr(prior, truth, rof(scaled, weight * b / a)));
		final int p = prior.settings().patch();
		final PatchDenoiser denoiser = new PatchDenoiser(prior, truth.nx(), truth.ny(), truth.nz());
		final Columns one = truth.zeros(), two = truth.zeros();
		denoiser.denoise(noisy, t, new int[] { p / 3, p / 3, p / 3 }, NoiseField.of(7, t), one, Progress.SILENT);
		denoiser.denoise(noisy, t, new int[] { p / 3 + p / 2, p / 3 + p / 2, p / 3 + p / 2 }, NoiseField.of(8, t), two,
			Progress.SILENT);
		return new double[] { psnr(prior, truth, scaled), rof, psnr(prior, truth, one), psnr(prior, truth, two.combine(0.5f,
			0.5f, one)) };
	}

	private static double psnr(final Prior prior, final Columns truth, final Columns estimate) {
		double sum = 0;
		long count = 0;
		for (int i = 0; i < truth.data().length; i++)
			for (int z = 0; z < truth.nz(); z++) {
				final double d = clipped(prior, estimate.data()[i][z]) - clipped(prior, truth.data()[i][z]);
				sum += d * d;
				count++;
			}
		return -10 * Math.log10(sum / count);
	}

	private static double clipped(final Prior prior, final float value) {
		return Math.min(1, Math.max(0, prior.settings().fromNetwork(value)));
	}

	/** min ½‖u − f‖² + weight·TV(u), isotropic, by projected gradient steps on the dual (Chambolle 2004). */
	private static Columns rof(final Columns f, final double weight) {
		final Columns px = f.zeros(), py = f.zeros(), pz = f.zeros(), u = f.copy();
		final float tau = 1 / 12f; // 1/‖∇‖², which is at most 12 in three dimensions
		for (int iteration = 0; iteration < ROF_ITERATIONS; iteration++) {
			// p ← p + τ∇u, projected on |p| ≤ weight; then u = f + div p.
			px.forColumns(i -> {
				final int nx = u.nx(), x = i % nx, y = i / nx;
				final float[] here = u.data()[i], right = x + 1 < nx ? u.data()[i + 1] : here, below = y + 1 < u.ny() ? u
					.data()[i + nx] : here;
				final float[] dx = px.data()[i], dy = py.data()[i], dz = pz.data()[i];
				for (int z = 0; z < here.length; z++) {
					dx[z] += tau * (right[z] - here[z]);
					dy[z] += tau * (below[z] - here[z]);
					dz[z] += tau * ((z + 1 < here.length ? here[z + 1] : here[z]) - here[z]);
					final float norm = (float) Math.sqrt(dx[z] * dx[z] + dy[z] * dy[z] + dz[z] * dz[z]);
					if (norm > weight) {
						final float shrink = (float) weight / norm;
						dx[z] *= shrink;
						dy[z] *= shrink;
						dz[z] *= shrink;
					}
				}
			});
			u.forColumns(i -> {
				final int nx = u.nx(), x = i % nx, y = i / nx;
				final float[] out = u.data()[i], source = f.data()[i];
				final float[] dx = px.data()[i], dy = py.data()[i], dz = pz.data()[i];
				final float[] left = x > 0 ? px.data()[i - 1] : null, above = y > 0 ? py.data()[i - nx] : null;
				for (int z = 0; z < out.length; z++)
					out[z] = source[z] + dx[z] - (left == null ? 0 : left[z]) + dy[z] - (above == null ? 0 : above[z]) + dz[z] -
						(z == 0 ? 0 : dz[z - 1]);
			});
		}
		return u;
	}
}
