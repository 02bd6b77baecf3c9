package org.patchct.command;

import ij.ImagePlus;

import java.io.File;
import java.util.Map;

import org.patchct.diffusion.Generator;
import org.patchct.diffusion.PatchDiffusion;
import org.patchct.diffusion.SamplerSettings;
import org.patchct.imagej.Images;
import org.patchct.network.Prior;
import org.patchct.volume.Grid;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.ItemVisibility;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Draws a volume from a prior. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Sample Prior...",
	headless = true,
	description = "Draws a volume from a prior alone, to see what it believes. The result is titled \"Sample of PRIOR (seed " +
		"N)\" and shows nobody's anatomy.")
public class SamplePriorCommand extends CtCommand {

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = "The volume is invented: it shows nobody's anatomy.";

	@Parameter(label = "Prior (empty: the bundled one)", required = false, persist = false,
		description = "A .safetensors file written by CT Train Prior...; empty for the bundled prior of the human body.")
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

	@Parameter(label = "Random seed", persist = false, description = "Any whole number; another seed is another volume.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = "auto";

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		final SamplerSettings sampler = SamplerSettings.GENERATE.withSteps(steps);
		withProgress(progress -> {
			try (Prior open = prior == null ? Prior.bundled(PatchDiffusion.DEFAULT_PRIOR, device) : Prior.open(prior.toPath(),
				device))
			{
				final Volume volume = Generator.generate(open, Grid.cube(size, spacing), sampler, seed, progress);
				final String name = open.settings().name();
				result = Images.toImagePlus(volume.named("Sample of " + name + " (seed " + seed + ")"));
				Images.recipe(result, Map.of("Method", "Drawn from the prior " + name + ", " + sampler + "; shows nobody's anatomy",
					"Seed", String.valueOf(seed), "Device", open.device()));
			}
		});
	}
}
