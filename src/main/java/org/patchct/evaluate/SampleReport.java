package org.patchct.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Consumer;

import org.patchct.diffusion.PriorWindow;
import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Samples of a prior beside the volumes that it was trained on: are they copies, and are they alike? */
public final class SampleReport {

	private final List<Volume> training = new ArrayList<>();

	private final Memorisation memorisation;

	/**
	 * @param volumes what the prior was trained on
	 * @param size voxels along each side of the samples
	 * @param refused told which volumes are in another unit than the prior and therefore left out
	 * @throws InvalidInputException if none is left
	 */
	public SampleReport(final PriorSettings prior, final List<Volume> volumes, final int size,
		final Consumer<String> refused)
	{
		for (final Volume volume : volumes)
			if (volume.intensity().unit().equals(prior.unit())) training.add(Memorisation.cube(new Volume(volume.name(), volume
				.img(), volume.grid(), PriorWindow.of(prior, volume.intensity())), size));
			else refused.accept("Left out \"" + volume.name() + "\": it is in " + volume.intensity().unit() +
				" and the prior in " + prior.unit() + ".");
		if (training.isEmpty()) throw new InvalidInputException("None of the " + volumes.size() + " training volumes is in " +
			prior.unit() + " like the prior \"" + prior.name() + "\": give the folder that it was trained on.");
		memorisation = new Memorisation(training);
	}

	/** The nearest training volume of each sample, resampled to its size. */
	public List<Volume> nearest(final List<Volume> samples) {
		return samples.stream().map(sample -> training.get(memorisation.nearest(sample).index())).toList();
	}

	/**
	 * What can be said about samples, as titled lines.
	 *
	 * @param seed of the sliced Wasserstein distance
	 */
	public Map<String, String> of(final List<Volume> samples, final long seed) {
		final Map<String, String> lines = new LinkedHashMap<>();
		for (int i = 0; i < samples.size(); i++) {
			final Memorisation.Match match = memorisation.nearest(samples.get(i));
			lines.put("Nearest training volume" + (samples.size() == 1 ? "" : " of sample " + (i + 1)), training.get(match
				.index()).name() + ". " + memorisation.verdict(match));
		}
		final List<Columns> drawn = columns(samples), learned = columns(training);
		lines.put("Sliced Wasserstein distance of samples and training volumes", text(SlicedWasserstein.distances(drawn,
			learned, seed)));
		if (learned.size() > 1) {
			final List<Columns> even = new ArrayList<>(), odd = new ArrayList<>();
			for (int i = 0; i < learned.size(); i++)
				(i % 2 == 0 ? even : odd).add(learned.get(i));
			lines.put("Sliced Wasserstein distance of two halves of the training volumes", text(SlicedWasserstein.distances(even,
				odd, seed)));
		}
		return lines;
	}

	private static List<Columns> columns(final List<Volume> volumes) {
		return volumes.stream().map(Layouts::normalised).toList();
	}

	/** "0.1234, 0.2345, 0.3456 from fine to coarse" */
	private static String text(final double[] distances) {
		final StringJoiner text = new StringJoiner(", ");
		for (final double distance : distances)
			text.add(String.format(Locale.ROOT, "%.4f", distance));
		return text + (distances.length > 1 ? " from fine to coarse" : "");
	}
}
