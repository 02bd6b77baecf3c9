package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.patchct.diffusion.Generator;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.evaluate.SampleReport;
import org.patchct.imagej.Images;
import org.patchct.imagej.VolumeFolder;
import org.patchct.network.Prior;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
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
		final SamplerSettings sampler = SamplerSettings.GENERATE.withSteps(steps);
		Memory.requireRoom(count + " volumes of " + Grid.cube(size, spacing), (double) count * size * size * size);
		withProgress(progress -> {
			try (Prior open = Priors.open(prior, device)) {
				final List<Volume> known = training == null ? List.of() : VolumeFolder.open(training.toPath(), size, context(),
					progress.part(0, 0.1), IJ::log);
				final SampleReport report = known.isEmpty() ? null : new SampleReport(open.settings(), known, size, IJ::log);
				final List<Volume> samples = draw(open, sampler, progress.part(known.isEmpty() ? 0 : 0.1, 1));
				final String name = open.settings().name(), title = "ample of " + name + " (" + (count == 1 ? "seed " + seed
					: "seeds " + seed + " to " + (seed + count - 1)) + ")";
				final Map<String, String> lines = new LinkedHashMap<>();
				lines.put("Method", "Drawn from the prior " + name + ", " + sampler + (global ? ""
					: ", without its global channel") + "; shows nobody's anatomy");
				lines.put("Seed", String.valueOf(seed));
				lines.put("Device", open.device());
				if (report != null) {
					lines.putAll(report.of(samples, seed));
					lines.forEach((key, value) -> IJ.log(key + ": " + value));
					nearest = Images.toImagePlus("Nearest to s" + title, report.nearest(samples));
				}
				result = Images.toImagePlus("S" + title, samples);
				Images.recipe(result, lines);
			}
		});
	}

	private List<Volume> draw(final Prior open, final SamplerSettings sampler, final Progress progress) {
		final List<Volume> samples = new ArrayList<>();
		for (int i = 0; i < count; i++)
			samples.add(Generator.generate(open, Grid.cube(size, spacing), sampler, seed + i, global, progress.part((double) i /
				count, (i + 1.0) / count)));
		return samples;
	}
}
