package org.patchct.network;

import com.google.gson.JsonObject;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.patchct.task.InvalidInputException;

/**
 * Shape of a {@link UNet3d}. The input is a cube; its voxels are first gathered in blocks of {@code unshuffle}³ into
 * channels (1: not at all), so that the first level works at side / unshuffle.
 *
 * @param inChannels channels of the input before the gathering
 * @param outChannels channels of the output after the scattering
 * @param side voxels along each side of the input, which decides where attention goes
 * @param unshuffle side of the voxel blocks gathered into channels
 * @param width channels of the first level
 * @param multipliers channels of each level as multiples of {@code width}; each further level halves the sides
 * @param residualBlocks residual blocks of each level on the way down; there is one more on the way up
 * @param attentionSides sides at which every residual block is followed by attention
 * @param middleAttention whether there is attention between the two blocks of the middle
 * @param groups groups of the group normalisation; divides the channels of every level
 */
public record UNetConfig(int inChannels, int outChannels, int side, int unshuffle, int width, List<Integer> multipliers,
	int residualBlocks, List<Integer> attentionSides, boolean middleAttention, int groups)
	implements NetworkConfig
{

	static final String TYPE = "unet";

	public UNetConfig {
		multipliers = multipliers == null ? List.of() : List.copyOf(multipliers);
		attentionSides = attentionSides == null ? List.of() : List.copyOf(attentionSides);
		require(inChannels > 0 && outChannels > 0, "channels in " + inChannels + ", out " + outChannels +
			": both must be at least 1");
		require(width >= 4 && width % 2 == 0, "width " + width + ": it must be even and at least 4");
		require(!multipliers.isEmpty() && multipliers.stream().allMatch(m -> m > 0), "multipliers " + multipliers +
			": give at least one, all positive");
		require(residualBlocks > 0, "residual blocks " + residualBlocks + ": there must be at least 1");
		require(unshuffle > 0 && multipliers.size() < 16 && side > 0 && side % (unshuffle << (multipliers.size() -
			1)) == 0, "side " + side + ": it must be a multiple of " + unshuffle + " (unshuffle) x 2^" + (multipliers
				.size() - 1) + " (halvings)");
		final int w = width;
		require(groups > 0 && multipliers.stream().allMatch(m -> w * m % groups == 0), "groups " + groups +
			": they must divide the channels of every level, " + width + " x " + multipliers);
	}

	/**
	 * The network of Yang, Hu, Fessler and Shen (2025): the U-Net of the DDIM repository with every operator 3-D,
	 * 68,590,209 parameters.
	 */
	public static UNetConfig paper() {
		return new UNetConfig(5, 1, 32, 1, 64, List.of(1, 2, 4, 4), 2, List.of(8), true, 32);
	}

	/** Number of levels. */
	public int levels() {
		return multipliers.size();
	}

	@Override
	public long activations() {
		final long first = side / unshuffle;
		return first * first * first * width;
	}

	/**
	 * In a residual block the inputs of both normalisations, activations and
	 * convolutions, and its output.
	 */
	@Override
	public double gradientValues() {
		final Deque<Integer> skips = new ArrayDeque<>();
		int channels = width;
		double at = (double) side / unshuffle, sum = 0;
		skips.push(channels);
		for (int level = 0; level < levels(); level++) {
			final int out = width * multipliers.get(level);
			for (int i = 0; i < residualBlocks; i++) {
				sum += block(channels, out, at);
				channels = out;
				skips.push(channels);
			}
			if (level < levels() - 1) {
				skips.push(channels);
				at /= 2;
			}
		}
		sum += 2 * block(channels, channels, at);
		for (int level = levels() - 1; level >= 0; level--) {
			final int out = width * multipliers.get(level);
			for (int i = 0; i <= residualBlocks; i++) {
				sum += block(channels + skips.pop(), out, at);
				channels = out;
			}
			at *= 2;
		}
		return sum;
	}

	private static double block(final int in, final int out, final double side) {
		return (3.0 * in + 4.0 * out) * side * side * side;
	}

	@Override
	public PatchNetwork create(final NoiseSchedule schedule) {
		return new UNet3d(this);
	}

	@Override
	public String type() {
		return TYPE;
	}

	static UNetConfig read(final JsonObject json) {
		return new UNetConfig(NetworkConfig.field(json, "inChannels").getAsInt(), NetworkConfig.field(json,
			"outChannels").getAsInt(), NetworkConfig.field(json, "side").getAsInt(), NetworkConfig.field(json, "unshuffle")
				.getAsInt(), NetworkConfig.field(json, "width").getAsInt(), NetworkConfig.ints(json, "multipliers"),
			NetworkConfig.field(json, "residualBlocks").getAsInt(), NetworkConfig.ints(json, "attentionSides"), NetworkConfig
				.field(json, "middleAttention").getAsBoolean(), NetworkConfig.field(json, "groups").getAsInt());
	}

	private static void require(final boolean condition, final String what) {
		if (!condition) throw new InvalidInputException("Network with " + what + ".");
	}
}
