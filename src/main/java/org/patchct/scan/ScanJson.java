package org.patchct.scan;

import java.util.Map;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;

/**
 * Everything about a scan but its radiographs, as one line of JSON that travels with them:
 * {@code {"kind":"parallel","geometry":{…},"grid":{…},"intensity":{…}}}. The fields are the components of the records.
 *
 * @param geometry where each radiograph was taken
 * @param grid the grid that reconstructions use unless told otherwise
 * @param intensity the units of reconstructions
 */
public record ScanJson(ScanGeometry geometry, Grid grid, Intensity intensity) {

	/** A new geometry needs a line here and nothing else. */
	private static final Map<String, Class<? extends ScanGeometry>> KINDS = Map.of("parallel", ParallelBeam.class, "fan",
		FanBeam.class, "cone", ConeBeam.class);

	private static final Gson GSON = new Gson();

	/** The description of a scan. */
	public static ScanJson of(final Projections projections) {
		return new ScanJson(projections.geometry(), projections.grid(), projections.intensity());
	}

	/** One line of JSON. */
	public String write() {
		final JsonObject json = new JsonObject();
		json.addProperty("kind", kind());
		json.add("geometry", GSON.toJsonTree(geometry));
		json.add("grid", GSON.toJsonTree(grid));
		json.add("intensity", GSON.toJsonTree(intensity));
		return GSON.toJson(json);
	}

	private String kind() {
		for (final var kind : KINDS.entrySet())
			if (kind.getValue().isInstance(geometry)) return kind.getKey();
		throw new IllegalArgumentException("No name for scans by " + geometry.getClass());
	}

	/**
	 * The inverse of {@link #write}.
	 *
	 * @throws InvalidInputException if the text is not such a line, or describes a scan that cannot be
	 */
	public static ScanJson read(final String text) {
		try {
			final JsonObject json = JsonParser.parseString(text).getAsJsonObject();
			final JsonElement kind = json.get("kind");
			final Class<? extends ScanGeometry> type = kind == null ? null : KINDS.get(kind.getAsString());
			if (type == null) throw new InvalidInputException("Scans of the kind " + kind +
				" are not known here; known are " + KINDS.keySet() + ". A newer version of PatchCT may know them.");
			return new ScanJson(part(json, "geometry", type), part(json, "grid", Grid.class), part(json, "intensity",
				Intensity.class));
		}
		catch (final JsonParseException | IllegalStateException | UnsupportedOperationException e) {
			throw damaged(text, e);
		}
	}

	private static <T> T part(final JsonObject json, final String name, final Class<T> type) {
		if (json.get(name) == null || !json.get(name).isJsonObject()) throw damaged(json.toString(), null);
		try {
			return GSON.fromJson(json.get(name), type);
		}
		catch (final JsonParseException e) {
			throw e;
		}
		catch (final RuntimeException e) {
			// Gson wraps what a record's constructor throws; its message is the one for the user.
			for (Throwable cause = e; cause != null; cause = cause.getCause())
				if (cause instanceof InvalidInputException invalid) throw invalid;
			throw damaged(json.toString(), e);
		}
	}

	private static InvalidInputException damaged(final String text, final Exception cause) {
		return new InvalidInputException("The description of the scan is damaged: " + text.substring(0, Math.min(200, text
			.length())) + ". Make the projections again, or import them with their angles.", cause);
	}
}
