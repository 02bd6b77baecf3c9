package org.patchct.command;

import ij.IJ;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.patchct.imagej.VolumeFolder;
import org.patchct.network.FbpScan;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.recon.RampFilter.Window;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.train.FbpPair;
import org.patchct.train.FbpPairs;
import org.patchct.train.PriorKind;
import org.patchct.train.TrainingPreset;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolume;
import org.patchct.train.TrainingVolumes;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Trains the network of FBP-UNet on simulated scans of a folder of volumes. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Train FBP-UNet...",
	headless = true,
	description = "Trains a network that corrects filtered back-projections of one number of views, on simulated scans of a " +
		"folder of volumes. Takes an hour on a processor; a checkpoint lies beside the output, and a run with the same " +
		"settings goes on from it.")
public class TrainFbpUNetCommand extends TrainCommand {

	@Parameter(label = "Preset", persist = false,
		description = "Laptop: 16000 steps of two slices. GPU: 60000 steps of sixteen. Both train a network of 1.2 million " +
			"parameters; Paper is for CT Train Prior... only.")
	private TrainingPreset preset = TrainingPreset.LAPTOP;

	@Parameter(label = "Number of views", min = "1", max = "100000", persist = false,
		description = "1 to 100000: that of the scans to be reconstructed.")
	private int views = 60;

	@Parameter(label = "Angular range (degrees)", min = "0", max = "180", persist = false,
		description = "Greater than 0, at most 180: views are spread over it evenly, from 0 on, in parallel beam.")
	private double range = 180;

	@Parameter(label = "Photons per bin (0: no noise)", min = "0", persist = false,
		description = "0, or at least 1: 1e6 is usual in the clinic, 1e4 low dose.")
	private double noise = 1e5;

	@Parameter(label = "Ramp filter window", persist = false,
		description = "Ram-Lak, Shepp-Logan, Cosine, Hamming or Hann, of the filtered back-projection.")
	private Window window = Window.RAM_LAK;

	@Parameter(label = "Oversampling", min = "1", max = "8", persist = false,
		description = "1 to 8: how many times finer the grid is that is projected than the one reconstructed.")
	private int oversample = 2;

	@Parameter(label = "Scans of each volume", min = "1", max = "100", persist = false,
		description = "1 to 100, each with noise of its own and the volume turned another way; each takes the memory of two " +
			"volumes.")
	private int scans = 2;

	@Override
	protected Job job(final Folders folders, final String name, final Progress progress) {
		final FbpScan scan = new FbpScan(views, range, noise, window);
		final TrainingSettings training = preset.training(folders.steps(), folders.seed(), scan);
		final List<FbpPair> pairs = pairs(folders.training(), scan, scans, folders, progress);
		final PriorSettings slices = preset.prior(name, TrainingVolumes.unit(pairs.stream().map(FbpPair::truth).toList()),
			PriorKind.SLICES, NoiseSchedule.Kind.VP);
		final List<TrainingVolume> learned = TrainingVolumes.usablePairs(pairs, slices, IJ::log);
		final List<TrainingVolume> heldOut = folders.validation() == null ? List.of() : TrainingVolumes.usablePairs(pairs(
			folders.validation(), scan, 1, folders, progress), slices, IJ::log);
		return new Job(TrainingPreset.fbp(slices, scan, FbpPairs.error(learned)), training, learned, heldOut);
	}

	/** Scans all volumes of a folder. */
	private List<FbpPair> pairs(final Path folder, final FbpScan scan, final int each, final Folders folders,
		final Progress progress)
	{
		final FbpPairs scanner = new FbpPairs(scan, folders.size(), oversample, each, folders.seed(), folders.device());
		final List<FbpPair> pairs = new ArrayList<>();
		// Fine volumes come and go one by one.
		VolumeFolder.forEach(folder, folders.size() * oversample, context(), progress, IJ::log, (volume, part) -> {
			pairs.addAll(scanner.of(volume, part));
			Memory.requireRoom("The scans of folder \"" + folder + "\" up to \"" + volume.name() + "\"", pairs.stream()
				.mapToDouble(pair -> 2.0 * pair.truth().grid().voxels()).sum());
		});
		return pairs;
	}
}
