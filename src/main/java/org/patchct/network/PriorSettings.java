package org.patchct.network;

import static org.patchct.network.NetworkConfig.field;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import java.util.Optional;

import org.patchct.task.InvalidInputException;

/**
 * Everything needed to use a network as a prior, or for FBP-UNet, and where it came from. Kept as JSON in the prior's file.
 *
 * @param name short name, for reports
 * @param network shape of the network
 * @param globalChannel whether the down-sampled whole volume is an input channel
 * @param positionChannels whether the x, y and z coordinates are input channels
 * @param prediction what the network returns
 * @param schedule how much noise each level has
 * @param networkLow value that the network is given for the low end of the window (empty space)
 * @param networkHigh value that the network is given for the high end of the window
 * @param unit unit of {@code low} and {@code high}, as in {@link org.patchct.volume.Intensity#unit}
 * @param low low end of the window the network was trained on
 * @param high high end of the window the network was trained on
 * @param fbp the scans whose filtered back-projections the network corrects; null for a diffusion prior
 * @param record how it was made: training data, settings, seed, revision, validation; free-form, for the reader
 */
public record PriorSettings(String name, NetworkConfig network, boolean globalChannel, boolean positionChannels,
	Prediction prediction, NoiseSchedule schedule, double networkLow, double networkHigh, String unit, double low,
	double high, FbpScan fbp, JsonObject record)
{

	/** Value of "format" in the JSON. */
	public static final String FORMAT = "patchct-prior";

	/** The highest value of "version" in the JSON; that of what programs of version 1 can use is 1. */
	public static final int VERSION = 2;

	private static final Gson GSON = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

	public PriorSettings {
		if (network == null) throw new InvalidInputException("The prior's record has no \"network\".");
		if (prediction == null) throw new InvalidInputException(
			"The prior's record has no \"prediction\", or one that is not known: it must be EPSILON or V.");
		final int states = Math.max(1, network.slices());
		final int channels = states + (globalChannel ? 1 : 0) + (positionChannels ? 3 : 0);
		if (network.inChannels() != channels || network.outChannels() != states) throw new InvalidInputException(
			"The prior's network has " + network.inChannels() + " channels in and " + network.outChannels() +
				" out; its settings (global channel: " + globalChannel + ", position channels: " + positionChannels +
				") need " + channels + " in and " + states + " out.");
		if (schedule == null) throw new InvalidInputException("The prior's record has no noise schedule.");
		if (schedule.kind() == NoiseSchedule.Kind.VE && network.slices() == 0) throw new InvalidInputException(
			"The prior's noise schedule is VE, but its network is for 3-D patches: only networks for slices can have it.");
		if (!(networkHigh > networkLow) || !(high > low)) throw new InvalidInputException(
			"The prior's intensity window " + low + "…" + high + " → " + networkLow + "…" + networkHigh +
				": upper ends must be greater than lower ends.");
		if (fbp != null && (network.slices() != 1 || schedule.levels() != 1 || prediction != Prediction.CLEAN))
			throw new InvalidInputException("The record is that of a network for FBP slices, but it sees " + seen(network
				.slices()) + ", has " + schedule.levels() + " noise levels and the prediction " + prediction +
				": it must see single slices, have one level, and return the clean slice.");
		record = record == null ? new JsonObject() : record.deepCopy();
	}

	/** Settings of a diffusion prior. */
	public PriorSettings(final String name, final NetworkConfig network, final boolean globalChannel,
		final boolean positionChannels, final Prediction prediction, final NoiseSchedule schedule, final double networkLow,
		final double networkHigh, final String unit, final double low, final double high, final JsonObject record)
	{
		this(name, network, globalChannel, positionChannels, prediction, schedule, networkLow, networkHigh, unit, low, high,
			null, record);
	}

	/** Settings with a variance-preserving schedule of {@code timesteps} levels. */
	public PriorSettings(final String name, final NetworkConfig network, final boolean globalChannel,
		final boolean positionChannels, final Prediction prediction, final int timesteps, final double betaStart,
		final double betaEnd, final double networkLow, final double networkHigh, final String unit, final double low,
		final double high, final JsonObject record)
	{
		this(name, network, globalChannel, positionChannels, prediction, new NoiseSchedule(timesteps, betaStart, betaEnd),
			networkLow, networkHigh, unit, low, high, record);
	}

	/**
	 * Settings with the schedule of Ho et al. 2020 (T = 1000, β linear from 1e-4 to 0.02), the window −1000…1000 HU and
	 * network values −1…1; cubes with all channels.
	 */
	public static PriorSettings hounsfield(final String name, final NetworkConfig network, final Prediction prediction) {
		return new PriorSettings(name, network, network.slices() == 0, network.slices() == 0, prediction, NoiseSchedule.ho(),
			-1, 1, "HU", -1000, 1000, null);
	}

	/**
	 * Checks that a method can use the prior.
	 *
	 * @param slices how many slices of a volume the method shows a network at once; 0 for 3-D patches
	 * @param kind the schedule that the method needs
	 * @param method its name, for the message
	 * @throws InvalidInputException if the prior is for another kind of input or has another schedule
	 */
	public void require(final int slices, final NoiseSchedule.Kind kind, final String method) {
		if (fbp != null) throw new InvalidInputException("The prior \"" + name + "\" is a network for FBP slices, but " +
			method + " needs one for " + seen(slices) + ". Choose such a prior.");
		if (slices() != slices) throw new InvalidInputException("The prior \"" + name + "\" is one for " + seen(slices()) +
			", but " + method + " needs one for " + seen(slices) + ". Choose such a prior.");
		if (schedule.kind() != kind) throw new InvalidInputException("The prior \"" + name + "\" has the noise schedule " +
			schedule.kind() + ", but " + method + " needs one with " + kind + ". Choose such a prior.");
	}

	/**
	 * Checks that the network corrects filtered back-projections.
	 *
	 * @param method its name, for the message
	 * @throws InvalidInputException if it is a diffusion prior
	 */
	public void requireFbp(final String method) {
		if (fbp == null) throw new InvalidInputException("The prior \"" + name + "\" is one for " + seen(slices()) +
			", but " + method + " needs a network for FBP slices. Choose one made by CT Train FBP-UNet....");
	}

	private static String seen(final int slices) {
		return slices == 0 ? "3-D patches" : slices == 1 ? "single slices" : "groups of " + slices + " slices";
	}

	/** How the prior was made; a copy. */
	@Override
	public JsonObject record() {
		return record.deepCopy();
	}

	/** A setting of the training that made the prior, by its record; empty if that does not tell. */
	public Optional<JsonElement> trainedWith(final String setting) {
		return record.get("training") instanceof final JsonObject training ? Optional.ofNullable(training.get(setting))
			: Optional.empty();
	}

	/** The same settings with another record. */
	public PriorSettings withRecord(final JsonObject newRecord) {
		return new PriorSettings(name, network, globalChannel, positionChannels, prediction, schedule, networkLow,
			networkHigh, unit, low, high, fbp, newRecord);
	}

	/** T, number of noise levels. */
	public int timesteps() {
		return schedule.levels();
	}

	/** How many slices of a volume the network sees at once; 0 for cubic patches. */
	public int slices() {
		return network.slices();
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
		final boolean preserving = schedule.kind() == NoiseSchedule.Kind.VP;
		json.addProperty("version", preserving && slices() == 0 ? 1 : VERSION);
		json.addProperty("name", name);
		json.add("network", network.toJson());
		json.addProperty("globalChannel", globalChannel);
		json.addProperty("positionChannels", positionChannels);
		json.addProperty("prediction", prediction.name());
		json.addProperty("timesteps", timesteps());
		json.addProperty(preserving ? "betaStart" : "sigmaMin", schedule.first());
		json.addProperty(preserving ? "betaEnd" : "sigmaMax", schedule.last());
		json.addProperty("networkLow", networkLow);
		json.addProperty("networkHigh", networkHigh);
		json.addProperty("unit", unit);
		json.addProperty("low", low);
		json.addProperty("high", high);
		if (fbp != null) json.add("fbp", fbp.toJson());
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
			final boolean exploding = json.has("sigmaMin");
			final NoiseSchedule schedule = new NoiseSchedule(exploding ? NoiseSchedule.Kind.VE : NoiseSchedule.Kind.VP, field(
				json, "timesteps").getAsInt(), field(json, exploding ? "sigmaMin" : "betaStart").getAsDouble(), field(json,
					exploding ? "sigmaMax" : "betaEnd").getAsDouble());
			return new PriorSettings(field(json, "name").getAsString(), network, field(json, "globalChannel").getAsBoolean(),
				field(json, "positionChannels").getAsBoolean(), GSON.fromJson(field(json, "prediction"), Prediction.class),
				schedule, field(json, "networkLow").getAsDouble(), field(json, "networkHigh").getAsDouble(), field(json, "unit")
					.getAsString(), field(json, "low").getAsDouble(), field(json, "high").getAsDouble(), json.has("fbp") ? FbpScan.read(json
						.getAsJsonObject("fbp")) : null, json.has("record") ? json.getAsJsonObject("record") : null);
		}
		catch (final JsonParseException | IllegalStateException | ClassCastException | NumberFormatException
				| UnsupportedOperationException e)
		{
			throw new InvalidInputException("The prior's record cannot be read: " + e.getMessage(), e);
		}
	}
}
