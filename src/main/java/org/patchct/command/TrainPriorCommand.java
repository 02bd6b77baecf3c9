package org.patchct.command;

import ij.IJ;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.nio.file.Path;
import java.util.List;

import org.patchct.imagej.TrainingMonitor;
import org.patchct.imagej.VolumeFolder;
import org.patchct.io.WholeFile;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.train.PriorKind;
import org.patchct.train.Trainer;
import org.patchct.train.TrainingCost;
import org.patchct.train.TrainingPreset;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolume;
import org.patchct.train.TrainingVolumes;
import org.patchct.volume.Volume;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Trains a prior on a folder of volumes. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Train Prior...",
	headless = true,
	description = "Trains a diffusion prior on a folder of volumes. Takes hours on a processor; a checkpoint lies " +
		"beside the output, and a run with the same settings goes on from it.")
public class TrainPriorCommand extends CtCommand {

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

	@Parameter(label = "Preset", persist = false,
		description = "Laptop: a network of 4.9 million parameters, 8000 steps, hours on two cores. GPU: the same network, " +
			"30000 larger steps. Paper: the published network of 68.6 million parameters and its settings, days on a large GPU.")
	private TrainingPreset preset = TrainingPreset.LAPTOP;

	@Parameter(label = "Kind", persist = false,
		description = "What the network sees of a volume. 3-D patches: for CT Patch Diffusion. Slices: for DDS and " +
			"DiffusionMBIR. 3-slice groups: for DiffusionBlend. Slices and groups have a network of 2.3 million parameters, and " +
			"not the preset Paper.")
	private PriorKind kind = PriorKind.PATCHES;

	@Parameter(label = "Noise schedule", persist = false,
		description = "VP: the variance is preserved, as all methods but DiffusionMBIR need it. VE: it explodes, as that needs " +
			"it; for slices only.")
	private NoiseSchedule.Kind schedule = NoiseSchedule.Kind.VP;

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

	@Override
	protected void execute() {
		if (folder == null) throw new InvalidInputException(NO_FOLDER);
		if (output == null || !output.getName().endsWith(".safetensors")) throw new InvalidInputException(NO_OUTPUT);
		final Path file = output.toPath().toAbsolutePath();
		final String name = output.getName().replaceFirst("\\.safetensors$", "");
		withProgress(progress -> {
			final List<Volume> volumes = VolumeFolder.open(folder.toPath(), size, context(), progress, IJ::log);
			WholeFile.requireFolder(file.getParent());
			final PriorSettings settings = preset.prior(name, TrainingVolumes.unit(volumes), kind, schedule);
			final TrainingSettings training = preset.training(steps, seed, kind);
			final List<TrainingVolume> learned = TrainingVolumes.usable(volumes, settings, IJ::log);
			final List<TrainingVolume> heldOut = validation == null ? List.of() : TrainingVolumes.usable(VolumeFolder.open(
				validation.toPath(), size, context(), progress, IJ::log), settings, IJ::log);
			final TrainingCost cost = TrainingCost.of(settings, training, learned, heldOut);
			IJ.log("Training on " + learned.size() + " volumes in " + settings.unit() + ", " + training.steps() +
				" steps; memory: " + cost);
			cost.requireRoom();
			final TrainingMonitor monitor = new TrainingMonitor(training.steps());
			final Trainer trainer = new Trainer(settings, training, learned, heldOut, device).onStep(monitor::step).onValidation(
				monitor::validated);
			if (!GraphicsEnvironment.isHeadless()) trainer.onSample(progress::preview);
			trainer.train(file.resolveSibling(output.getName() + CHECKPOINT), file, progress);
		});
		IJ.log("Trained prior written to " + file);
	}
}
