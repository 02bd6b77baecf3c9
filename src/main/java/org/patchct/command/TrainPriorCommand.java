package org.patchct.command;

import ij.IJ;

import java.util.List;

import org.patchct.imagej.VolumeFolder;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.task.Progress;
import org.patchct.train.PriorKind;
import org.patchct.train.TrainingPreset;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolumes;
import org.patchct.volume.Volume;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Trains a prior on a folder of volumes. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Train Prior...",
	headless = true,
	description = "Trains a diffusion prior on a folder of volumes. Takes hours on a processor; a checkpoint lies " +
		"beside the output, and a run with the same settings goes on from it.")
public class TrainPriorCommand extends TrainCommand {

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

	@Override
	protected Job job(final Folders folders, final String name, final Progress progress) {
		final List<Volume> volumes = VolumeFolder.open(folders.training(), folders.size(), context(), progress, IJ::log);
		final PriorSettings settings = preset.prior(name, TrainingVolumes.unit(volumes), kind, schedule);
		final TrainingSettings training = preset.training(folders.steps(), folders.seed(), kind);
		return new Job(settings, training, TrainingVolumes.usable(volumes, settings, IJ::log), folders.validation() == null
			? List.of() : TrainingVolumes.usable(VolumeFolder.open(folders.validation(), folders.size(), context(), progress,
				IJ::log), settings, IJ::log));
	}
}
