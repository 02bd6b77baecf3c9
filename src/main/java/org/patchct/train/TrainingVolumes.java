package org.patchct.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Volume;

/** Chooses from volumes of a folder those that a prior can learn from. */
public final class TrainingVolumes {

	/** Shares of a patch's side that a volume must have along each of its own: the rest of a patch would be padding. */
	private static final double LEAST = 0.5;

	private TrainingVolumes() { }

	/** The unit of most volumes; of several, that which comes first. */
	public static String unit(final List<Volume> volumes) {
		final Map<String, Integer> counts = new LinkedHashMap<>();
		for (final Volume volume : volumes)
			counts.merge(volume.intensity().unit(), 1, Integer::sum);
		final int most = counts.values().stream().max(Integer::compare).orElseThrow();
		return counts.entrySet().stream().filter(entry -> entry.getValue() == most).findFirst().orElseThrow().getKey();
	}

	/**
	 * The volumes in network units. Those that are of no use are left out: of another unit than the prior's, with a side
	 * shorter than half a patch (for slices, shorter than a value of the coarsest level), or constant within the window.
	 *
	 * @param refused told the name of each volume that is left out, and why
	 * @throws InvalidInputException if none is left
	 */
	public static List<TrainingVolume> usable(final List<Volume> volumes, final PriorSettings settings,
		final Consumer<String> refused)
	{
		return usable(volumes, volume -> TrainingVolume.of(volume, settings, 1), settings, refused);
	}

	/** The same of volumes with the FBP of their scans. */
	public static List<TrainingVolume> usablePairs(final List<FbpPair> pairs, final PriorSettings settings,
		final Consumer<String> refused)
	{
		return usable(pairs, pair -> TrainingVolume.of(pair, settings, 1), settings, refused);
	}

	private static <T> List<TrainingVolume> usable(final List<T> volumes, final Function<T, TrainingVolume> prepare,
		final PriorSettings settings, final Consumer<String> refused)
	{
		final List<TrainingVolume> usable = new ArrayList<>();
		for (final T volume : volumes)
			try {
				usable.add(checked(prepare.apply(volume), settings));
			}
			catch (final InvalidInputException e) {
				refused.accept("Left out: " + e.getMessage());
			}
		if (usable.isEmpty()) throw new InvalidInputException("None of the " + volumes.size() +
			" volumes can be used for training; the log says why. Give volumes of one unit that differ from voxel to voxel and " +
			"have at least " + least(settings) + " voxels along each side.");
		return usable;
	}

	private static TrainingVolume checked(final TrainingVolume volume, final PriorSettings settings) {
		final Columns columns = volume.columns();
		// Slices are padded with air, and one is enough.
		final int depth = settings.slices() == 0 ? columns.nz() : Integer.MAX_VALUE;
		if (Math.min(columns.nx(), Math.min(columns.ny(), depth)) < least(settings)) throw new InvalidInputException(
			"\"" + volume.name() + "\" of " + columns + " voxels: each side" + (settings.slices() == 0 ? "" : " of a slice") +
				" must have at least " + least(settings) + ".");
		final float first = columns.column(0, 0)[0];
		for (final float[] column : columns.data())
			for (final float value : column)
				if (value != first) return volume;
		throw new InvalidInputException("\"" + volume.name() + "\": it has the same value everywhere in the window.");
	}

	private static int least(final PriorSettings settings) {
		return settings.slices() == 0 ? (int) Math.ceil(LEAST * settings.patch()) : settings.network().multiple();
	}
}
