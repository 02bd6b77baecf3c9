package org.patchct.command;

import ij.IJ;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.patchct.imagej.VolumeOpener;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.train.Trainer;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolume;
import org.patchct.volume.Intensity;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Trains a prior on a folder of volumes. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Train Prior...",
	headless = true,
	description = "Trains a 3-D patch diffusion prior on a folder of volumes. Takes hours on a processor; a checkpoint lies " +
		"beside the output, and a run with the same settings goes on from it.")
public class TrainPriorCommand extends CtCommand {

	static final String COMPACT = "Compact", PAPER = "Paper";

	/** The checkpoint's name is the output's with this. */
	static final String CHECKPOINT = ".checkpoint";

	public static final String NO_FOLDER = "No folder of training volumes was given: name one with folder=[...].";

	public static final String NO_OUTPUT = "No output file was given: name one ending in .safetensors with output=[...].";

	@Parameter(label = "Folder of training volumes", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "Every file in it must be a volume, all in the same unit.")
	private File folder;

	@Parameter(label = "Folder of validation volumes (may be empty)", style = FileWidget.DIRECTORY_STYLE, required = false,
		persist = false, description = "Volumes to measure on while training, none of them among the training volumes.")
	private File validation;

	@Parameter(label = "Prior to write", style = FileWidget.SAVE_STYLE, required = false, persist = false,
		description = "A file ending in .safetensors.")
	private File output;

	@Parameter(label = "Network", choices = { COMPACT, PAPER }, persist = false,
		description = "Compact: 2.9 million parameters, for processors. Paper: the published 68.6 million, for GPUs.")
	private String network = COMPACT;

	@Parameter(label = "Size (voxels, 0: as is)", min = "0", max = "2048", persist = false,
		description = "Volumes are resampled so that their longest side has this many voxels, up to 2048; " +
			"0 keeps their grids.")
	private int size = 128;

	@Parameter(label = "Training steps", min = "1", max = "10000000", persist = false,
		description = "1 to 10000000 updates of the weights; some thousands for a usable compact prior.")
	private int steps = 4000;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = "auto";

	@Override
	protected void execute() {
		if (folder == null) throw new InvalidInputException(NO_FOLDER);
		if (output == null || !output.getName().endsWith(".safetensors")) throw new InvalidInputException(NO_OUTPUT);
		final List<Volume> volumes = volumes(folder.toPath());
		final Intensity intensity = volumes.get(0).intensity();
		final boolean compact = network.equals(COMPACT);
		final String name = output.getName().replaceFirst("\\.safetensors$", "");
		final PriorSettings settings = new PriorSettings(name, compact ? UNetConfig.compact() : UNetConfig.paper(), true,
			true, compact ? Prediction.V : Prediction.EPSILON, 1000, 1e-4, 0.02, -1, 1, intensity.unit(), intensity.low(),
			intensity.high(), null);
		final List<TrainingVolume> heldOut = validation == null ? List.of() : prepare(volumes(validation.toPath()),
			settings);
		final Trainer trainer = new Trainer(settings, TrainingSettings.laptop(steps, seed), prepare(volumes, settings),
			heldOut, device).onValidation(v -> IJ.log(v.toString()));
		final Path file = output.toPath().toAbsolutePath();
		withProgress(progress -> trainer.train(file.resolveSibling(output.getName() + CHECKPOINT), file, progress));
		IJ.log("Trained prior written to " + file);
	}

	private static List<TrainingVolume> prepare(final List<Volume> volumes, final PriorSettings settings) {
		final List<TrainingVolume> list = new ArrayList<>();
		for (final Volume volume : volumes)
			list.add(TrainingVolume.of(volume, settings, 1));
		return list;
	}

	private List<Volume> volumes(final Path from) {
		final List<Volume> volumes = new ArrayList<>();
		try (Stream<Path> files = Files.list(from)) {
			for (final Path file : files.filter(f -> !f.getFileName().toString().startsWith(".")).sorted().toList())
				volumes.add(Resampling.toCubic(VolumeOpener.open(file, null, context(), Progress.SILENT, IJ::log), size));
		}
		catch (final IOException e) {
			throw new InvalidInputException("Folder \"" + from + "\" cannot be read: give a folder of volumes.", e);
		}
		if (volumes.isEmpty()) throw new InvalidInputException("Folder \"" + from +
			"\" is empty: give a folder of volumes.");
		return volumes;
	}
}
