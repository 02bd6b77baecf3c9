package org.patchct.network;

import com.google.gson.JsonObject;

import java.util.List;

import org.patchct.task.InvalidInputException;

/**
 * Shape of a {@link WaveletUNet}: for cubes, or for slices of any size.
 *
 * @param inChannels channels of the input: for cubes 1, and 1 more with the global channel, and 3 more with the position
 *          channels; for slices as many as slices
 * @param side voxels along each side of what it is trained on, while it takes any sides that are multiples of 2^levels
 * @param widths channels of each level; level i works at side / 2^(i+1)
 * @param blocks residual blocks of each level, on the way down and again, but for the last, on the way up
 * @param embedding size of the embedding of the noise level
 * @param bounds noise levels at which the next expert takes over, rising; empty for one expert
 * @param slices 0 for cubes; 1 for slices, or 3 for groups of three that it sees and answers for together
 * @param spacings distances of a group's slices, in slices, that the network is told of by their place in this list;
 *          empty where it is told of none
 */
public record WaveletConfig(int inChannels, int side, List<Integer> widths, List<Integer> blocks, int embedding,
	List<Integer> bounds, int slices, List<Integer> spacings) implements NetworkConfig
{

	static final String TYPE = "wavelet";

	public WaveletConfig {
		widths = List.copyOf(widths);
		blocks = List.copyOf(blocks);
		bounds = List.copyOf(bounds);
		spacings = List.copyOf(spacings);
		require(List.of(0, 1, 3).contains(slices), "slices " + slices + ": 0 for cubes, 1 or 3");
		if (slices == 0) require(List.of(1, 2, 4, 5).contains(inChannels), "channels in " + inChannels +
			": 1, and 1 for the global channel and 3 for the position");
		else require(inChannels == slices, "channels in " + inChannels + " for slices " + slices + ": as many");
		require(spacings.isEmpty() || slices == 3, "spacings " + spacings + " of slices " + slices +
			": only groups of 3 have them");
		for (int i = 0; i < spacings.size(); i++)
			require(spacings.get(i) > (i == 0 ? 0 : spacings.get(i - 1)), "spacings " + spacings +
				": they must be positive and rise");
		require(!widths.isEmpty() && widths.stream().allMatch(w -> w > 0), "widths " + widths +
			": give at least one, all positive");
		require(blocks.size() == widths.size() && blocks.stream().allMatch(b -> b > 0), "blocks " + blocks +
			": give one number for each of the widths " + widths + ", all positive");
		require(widths.size() < 16 && side > 0 && side % (1 << widths.size()) == 0, "side " + side +
			": it must be a multiple of 2^" + widths.size() + " (levels)");
		require(embedding > 0, "embedding " + embedding + ": it must be at least 1");
		for (int i = 0; i < bounds.size(); i++)
			require(bounds.get(i) > (i == 0 ? 0 : bounds.get(i - 1)), "bounds " + bounds + ": they must be positive and rise");
	}

	/** For cubes. */
	public WaveletConfig(final int inChannels, final int side, final List<Integer> widths, final List<Integer> blocks,
		final int embedding, final List<Integer> bounds)
	{
		this(inChannels, side, widths, blocks, embedding, bounds, 0, List.of());
	}

	/**
	 * The network that a processor trains in an hour and runs in seconds: two experts of 2.4 million parameters each and
	 * 3.1 GFLOP for a patch of 32³ voxels. Levels below 300 have one of their own: in runs of equal time (90 s on one core)
	 * it denoised levels 50, 100 and 200 better by 0.8, 1.1 and 1.1 dB than one trained on all levels.
	 */
	public static WaveletConfig compact() {
		return new WaveletConfig(5, 32, List.of(32, 64, 96), List.of(2, 2, 2), 128, List.of(300));
	}

	/**
	 * The like for slices: 1.2 million parameters in each expert, 4.6 MB, and 2.2 GFLOP for a slice of 128² voxels, 0.6 times
	 * the operations that {@link #compact} takes for a volume of 128³ in 150 patches, in 0.9 times its time. In runs of 600
	 * steps on the human CT it denoised levels 50, 100 and 200 better by 0.2 dB than one with the widths 32, 64, 64, 96.
	 *
	 * @param slices 1, or 3 for groups, which are told whether they are adjacent or three apart (DiffusionBlend, Song et al.
	 *          2024)
	 * @param bounds noise levels at which the next expert takes over
	 */
	public static WaveletConfig compactSlices(final int slices, final Integer... bounds) {
		return new WaveletConfig(slices, 128, List.of(48, 64, 64, 64), List.of(2, 2, 2, 2), 128, List.of(bounds), slices,
			slices == 3 ? List.of(1, 3) : List.of());
	}

	@Override
	public int outChannels() {
		return slices == 0 ? 1 : slices;
	}

	@Override
	public boolean anySize() {
		return true;
	}

	@Override
	public int multiple() {
		return 1 << widths.size();
	}

	@Override
	public long activations() {
		return cells(0) * widths.get(0);
	}

	/** Values of a channel of a level. */
	private long cells(final int level) {
		final long at = side >> (level + 1);
		return at * at * (slices == 0 ? at : 1);
	}

	/** In a block its input, the hidden channels before and behind their gain, and what is left of them. */
	@Override
	public double gradientValues() {
		double sum = 0;
		for (int i = 0; i < widths.size(); i++)
			sum += (i == widths.size() - 1 ? 1 : 2) * blocks.get(i) * 4.0 * widths.get(i) * cells(i);
		return sum;
	}

	@Override
	public PatchNetwork create(final NoiseSchedule schedule) {
		return new WaveletUNet(this, schedule);
	}

	/** Whether the input has a channel with the whole volume. */
	boolean global() {
		return inChannels == 2 || inChannels == 5;
	}

	@Override
	public String type() {
		return TYPE;
	}

	/** As JSON; that of cubes is silent about slices, so that programs which know none read it. */
	@Override
	public JsonObject toJson() {
		final JsonObject json = NetworkConfig.super.toJson();
		if (slices == 0) List.of("slices", "spacings").forEach(json::remove);
		return json;
	}

	static WaveletConfig read(final JsonObject json) {
		final boolean cubes = !json.has("slices");
		return new WaveletConfig(NetworkConfig.field(json, "inChannels").getAsInt(), NetworkConfig.field(json, "side")
			.getAsInt(), NetworkConfig.ints(json, "widths"), NetworkConfig.ints(json, "blocks"), NetworkConfig.field(json,
				"embedding").getAsInt(), NetworkConfig.ints(json, "bounds"), cubes ? 0 : json.get("slices").getAsInt(), cubes
					? List.of() : NetworkConfig.ints(json, "spacings"));
	}

	private static void require(final boolean condition, final String what) {
		if (!condition) throw new InvalidInputException("Network with " + what + ".");
	}
}
