package org.patchct.network;

import static org.patchct.network.NetworkConfig.field;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import org.patchct.task.InvalidInputException;

/**
 * Everything needed to use a network as a prior, and where it came from. Kept as JSON in the prior's file.
 *
 * @param name short name, for reports
 * @param network shape of the network
 * @param globalChannel whether the down-sampled whole volume is an input channel
 * @param positionChannels whether the x, y and z coordinates are input channels
 * @param prediction what the network returns
 * @param timesteps T, number of noise levels
 * @param betaStart β of level 0 of the linear schedule
 * @param betaEnd β of level T − 1
 * @param networkLow value that the network is given for the low end of the window (empty space)
 * @param networkHigh value that the network is given for the high end of the window
 * @param unit unit of {@code low} and {@code high}, as in {@link org.patchct.volume.Intensity#unit}
 * @param low low end of the window the network was trained on
 * @param high high end of the window the network was trained on
 * @param record how it was made: training data, settings, seed, revision, validation; free-form, for the reader
 */
public record PriorSettings(String name, NetworkConfig network, boolean globalChannel, boolean positionChannels,
	Prediction prediction, int timesteps, double betaStart, double betaEnd, double networkLow, double networkHigh,
	String unit, double low, double high, JsonObject record)
{

	/** Value of "format" in the JSON. */
	public static final String FORMAT = "patchct-prior";

	/** Value of "version" in the JSON that this code writes, and the highest it reads. */
	public static final int VERSION = 1;

	private static final Gson GSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

	public PriorSettings {
		if (network == null) throw new InvalidInputException("The prior's record has no \"network\".");
		if (prediction == null) throw new InvalidInputException(
			"The prior's record has no \"prediction\", or one that is not known: it must be EPSILON or V.");
		final int channels = 1 + (globalChannel ? 1 : 0) + (positionChannels ? 3 : 0);
		if (network.inChannels() != channels || network.outChannels() != 1) throw new InvalidInputException(
			"The prior's network has " + network.inChannels() + " channels in and " + network.outChannels() +
				" out; its settings (global channel: " + globalChannel + ", position channels: " + positionChannels +
				") need " + channels + " in and 1 out.");
		if (timesteps < 1 || !(betaStart > 0 && betaEnd >= betaStart && betaEnd < 1)) throw new InvalidInputException(
			"The prior's noise schedule has " + timesteps + " levels with β " + betaStart + "…" + betaEnd +
				": it must have at least one, and 0 < β < 1, not decreasing.");
		if (!(networkHigh > networkLow) || !(high > low)) throw new InvalidInputException(
			"The prior's intensity window " + low + "…" + high + " → " + networkLow + "…" + networkHigh +
				": upper ends must be greater than lower ends.");
		record = record == null ? new JsonObject() : record.deepCopy();
	}

	/**
	 * Settings with the schedule of Ho et al. 2020 (T = 1000, β linear from 1e-4 to 0.02), the window −1000…1000 HU and
	 * network values −1…1.
	 */
	public static PriorSettings hounsfield(final String name, final NetworkConfig network, final Prediction prediction) {
		return new PriorSettings(name, network, true, true, prediction, 1000, 1e-4, 0.02, -1, 1, "HU", -1000, 1000,
			null);
	}

	/** How the prior was made; a copy. */
	@Override
	public JsonObject record() {
		return record.deepCopy();
	}

	/** The same settings with another record. */
	public PriorSettings withRecord(final JsonObject newRecord) {
		return new PriorSettings(name, network, globalChannel, positionChannels, prediction, timesteps, betaStart, betaEnd,
			networkLow, networkHigh, unit, low, high, newRecord);
	}

	/** Side of the patches, voxels. */
	public int patch() {
		return network.side();
	}

	/** Window units ([0, 1]) to what the network is given. */
	public float toNetwork(final float window) {
		return (float) (networkLow + (networkHigh - networkLow) * window);
	}

	/** What the network is given to window units, the inverse of {@link #toNetwork}. */
	public float fromNetwork(final float value) {
		return (float) ((value - networkLow) / (networkHigh - networkLow));
	}

	/** As JSON text. */
	public String toJson() {
		final JsonObject json = new JsonObject();
		json.addProperty("format", FORMAT);
		json.addProperty("version", VERSION);
		json.addProperty("name", name);
		json.add("network", network.toJson());
		json.addProperty("globalChannel", globalChannel);
		json.addProperty("positionChannels", positionChannels);
		json.addProperty("prediction", prediction.name());
		json.addProperty("timesteps", timesteps);
		json.addProperty("betaStart", betaStart);
		json.addProperty("betaEnd", betaEnd);
		json.addProperty("networkLow", networkLow);
		json.addProperty("networkHigh", networkHigh);
		json.addProperty("unit", unit);
		json.addProperty("low", low);
		json.addProperty("high", high);
		json.add("record", record);
		return GSON.toJson(json);
	}

	/**
	 * Reads what {@link #toJson} writes.
	 *
	 * @throws InvalidInputException if it is not JSON, of another format or a later version, or a field is missing or
	 *           wrong, with the reason
	 */
	public static PriorSettings fromJson(final String text) {
		try {
			final JsonObject json = JsonParser.parseString(text).getAsJsonObject();
			if (!json.has("format") || !FORMAT.equals(json.get("format").getAsString())) throw new InvalidInputException(
				"The record is not that of a prior: it must have \"format\": \"" + FORMAT + "\".");
			final int version = field(json, "version").getAsInt();
			if (version > VERSION) throw new InvalidInputException("The prior's record has version " + version +
				"; this program reads versions up to " + VERSION + ". Update PatchCT.");
			final NetworkConfig network = NetworkConfig.fromJson(field(json, "network").getAsJsonObject());
			return new PriorSettings(field(json, "name").getAsString(), network, field(json, "globalChannel").getAsBoolean(),
				field(json, "positionChannels").getAsBoolean(), GSON.fromJson(field(json, "prediction"), Prediction.class), field(
					json, "timesteps").getAsInt(), field(json, "betaStart").getAsDouble(), field(json, "betaEnd").getAsDouble(),
				field(json, "networkLow").getAsDouble(), field(json, "networkHigh").getAsDouble(), field(json, "unit")
					.getAsString(), field(json, "low").getAsDouble(), field(json, "high").getAsDouble(), json.has("record") ? json
						.getAsJsonObject("record") : null);
		}
		catch (final JsonParseException | IllegalStateException | ClassCastException | NumberFormatException
				| UnsupportedOperationException e)
		{
			throw new InvalidInputException("The prior's record cannot be read: " + e.getMessage(), e);
		}
	}
}
