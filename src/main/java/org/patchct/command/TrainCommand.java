package org.patchct.command;

import ij.IJ;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.patchct.imagej.TrainingMonitor;
import org.patchct.io.WholeFile;
import org.patchct.network.PriorSettings;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Iterate;
import org.patchct.task.Progress;
import org.patchct.train.Trainer;
import org.patchct.train.TrainingCost;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolume;
import org.scijava.plugin.Parameter;
import org.scijava.widget.FileWidget;

/** What the commands share that train a network on a folder of volumes. */
abstract class TrainCommand extends CtCommand {

	/** The checkpoint's name is the output's with this. */
	static final String CHECKPOINT = ".checkpoint";

	public static final String NO_FOLDER = "No folder of training volumes was given: name one with folder=[...].";

	public static final String NO_OUTPUT = "No output file was given: name one ending in .safetensors with output=[...].";

	@Parameter(label = "Folder of training volumes", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "Files that cannot be used are named and left out: unreadable ones, those in another unit than most, " +
			"and volumes that are tiny, constant or hold NaN.")
	private File folder;

	@Parameter(label = "Folder of validation volumes (may be empty)", style = FileWidget.DIRECTORY_STYLE, required = false,
		persist = false, description = "Volumes to measure on while training, none of them among the training volumes.")
	private File validation;

	@Parameter(label = "Prior to write", style = FileWidget.SAVE_STYLE, required = false, persist = false,
		description = "A file ending in .safetensors.")
	private File output;

	@Parameter(label = "Size (voxels, 0: as is)", min = "0", max = "2048", persist = false,
		description = "Volumes are resampled so that their longest side has this many voxels, up to 2048; " +
			"0 keeps their grids.")
	private int size = 128;

	@Parameter(label = "Training steps (0: the preset's)", min = "0", max = "10000000", persist = false,
		description = "0 to 10000000 updates of the weights; some thousands for a usable prior of a single kind of object.")
	private int steps;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = "auto";

	/**
	 * What to train.
	 *
	 * @param settings of the network
	 * @param training how
	 * @param learned volumes to learn from
	 * @param heldOut volumes to measure on; may be empty
	 */
	protected record Job(PriorSettings settings, TrainingSettings training, List<TrainingVolume> learned,
		List<TrainingVolume> heldOut)
	{ }

	/** Opens the volumes and settles the rest. */
	protected abstract Job job(Folders folders, String name, Progress progress);

	/**
	 * The inputs that all trainings have.
	 *
	 * @param training folder of volumes to learn from
	 * @param validation folder of volumes to measure on, or null
	 */
	protected record Folders(Path training, Path validation, int size, int steps, long seed, String device) { }

	@Override
	protected final void execute() {
		if (folder == null) throw new InvalidInputException(NO_FOLDER);
		if (output == null || !output.getName().endsWith(".safetensors")) throw new InvalidInputException(NO_OUTPUT);
		final Path file = output.toPath().toAbsolutePath();
		final String name = output.getName().replaceFirst("\\.safetensors$", "");
		final Folders folders = new Folders(folder.toPath(), validation == null ? null : validation.toPath(), size, steps, seed,
			device);
		withProgress(progress -> {
			final Job job = job(folders, name, progress);
			WholeFile.requireFolder(file.getParent());
			final TrainingCost cost = TrainingCost.of(job.settings, job.training, job.learned, job.heldOut);
			IJ.log("Training on " + job.learned.size() + " volumes in " + job.settings.unit() + ", " + job.training.steps() +
				" steps; memory: " + cost);
			cost.requireRoom();
			final TrainingMonitor monitor = new TrainingMonitor(job.training.steps());
			final Trainer trainer = new Trainer(job.settings, job.training, job.learned, job.heldOut, device).onStep(
				monitor::step).onValidation(monitor::validated);
			if (!GraphicsEnvironment.isHeadless()) trainer.onSample(sample -> progress.iterated(new Iterate(1, job.training
				.steps(), () -> sample)));
			final Path checkpoint = file.resolveSibling(output.getName() + CHECKPOINT);
			try {
				trainer.train(checkpoint, file, progress);
			}
			catch (final CancelledException e) {
				if (Files.exists(checkpoint)) IJ.log("What was learned is in " + checkpoint +
					": the same command goes on from it.");
				throw e;
			}
		});
		IJ.log("Trained prior written to " + file);
	}
}
