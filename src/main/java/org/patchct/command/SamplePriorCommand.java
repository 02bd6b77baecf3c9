package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.patchct.diffusion.Generator;
import org.patchct.diffusion.PriorWindow;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.evaluate.SampleReport;
import org.patchct.imagej.Images;
import org.patchct.imagej.VolumeFolder;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.recon.InUnits;
import org.patchct.task.CancelledException;
import org.patchct.task.ForwardingProgress;
import org.patchct.task.Iterate;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.ItemVisibility;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Draws volumes from a prior. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Sample Prior...",
	headless = true,
	description = "Draws volumes from a prior alone, to see what it believes. The result is titled \"Sample of PRIOR " +
		"(seed N)\" and shows nobody's anatomy, unless the prior learned a volume by heart: given the training volumes, " +
		"the nearest one is shown beside it as \"Nearest to sample of PRIOR (seed N)\".")
public class SamplePriorCommand extends CtCommand {

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = "The volume is invented: it shows nobody's anatomy.";

	@Parameter(label = Priors.LABEL, required = false, persist = false, description = Priors.DESCRIPTION)
	private File prior;

	@Parameter(label = "Size (voxels)", min = "8", max = "1024", persist = false,
		description = "8 to 1024 along each side; like the training volumes for the best result.")
	private int size = 64;

	@Parameter(label = "Voxel size (mm)", min = "0.001", max = "1000", persist = false,
		description = "0.001 to 1000, stated in the result; priors know voxels, not millimetres.")
	private double spacing = 4;

	@Parameter(label = "Sampling steps", min = "1", max = "1000", persist = false,
		description = "1 to 1000 denoising steps; the paper uses 200.")
	private int steps = SamplerSettings.GENERATE.steps();

	@Parameter(label = "Number of volumes", min = "1", max = "100", persist = false,
		description = "1 to 100, the frames of the result; each has the next seed.")
	private int count = 1;

	@Parameter(label = "Global channel", persist = false,
		description = "Whether patches see the down-sampled whole volume. Without it a prior that was trained to do without " +
			"shows what that is worth; others fall apart.")
	private boolean global = true;

	@Parameter(label = "Folder of training volumes (may be empty)", style = FileWidget.DIRECTORY_STYLE, required = false,
		persist = false,
		description = "To show the nearest training volume beside each sample, and to measure how far samples and training " +
			"volumes are apart.")
	private File training;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number; another seed is another volume.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = "auto";

	// Before the result, which so becomes the active image.
	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus nearest;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		Memory.requireRoom(count + " volumes of " + Grid.cube(size, spacing), (double) count * size * size * size);
		withProgress(progress -> {
			try (Prior open = Priors.open(prior, device)) {
				final List<Volume> known = training == null ? List.of() : VolumeFolder.open(training.toPath(), size, context(),
					progress.part(0, 0.1), IJ::log);
				final SampleReport report = known.isEmpty() ? null : new SampleReport(open.settings(), known, size, IJ::log);
				final List<Volume> samples = new ArrayList<>();
				try {
					draw(open, samples, progress.part(known.isEmpty() ? 0 : 0.1, 1));
				}
				catch (final CancelledException e) {
					if (!samples.isEmpty() && result == null) show(open, samples, " (cancelled after " + samples.size() + " of " +
						count + ")");
					throw e;
				}
				final Map<String, String> lines = new LinkedHashMap<>();
				if (report != null) {
					lines.putAll(report.of(samples, seed));
					lines.forEach((key, value) -> IJ.log(key + ": " + value));
					nearest = Images.toImagePlus("Nearest to s" + title(open, count), report.nearest(samples));
				}
				show(open, samples, "");
				Images.recipe(result, lines);
			}
		});
	}

	/** Adds samples, and makes a result of what there is of the first one if the user cancels before it is finished. */
	private void draw(final Prior open, final List<Volume> samples, final Progress progress) {
		final PriorSettings known = open.settings();
		final double span = known.networkHigh() - known.networkLow();
		final Intensity intensity = PriorWindow.of(known, Intensity.grey(known.low(), known.high()));
		for (int i = 0; i < count; i++) {
			final Progress keeping = new ForwardingProgress(progress.part((double) i / count, (i + 1.0) / count)) {

				@Override
				public void iterated(final Iterate iterate) {
					if (!cancelled()) super.iterated(iterate);
					else if (samples.isEmpty()) show(open, List.of(new Volume(known.name(), iterate.volume().get(), Grid.cube(size,
						spacing), intensity)), " (cancelled at iteration " + iterate.number() + " of " + iterate.total() + ")");
				}
			};
			// Its iterates are in the network's units.
			samples.add(Generator.generate(open, Grid.cube(size, spacing), sampler(), seed + i, global, new InUnits(keeping, 1 /
				span, -known.networkLow() / span, intensity)));
		}
	}

	private SamplerSettings sampler() {
		return SamplerSettings.GENERATE.withSteps(steps);
	}

	/** Makes the result. @param unfinished what is added to the title of one that was cancelled */
	private void show(final Prior open, final List<Volume> samples, final String unfinished) {
		final Map<String, String> lines = new LinkedHashMap<>();
		lines.put("Method", "Drawn from the prior " + open.settings().name() + ", " + sampler() + (global ? ""
			: ", without its global channel") + "; shows nobody's anatomy");
		lines.put("Seed", String.valueOf(seed));
		lines.put("Device", open.device());
		if (!unfinished.isEmpty()) lines.put("Unfinished", unfinished.strip().replaceAll("[()]", ""));
		result = Images.toImagePlus("S" + title(open, samples.size()) + unfinished, samples);
		Images.recipe(result, lines);
	}

	/** The title of samples without its first letter. */
	private String title(final Prior open, final int samples) {
		return "ample of " + open.settings().name() + " (" + (samples == 1 ? "seed " + seed : "seeds " + seed + " to " + (seed +
			samples - 1)) + ")";
	}
}
