package org.patchct.network;

import com.google.gson.JsonObject;

import java.util.List;

import org.patchct.task.InvalidInputException;

/**
 * Shape of a {@link WaveletUNet}.
 *
 * @param inChannels channels of the input: 1, and 1 more with the global channel, and 3 more with the position channels
 * @param side voxels along each side of the input
 * @param widths channels of each level; level i works at side / 2^(i+1)
 * @param blocks residual blocks of each level, on the way down and again, but for the last, on the way up
 * @param embedding size of the embedding of the noise level
 * @param bounds noise levels at which the next expert takes over, rising; empty for one expert
 */
public record WaveletConfig(int inChannels, int side, List<Integer> widths, List<Integer> blocks, int embedding,
	List<Integer> bounds) implements NetworkConfig
{

	static final String TYPE = "wavelet";

	public WaveletConfig {
		widths = List.copyOf(widths);
		blocks = List.copyOf(blocks);
		bounds = List.copyOf(bounds);
		require(List.of(1, 2, 4, 5).contains(inChannels), "channels in " + inChannels +
			": 1, and 1 for the global channel and 3 for the position");
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

	/**
	 * The network that a processor trains in an hour and runs in seconds: two experts of 2.4 million parameters each and
	 * 3.1 GFLOP for a patch of 32³ voxels. Levels below 300 have one of their own: in runs of equal time (90 s on one core)
	 * it denoised levels 50, 100 and 200 better by 0.8, 1.1 and 1.1 dB than one trained on all levels.
	 */
	public static WaveletConfig compact() {
		return new WaveletConfig(5, 32, List.of(32, 64, 96), List.of(2, 2, 2), 128, List.of(300));
	}

	@Override
	public int outChannels() {
		return 1;
	}

	@Override
	public long activations() {
		final long first = side / 2;
		return first * first * first * widths.get(0);
	}

	/** In a block its input, the hidden channels before and behind their gain, and what is left of them. */
	@Override
	public double gradientValues() {
		double sum = 0;
		for (int i = 0; i < widths.size(); i++) {
			final double at = side >> (i + 1);
			sum += (i == widths.size() - 1 ? 1 : 2) * blocks.get(i) * 4.0 * widths.get(i) * at * at * at;
		}
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

	static WaveletConfig read(final JsonObject json) {
		return new WaveletConfig(NetworkConfig.field(json, "inChannels").getAsInt(), NetworkConfig.field(json, "side")
			.getAsInt(), NetworkConfig.ints(json, "widths"), NetworkConfig.ints(json, "blocks"), NetworkConfig.field(json,
				"embedding").getAsInt(), NetworkConfig.ints(json, "bounds"));
	}

	private static void require(final boolean condition, final String what) {
		if (!condition) throw new InvalidInputException("Network with " + what + ".");
	}
}
