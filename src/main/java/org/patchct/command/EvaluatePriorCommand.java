package org.patchct.command;

import ij.IJ;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.nio.file.Path;
import java.util.List;

import org.patchct.evaluate.PriorEvaluation;
import org.patchct.io.WholeFile;
import org.patchct.network.Prior;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Tells whether a prior is good enough to use. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Evaluate Prior...",
	headless = true,
	description = "Adds noise to a volume and removes it again with a prior and with total variation. Writes a table " +
		"(denoising.csv) and a plot (denoising.png) and says whether the prior is good enough to use.")
public class EvaluatePriorCommand extends CtCommand {

	@Parameter(label = Priors.LABEL, required = false, persist = false, description = Priors.DESCRIPTION)
	private File prior;

	@Parameter(label = "Reference (file, DICOM folder or title of an image)", style = FileWidget.FILE_AND_DIRECTORY_STYLE,
		required = false, persist = false,
		description = "A fully sampled volume that the prior was not trained on: the title of an open image, or the path of " +
			"a file or DICOM folder; the active image if left out.")
	private File reference;

	@Parameter(label = "Size (voxels, 0: as is)", min = "0", max = "2048", persist = false,
		description = "The reference is resampled so that its longest side has this many voxels, up to 2048; 0 keeps its " +
			"grid. Give what the prior was trained with.")
	private int size = 128;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = "auto";

	@Parameter(label = "Output folder", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "Is made if missing; files of an earlier evaluation in it are replaced.")
	private File output;

	@Override
	protected void prepare() {
		reference = orActiveImage(reference);
		output = orHomeFolder(output, "CT prior evaluation");
	}

	@Override
	protected void execute() {
		if (output == null) throw new InvalidInputException(NO_OUTPUT_FOLDER);
		final Path folder = output.toPath().toAbsolutePath();
		withProgress(progress -> {
			try (Prior open = Priors.open(prior, device)) {
				final Volume volume = Resampling.toCubic(reference(reference, progress.quiet()), size, progress.quiet());
				WholeFile.requireFolder(folder);
				if (PriorEvaluation.trainedOn(open.settings(), volume.name())) IJ.log("\"" + volume.name() +
					"\" is among the training volumes of this prior: the table says nothing about volumes that it never saw.");
				final String what = "Prior " + open.settings().name() + " on " + volume.name() + ", " + volume.grid() + ", " +
					open.device() + ", seed " + seed + ". ";
				final List<PriorEvaluation.Row> rows = PriorEvaluation.measure(open, volume, seed, sofar -> PriorEvaluation.write(
					sofar, what + "Unfinished.", folder), progress);
				PriorEvaluation.write(rows, what + PriorEvaluation.verdict(rows), folder);
				IJ.log(PriorEvaluation.csv(rows).strip());
				IJ.log(PriorEvaluation.verdict(rows));
				IJ.log("Written to " + folder);
			}
		});
		if (!GraphicsEnvironment.isHeadless()) IJ.open(folder.resolve(PriorEvaluation.FIGURE).toString());
	}
}
