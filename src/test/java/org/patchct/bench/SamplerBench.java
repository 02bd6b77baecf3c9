package org.patchct.bench;

import java.nio.file.Path;
import java.util.Locale;

import org.patchct.diffusion.Offsets;
import org.patchct.diffusion.PatchDiffusion;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.diffusion.WarmStart;
import org.patchct.io.Nifti;
import org.patchct.network.Prior;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Fbp;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Measures patch diffusion with several settings beside FBP and ADMM-TV, to choose the presets with:
 * {@code main(volume, size, views, photons, prior, settings …)}.
 * <p>
 * The volume must be of the training split, better still one that the prior was not trained on. It is resampled so that
 * its longest side is {@code size}, and scanned from a grid twice as fine; {@code photons} per bin, 0 for no noise. A
 * setting is {@code preset[,key=value …]} with the presets FAST, QUALITY and PAPER and the keys steps, passes, eta, cg,
 * gamma, start, level, offsets, samples; {@code -} measures the classical methods only. PSNR is that of
 * the window, clipped to [0, 1].
 * </p>
 */
public final class SamplerBench {

	private static final int OVERSAMPLE = 2;

	private SamplerBench() { }

	public static void main(final String... args) {
		final Volume volume = Nifti.read(Path.of(args[0]));
		final Grid grid = Resampling.toCubic(volume, Integer.parseInt(args[1])).grid();
		final Volume fine = Resampling.toGrid(volume, grid.refined(OVERSAMPLE));
		final Columns reference = Layouts.normalised(Resampling.binned(fine, OVERSAMPLE));
		final int views = Integer.parseInt(args[2]);
		final Projections scan = Simulation.scan(fine, OVERSAMPLE, ParallelBeam.covering(grid, ParallelBeam.evenAngles(views,
			0, 180)), new NoiseModel(Double.parseDouble(args[3]), 0), 1, "cpu", Progress.SILENT);
		System.out.println(args[0] + ": " + grid + ", " + views + " views, " + args[3] + " photons");
		final RunSettings run = new RunSettings("auto", 0, Path.of(args[4]));
		measure(new Fbp(), scan, grid, run, reference);
		measure(new AdmmTv(), scan, grid, run, reference);
		if ("-".equals(args[5])) return;
		try (Prior prior = Prior.open(run.prior(), run.device())) {
			for (int i = 5; i < args.length; i++) {
				final PatchDiffusion method = new PatchDiffusion(parse(args[i]));
				measure(new Reconstructor() {

					@Override
					public Volume reconstruct(final Projections projections, final Grid on, final RunSettings with,
						final Progress progress)
					{
						return method.reconstruct(projections, on, prior, with, progress);
					}

					@Override
					public String description() {
						return method.description();
					}
				}, scan, grid, run, reference);
			}
		}
	}

	private static void measure(final Reconstructor method, final Projections scan, final Grid grid,
		final RunSettings run, final Columns reference)
	{
		final long start = System.nanoTime();
		final Volume result = method.reconstruct(scan, grid, run, Progress.SILENT);
		System.out.printf(Locale.ROOT, "%6.2f dB %7.1f s  %s%n", psnr(Layouts.normalised(result), reference), (System
			.nanoTime() - start) * 1e-9, method.description());
	}

	private static double psnr(final Columns x, final Columns reference) {
		double sum = 0;
		for (int c = 0; c < x.data().length; c++)
			for (int z = 0; z < x.nz(); z++) {
				final double difference = Math.min(1, x.data()[c][z]) - Math.min(1, reference.data()[c][z]);
				sum += difference * difference;
			}
		return -10 * Math.log10(sum / ((double) x.data().length * x.nz()));
	}

	private static SamplerSettings parse(final String text) {
		final String[] parts = text.split(",");
		SamplerSettings s = switch (parts[0]) {
			case "FAST" -> SamplerSettings.FAST;
			case "QUALITY" -> SamplerSettings.QUALITY;
			case "PAPER" -> SamplerSettings.PAPER;
			default -> throw new IllegalArgumentException("Unknown preset " + parts[0]);
		};
		int steps = s.steps(), passes = s.passes(), cg = s.cgIterations(), level = s.startLevel(), samples = s.samples();
		double eta = s.eta(), gamma = s.proximal();
		WarmStart start = s.start();
		Offsets offsets = s.offsets();
		for (int i = 1; i < parts.length; i++) {
			final String[] pair = parts[i].split("=");
			switch (pair[0]) {
				case "steps" -> steps = Integer.parseInt(pair[1]);
				case "passes" -> passes = Integer.parseInt(pair[1]);
				case "eta" -> eta = Double.parseDouble(pair[1]);
				case "cg" -> cg = Integer.parseInt(pair[1]);
				case "gamma" -> gamma = Double.parseDouble(pair[1]);
				case "start" -> start = WarmStart.valueOf(pair[1]);
				case "level" -> level = Integer.parseInt(pair[1]);
				case "samples" -> samples = Integer.parseInt(pair[1]);
				case "offsets" -> offsets = Offsets.valueOf(pair[1]);
				default -> throw new IllegalArgumentException("Unknown key " + pair[0]);
			}
		}
		return new SamplerSettings(steps, passes, eta, cg, gamma, start, level, offsets, samples);
	}
}
