package org.patchct.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

import com.google.gson.JsonElement;

import java.util.List;
import java.util.stream.IntStream;

import org.patchct.network.PriorSettings;

/**
 * Which way round a network sees patches: mirrored along some of their axes, after x and y changed places or not. A network
 * that learned from volumes turned in all these ways errs differently in each, so that predictions in turn from all sides
 * leave less of its errors: the periodical geometric self-ensemble of Zhang et al., "Plug-and-Play Image Restoration with
 * Deep Denoiser Prior" (2021), section 4.2.
 *
 * @param x whether the x axis is mirrored
 * @param y the same of y
 * @param z the same of z
 * @param exchanged whether x and y change places first
 */
public record Orientation(boolean x, boolean y, boolean z, boolean exchanged) {

	/** How many there are. */
	private static final int COUNT = 16;

	/** Position channels: x, y and z, the last of all. */
	private static final int POSITIONS = 3;

	/**
	 * The orientations that a prior has learned volumes in, by its record, the upright one first; others follow so that each
	 * shares as little as can be with the one before.
	 */
	static List<Orientation> known(final PriorSettings prior) {
		final boolean mirrored = learned(prior, "flips"), exchanged = learned(prior, "transpose");
		return IntStream.range(0, COUNT).mapToObj(Orientation::of).filter(o -> (mirrored || !o.x && !o.y && !o.z) && (exchanged ||
			!o.exchanged)).toList();
	}

	private static boolean learned(final PriorSettings prior, final String setting) {
		return prior.trainedWith(setting).map(JsonElement::getAsBoolean).orElse(false);
	}

	/** The number's Gray code, complemented in every second. */
	private static Orientation of(final int number) {
		final int half = number / 2, code = (half ^ half >> 1) ^ (number % 2 == 0 ? 0 : COUNT - 1);
		return new Orientation((code & 1) != 0, (code & 2) != 0, (code & 4) != 0, (code & 8) != 0);
	}

	/**
	 * A network's input of patches, (N, C, P, P, P), as it is for the turned volume: where the prior has position channels,
	 * which come last, they are those of the places that the voxels have there.
	 */
	NDArray turn(final NDArray input, final PriorSettings settings) {
		// Upright patches need no copy.
		if (!x && !y && !z && !exchanged) return input;
		final NDArray turned = mirrored(exchanged ? input.transpose(0, 1, 2, 4, 3) : input);
		if (!settings.positionChannels()) return turned;
		final int channels = Math.toIntExact(input.getShape().get(1)), first = channels - POSITIONS;
		final float[] signs = new float[channels];
		for (int i = 0; i < channels; i++)
			signs[i] = i == first && (exchanged ? y : x) || i == first + 1 && (exchanged ? x : y) || i == first + 2 && z ? -1 : 1;
		final NDArray signed = turned.mul(input.getManager().create(signs, new Shape(1, channels, 1, 1, 1)));
		if (!exchanged) return signed;
		final NDList parts = new NDList(signed.get(":, :{}", first), signed.get(":, {}:{}", first + 1, first + 2), signed.get(
			":, {}:{}", first, first + 1), signed.get(":, {}:", first + 2));
		return NDArrays.concat(parts, 1);
	}

	/** Undoes {@link #turn} for the network's output, (N, 1, P, P, P). */
	NDArray back(final NDArray output) {
		final NDArray mirrored = mirrored(output);
		return exchanged ? mirrored.transpose(0, 1, 2, 4, 3) : mirrored;
	}

	private NDArray mirrored(final NDArray patches) {
		final int[] axes = IntStream.of(z ? 2 : 0, y ? 3 : 0, x ? 4 : 0).filter(axis -> axis > 0).toArray();
		return axes.length == 0 ? patches : patches.flip(axes);
	}
}
