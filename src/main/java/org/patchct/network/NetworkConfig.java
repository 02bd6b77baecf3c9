package org.patchct.network;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import java.util.ArrayList;
import java.util.List;

import org.patchct.task.InvalidInputException;

/** Shape of a network that answers for cubic patches, or for slices. */
public sealed interface NetworkConfig permits UNetConfig, WaveletConfig {

	/** Channels of the input. */
	int inChannels();

	/** Channels of the output. */
	int outChannels();

	/** P, voxels along each side of a patch. */
	int side();

	/** Noise levels at which another set of weights takes over, rising; empty where one set serves all levels. */
	default List<Integer> bounds() {
		return List.of();
	}

	/** How many slices of a volume the network sees at once; 0 for cubic patches. */
	default int slices() {
		return 0;
	}

	/** Distances of the slices of a group, in slices, that the network is told of by their place in this list. */
	default List<Integer> spacings() {
		return List.of();
	}

	/** What the sides of the input must be multiples of. */
	default int multiple() {
		return 1;
	}

	/** Whether it takes inputs of any size whose sides are multiples of {@link #multiple}, not only of the one it learned from. */
	default boolean anySize() {
		return false;
	}

	/** Values of one activation of the first level for one patch, its largest: a measure of the memory that it needs. */
	long activations();

	/** Values that are kept for the gradient of one patch. */
	double gradientValues();

	/** A network of this shape without weights, for the noise levels of {@code schedule}. */
	PatchNetwork create(NoiseSchedule schedule);

	/** Kind of network, "type" in the JSON. */
	String type();

	/** As JSON: the type, then one field for each component. */
	default JsonObject toJson() {
		final JsonObject json = new JsonObject();
		json.addProperty("type", type());
		new Gson().toJsonTree(this).getAsJsonObject().entrySet().forEach(entry -> json.add(entry.getKey(), entry.getValue()));
		return json;
	}

	/**
	 * Reads what {@link #toJson} writes.
	 *
	 * @throws InvalidInputException if the type is unknown or a field is missing or wrong
	 */
	static NetworkConfig fromJson(final JsonObject json) {
		final String type = field(json, "type").getAsString();
		return switch (type) {
			case UNetConfig.TYPE -> UNetConfig.read(json);
			case WaveletConfig.TYPE -> WaveletConfig.read(json);
			default -> throw new InvalidInputException("The prior's network is of the type \"" + type +
				"\"; this program knows " + UNetConfig.TYPE + " and " + WaveletConfig.TYPE + ". Update PatchCT.");
		};
	}

	/** A field that must be there. */
	static JsonElement field(final JsonObject json, final String name) {
		final JsonElement element = json.get(name);
		if (element == null || element.isJsonNull()) throw new InvalidInputException("The prior's record has no \"" + name +
			"\".");
		return element;
	}

	/** A list of whole numbers that must be there. */
	static List<Integer> ints(final JsonObject json, final String name) {
		final List<Integer> list = new ArrayList<>();
		for (final JsonElement element : field(json, name).getAsJsonArray())
			list.add(element.getAsInt());
		return list;
	}
}
