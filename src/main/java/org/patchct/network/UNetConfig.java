package org.patchct.network;

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
 * @param bands whether the blocks of 2³ voxels (unshuffle must be 2) are turned into their mean and seven differences
 *          (Haar) on the way in and back on the way out, each scaled by a gain that depends on the noise level, and with a
 *          second gain added to the output. Most of what a denoiser must return at low noise is the noise in the
 *          differences, with a gain of one over its standard deviation, which the reference's additive embedding is slow
 *          to learn; not in the reference
 */
public record UNetConfig(int inChannels, int outChannels, int side, int unshuffle, int width, List<Integer> multipliers,
	int residualBlocks, List<Integer> attentionSides, boolean middleAttention, int groups,
	boolean bands)
{

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
		require(!bands || unshuffle == 2, "bands and unshuffle " + unshuffle + ": bands need an unshuffle of 2");
	}

	/** A network like the reference's, without bands. */
	public UNetConfig(final int inChannels, final int outChannels, final int side, final int unshuffle, final int width,
		final List<Integer> multipliers, final int residualBlocks, final List<Integer> attentionSides,
		final boolean middleAttention, final int groups)
	{
		this(inChannels, outChannels, side, unshuffle, width, multipliers, residualBlocks, attentionSides, middleAttention,
			groups, false);
	}

	/**
	 * The network of Yang, Hu, Fessler and Shen (2025): the U-Net of the DDIM repository with every operator 3-D,
	 * 68,590,209 parameters.
	 */
	public static UNetConfig paper() {
		return new UNetConfig(5, 1, 32, 1, 64, List.of(1, 2, 4, 4), 2, List.of(8), true, 32, false);
	}

	/**
	 * A network that a laptop runs: blocks of 2³ voxels as channels, narrow where the sides are long; 2.9 million
	 * parameters and 4.5 GFLOP for a 32³ patch.
	 */
	public static UNetConfig compact() {
		return new UNetConfig(5, 1, 32, 2, 32, List.of(1, 2, 2), 1, List.of(), true, 8, true);
	}

	/** Number of levels. */
	public int levels() {
		return multipliers.size();
	}

	private static void require(final boolean condition, final String what) {
		if (!condition) throw new InvalidInputException("Network with " + what + ".");
	}
}
