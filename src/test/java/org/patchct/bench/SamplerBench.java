package org.patchct.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.patchct.diffusion.Offsets;
import org.patchct.diffusion.PatchDiffusion;
import org.patchct.diffusion.PriorChoice;
import org.patchct.diffusion.SamplerCost;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.diffusion.Spacing;
import org.patchct.diffusion.VolumeDenoiser;
import org.patchct.diffusion.WarmStart;
import org.patchct.evaluate.Metrics;
import org.patchct.evaluate.Scores;
import org.patchct.io.Nifti;
import org.patchct.network.Prior;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Fbp;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Measures patch diffusion with a grid of settings beside FBP and ADMM-TV, to choose the presets with and to draw quality
 * against network evaluations:
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.bench.SamplerBench \
 *   -Dexec.args="volumes=limb_sts_018.nii.gz,heart_ts.nii.gz size=96 views=8,20 photons=0,1e4 prior=body-ct \
 *     set=FAST:steps=2|4|8:level=50|200 set=QUALITY:samples=8 set=NONE"
 * </pre>
 *
 * Keys that take one value: {@code size} (longest side, 0 for the volume's own grid; default 96), {@code oversample} (2),
 * {@code range} (degrees, 180), {@code seed} (0), {@code device} (auto), {@code prior} (a bundled one's name, body-ct, or
 * a file), {@code classical} (true: FBP and ADMM-TV too). Keys that take several, separated by commas: {@code volumes}
 * (NIfTI files; of the training split, better still ones that the prior was not trained on), {@code views} (20),
 * {@code photons} (per bin, 0 for no noise; 0).
 * <p>
 * Each {@code set} is {@code preset[:key=value …]}: a preset (FAST, QUALITY, PAPER; NONE for no diffusion at all) and what
 * differs from it, keys separated by colons. Several values of a key, separated by bars, make every combination. The keys
 * are those of {@link #KEYS}; {@code gamma} is the proximal weight, {@code share} the most of the start in the result,
 * {@code tv} the weight of the warm start's total variation, and enums go by their constants' names.
 * </p>
 * <p>
 * Prints CSV: volume, size, views, photons, method, PSNR (volume, data range 1, clipped), SSIM (mean of the three
 * orientations), network evaluations of the whole volume, patches, seconds in all and without the warm start, share of
 * the steps' time outside the network with its parts (patches, data, rest), the jump across the faces of the last
 * tiling's patches, or of the groups of voxels that blocks are made of ({@link PatchBorders#jump}, divided by that of the
 * reference at the same faces; of a single sample; for FBP and ADMM-TV, which have no patches, at the faces of the first
 * setting, to see what chance gives), PSNR of the two first and last slices minus that of the middle, and the settings.
 * </p>
 */
public final class SamplerBench {

	/** Keys of a setting. */
	static final List<String> KEYS = List.of("margin", "steps", "passes", "eta", "temperature", "cg", "gamma", "start",
		"level", "offsets", "samples", "spacing", "order", "overlap", "turned", "share", "weighted", "nonnegative", "tv", "sliceSteps");

	private SamplerBench() { }

	public static void main(final String... args) {
		final Map<String, String> options = new LinkedHashMap<>();
		final List<SamplerSettings> settings = new ArrayList<>();
		for (final String arg : args) {
			final String[] pair = arg.split("=", 2);
			if (pair[0].equals("set")) settings.addAll(grid(pair[1]));
			else options.put(pair[0], pair[1]);
		}
		final PriorChoice prior = PriorChoice.of(Path.of(options.getOrDefault("prior", PatchDiffusion.DEFAULT_PRIOR)),
			Intensity.HU);
		final RunSettings run = new RunSettings(options.getOrDefault("device", "auto"), Long.parseLong(options.getOrDefault(
			"seed", "0")), null);
		System.out.println("volume,size,views,photons,method,psnr_db,ssim,evaluations,patches,seconds,seconds_of_steps," +
			"outside,outside_patches,outside_data,outside_rest,jump,ends_db,settings");
		try (Prior open = settings.isEmpty() ? null : prior.open(run.device())) {
			for (final String volume : options.get("volumes").split(","))
				for (final String views : options.getOrDefault("views", "20").split(","))
					for (final String photons : options.getOrDefault("photons", "0").split(","))
						new Case(Path.of(volume), views, photons, options, run).measure(prior, open, settings);
		}
	}

	/** One scan of one volume. */
	private static final class Case {

		private final String label;

		private final Grid grid;

		private final Columns reference;

		private final Projections scan;

		private final RunSettings run;

		private final boolean classical;

		Case(final Path file, final String views, final String photons, final Map<String, String> options,
			final RunSettings run)
		{
			final int oversample = Integer.parseInt(options.getOrDefault("oversample", "2"));
			final Volume fine = Simulation.object(Nifti.read(file), Integer.parseInt(options.getOrDefault("size", "96")),
				oversample);
			final Volume truth = Resampling.binned(fine, oversample);
			this.run = run;
			grid = truth.grid();
			reference = Layouts.normalised(truth);
			classical = Boolean.parseBoolean(options.getOrDefault("classical", "true"));
			scan = Simulation.scan(fine, oversample, ParallelBeam.covering(grid, ScanGeometry.evenAngles(Integer.parseInt(
				views), 0, Double.parseDouble(options.getOrDefault("range", "180")))), new NoiseModel(Double.parseDouble(
					photons), 0), run.seed() + 1, run.device(), Progress.SILENT);
			label = file.getFileName().toString().replaceFirst("\\.nii(\\.gz)?$", "") + "," + grid.nx() + "x" + grid.ny() +
				"x" + grid.nz() + "," + views + "," + photons;
		}

		void measure(final PriorChoice choice, final Prior prior, final List<SamplerSettings> settings) {
			if (classical) for (final Reconstructor method : new Reconstructor[] { new Fbp(), new AdmmTv() }) {
				final long start = System.nanoTime();
				final Volume result = method.reconstruct(scan, grid, run, Progress.SILENT);
				print(method.description().replaceFirst(",.*", ""), result, start, ",,%.2f,,,,,," + (settings.isEmpty() ? "" : jump(
					result, prior, settings.get(0))), method.description());
			}
			for (final SamplerSettings setting : settings) {
				final PatchDiffusion method = new PatchDiffusion(setting);
				final long start = System.nanoTime();
				final PatchDiffusion.Result result;
				try (Prior slices = method.slices(choice, scan.geometry(), run)) {
					result = method.sample(scan, grid, prior, slices, run, false, Progress.SILENT);
				}
				final SamplerCost cost = result.cost();
				final double steps = cost.network() + cost.patchWork() + cost.data() + cost.sampler();
				print(PatchDiffusion.NAME, result.mean(), start, String.format(Locale.ROOT, "%d,%d,%%.2f,%.2f,%.4f,%.4f,%.4f,%.4f,%s",
					cost.evaluations(), cost.patches(), steps, cost.outside(), cost.patchWork() / steps, cost.data() / steps, cost
						.sampler() / steps, setting.samples() > 1 ? "" : jump(result.mean(), prior, setting)), setting.toString());
			}
		}

		private String jump(final Volume result, final Prior prior, final SamplerSettings s) {
			final int patch = VolumeDenoiser.of(prior, grid.nx(), grid.ny(), grid.nz(), s.margin()).patch();
			final int[] offset = s.offsets().draw(run.seed(), s.steps() - 1, s.overlap() > 1 ? 0 : s.passes() - 1, s.passes(),
				patch, grid.nx(), grid.ny(), grid.nz());
			return String.format(Locale.ROOT, "%.3f", PatchBorders.jump(Layouts.normalised(result), offset, patch) /
				PatchBorders.jump(reference, offset, patch));
		}

		private void print(final String method, final Volume result, final long start, final String middle,
			final String settings)
		{
			final double seconds = (System.nanoTime() - start) * 1e-9;
			final Columns x = Layouts.normalised(result);
			final Scores scores = Metrics.compare(x, reference, Progress.SILENT);
			System.out.printf(Locale.ROOT, "%s,%s,%.3f,%.4f,%s,%.2f,\"%s\"%n", label, method, scores.psnr(), scores.ssim(),
				String.format(Locale.ROOT, middle, seconds), PatchBorders.ends(x, reference, Math.min(2, grid.nz() / 4)),
				settings);
		}
	}

	/** All combinations of the values of a {@code set}. */
	static List<SamplerSettings> grid(final String text) {
		final String[] parts = text.split(":");
		if (parts[0].equals("NONE")) return List.of();
		List<Map<String, String>> combinations = List.of(Map.of());
		for (int i = 1; i < parts.length; i++) {
			final String[] pair = parts[i].split("=", 2);
			if (!KEYS.contains(pair[0])) throw new IllegalArgumentException("Unknown key " + pair[0] + "; known are " + KEYS);
			final List<Map<String, String>> more = new ArrayList<>();
			for (final Map<String, String> combination : combinations)
				for (final String value : pair[1].split("\\|")) {
					final Map<String, String> one = new LinkedHashMap<>(combination);
					one.put(pair[0], value);
					more.add(one);
				}
			combinations = more;
		}
		final SamplerSettings preset = SamplerSettings.Preset.valueOf(parts[0]).settings();
		return combinations.stream().map(combination -> with(preset, combination)).toList();
	}

	private static SamplerSettings with(final SamplerSettings preset, final Map<String, String> values) {
		// Steps and level must fit each other; a single step fits any level.
		SamplerSettings s = preset.withSteps(1).withStart(WarmStart.valueOf(values.getOrDefault("start", preset.start()
			.name())), Integer.parseInt(values.getOrDefault("level", String.valueOf(preset.startLevel())))).withSteps(Integer
				.parseInt(values.getOrDefault("steps", String.valueOf(preset.steps()))));
		for (final Map.Entry<String, String> entry : values.entrySet()) {
			final String value = entry.getValue();
			s = switch (entry.getKey()) {
				case "margin" -> s.withMargin(Integer.parseInt(value));
				case "passes" -> s.withPasses(Integer.parseInt(value));
				case "eta" -> s.withEta(Double.parseDouble(value));
				case "temperature" -> s.withTemperature(Double.parseDouble(value));
				case "cg" -> s.withCgIterations(Integer.parseInt(value));
				case "gamma" -> s.withProximal(Double.parseDouble(value));
				case "samples" -> s.withSamples(Integer.parseInt(value));
				case "spacing" -> s.withSpacing(Spacing.valueOf(value));
				case "order" -> s.withOrder(Integer.parseInt(value));
				case "overlap" -> s.withOverlap(Integer.parseInt(value));
				case "turned" -> s.withTurned(Boolean.parseBoolean(value));
				case "share" -> s.withStartShare(Double.parseDouble(value));
				case "weighted" -> s.withWeighted(Boolean.parseBoolean(value));
				case "nonnegative" -> s.withNonNegative(Boolean.parseBoolean(value));
				case "tv" -> s.withTv(AdmmTv.Settings.DEFAULT.withLambda(Double.parseDouble(value)));
				case "sliceSteps" -> s.withSliceSteps(Integer.parseInt(value));
				case "offsets" -> s.withOffsets(Offsets.valueOf(value));
				default -> s;
			};
		}
		return s;
	}
}
