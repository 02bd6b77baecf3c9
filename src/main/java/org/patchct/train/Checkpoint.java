package org.patchct.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.patchct.network.SafeTensors;
import org.patchct.task.InvalidInputException;

/**
 * All that a training run needs to go on as if it had not been interrupted: one safetensors file with the weights, their
 * running mean and the optimiser's moments, and the state below as JSON in its metadata.
 */
final class Checkpoint {

	private static final Gson GSON = new GsonBuilder().create();

	private static final String KEY = "patchct-checkpoint", DIGEST = "sha256";

	private static final String[] PARTS = { "weights", "mean", "adam.first", "adam.second" };

	/**
	 * @param run what was trained, how and on what; a checkpoint is only resumed by a run of the same description
	 * @param step steps done
	 * @param seconds time they took
	 * @param trainingLoss running mean of the loss
	 * @param validations so far
	 * @param balance of {@link Balance}
	 */
	record State(String run, int step, double seconds, double trainingLoss, List<Validation> validations,
		double[][] balance) { }

	private Checkpoint() { }

	/** Writes a checkpoint, whole or not at all. {@code parts}: weights, mean, first and second moments. */
	static void write(final Path file, final State state, final List<String> names, final List<long[]> shapes,
		final float[][]... parts)
	{
		final List<SafeTensors.Source> sources = new ArrayList<>();
		for (int part = 0; part < PARTS.length; part++)
			for (int i = 0; i < names.size(); i++) {
				final float[] values = parts[part][i];
				sources.add(new SafeTensors.Source(PARTS[part] + "." + names.get(i), shapes.get(i), () -> values));
			}
		SafeTensors.write(file, Map.of(KEY, GSON.toJson(state), DIGEST, SafeTensors.digest(sources)), sources);
	}

	/**
	 * The weights called {@code name} in a prior or, the last ones, in a checkpoint.
	 *
	 * @throws InvalidInputException if there are none, or of another shape
	 */
	static float[] weights(final Path file, final SafeTensors tensors, final String name, final long[] shape) {
		final String key = tensors.metadata().containsKey(KEY) ? PARTS[0] + "." + name : name;
		if (!Arrays.equals(shape, tensors.shape(key))) throw new InvalidInputException(file + " has " + (tensors.shape(
			key) == null ? "no " + key : key + " of the shape " + Arrays.toString(tensors.shape(key)) + " instead of " + Arrays
				.toString(shape)) + ": it holds another network. Start from a prior or checkpoint of the same architecture.");
		return tensors.values(key);
	}

	/**
	 * Reads a checkpoint into {@code parts}.
	 *
	 * @throws InvalidInputException if it is damaged, no checkpoint, or of another run
	 */
	static State read(final Path file, final String run, final List<String> names, final float[][]... parts) {
		try (SafeTensors tensors = SafeTensors.open(file)) {
			final String json = tensors.metadata().get(KEY);
			if (json == null) throw new InvalidInputException(file + " is not a training checkpoint. Choose another file " +
				"for the checkpoint, or the right one to resume from.");
			final State state = GSON.fromJson(json, State.class);
			if (!run.equals(state.run)) throw new InvalidInputException("The checkpoint " + file +
				" belongs to another training run: its settings or volumes are not these.\nCheckpoint: " + state.run +
				"\nThis run: " + run + "\nResume with the same settings and volumes, or choose another checkpoint file.");
			if (!tensors.digest().equals(tensors.metadata().get(DIGEST))) throw new InvalidInputException("The checkpoint " +
				file + " fails its checksum. Delete it and start again, or restore a copy.");
			for (int part = 0; part < PARTS.length; part++)
				for (int i = 0; i < names.size(); i++) {
					final float[] values = tensors.values(PARTS[part] + "." + names.get(i));
					if (values.length != parts[part][i].length) throw new InvalidInputException("The checkpoint " + file +
						" has " + values.length + " values for " + names.get(i) + " instead of " + parts[part][i].length +
						". Delete it and start again.");
					parts[part][i] = Arrays.copyOf(values, values.length);
				}
			return state;
		}
		catch (final com.google.gson.JsonParseException e) {
			throw new InvalidInputException("The state in the checkpoint " + file + " cannot be read: " + e.getMessage() +
				". Delete it and start again.", e);
		}
	}
}
