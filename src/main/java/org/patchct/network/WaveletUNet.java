package org.patchct.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A small U-Net over a Haar pyramid that returns the clean patch ({@link Prediction#CLEAN}). Each level of the U-Net sees
 * the bands of its level of the noisy patch's pyramid and returns those of the clean one: eight of a cube, four of a
 * slice, and of a group four of each slice. For cubes the finest level also sees the bands of the global channel and the
 * coordinates. Every band is preconditioned by its own standard deviation, as Karras et al. 2022 (table 1, EDM) do with
 * that of the whole image: with σ the noise's and s the band's deviation,
 *
 * <pre>
 * clean band = s² / (σ² + s²) · noisy band + σ s / √(σ² + s²) · network(noisy bands / √(σ² + s²))
 * </pre>
 *
 * so that without any training it is the best linear filter of each band by itself. The first band of a level, its mean,
 * comes from the next coarser level and is only corrected, on the scale of the differences.
 * <p>
 * Blocks have no normalisation: a gain by noise level scales their hidden channels. Ranges of noise levels have a set of
 * weights each ({@link WaveletConfig#bounds}); a batch must lie within one. Empty space must be 0 to the network.
 * </p>
 */
public final class WaveletUNet extends PatchNetwork {

	/** Sinusoids of the embedding of the noise level. */
	private static final int SINUSOIDS = 64;

	/** Starting weights of layers whose output is added to what is there, relative to others, so that they begin small. */
	private static final float SECOND_SCALE = 0.2f, HEAD_SCALE = 0.1f;

	private final WaveletConfig config;

	private final NoiseSchedule schedule;

	private final List<Expert> experts = new ArrayList<>();

	/** Slices of a group, 1 for cubes; depth of the blocks whose Haar transform is taken; bands of one, and of all slices. */
	private final int states, depth, own, bands;

	/** A network without weights; call {@link #initialize} or load some before using it. */
	public WaveletUNet(final WaveletConfig config, final NoiseSchedule schedule) {
		super(config);
		this.config = config;
		this.schedule = schedule;
		states = config.outChannels();
		depth = config.slices() == 0 ? 2 : 1;
		own = 4 * depth;
		bands = own * states;
		for (int i = 0; i <= config.bounds().size(); i++)
			experts.add(new Expert(prefix(i)));
	}

	/** The set of weights for a noise level. */
	public int expert(final int level) {
		return (int) config.bounds().stream().filter(bound -> level >= bound).count();
	}

	/** Names of a set's parameters start with this. */
	public static String prefix(final int expert) {
		return "experts." + expert + ".";
	}

	/**
	 * The deviations of the bands of a level, (8) or (4 · slices), the part of the state dict that is measured and not
	 * trained.
	 */
	public Parameter scale(final int expert, final int level) {
		return experts.get(expert).scales.get(level);
	}

	/**
	 * Root mean squares of the bands of patches, which are the deviations from empty space.
	 *
	 * @param patches (N, 1, side, side, side) or (N, slices, 1, side, side), 0 where they are empty
	 * @return as many for each level as it has bands
	 */
	public float[][] deviations(final NDArray patches) {
		final float[][] result = new float[config.widths().size()][bands];
		try (NDManager scope = patches.getManager().newSubManager()) {
			NDArray x = patches;
			for (final float[] level : result) {
				final NDArray transformed = Layers.haar(Layers.gather(x, depth, 2), own);
				transformed.attach(scope);
				for (int band = 0; band < bands; band++)
					level[band] = (float) Math.sqrt(transformed.get(new NDIndex(":, {}", band)).square().mean().getFloat());
				x = transformed.get(means());
			}
		}
		return result;
	}

	/** The bands that are means, one of each slice. */
	private NDIndex means() {
		return new NDIndex(states == 1 ? ":, 0:1" : ":, ::" + own);
	}

	private record Block(Layers.Convolution conv1, Layers.Dense gain, Layers.Convolution conv2) { }

	private final class Expert {

		final Layers.Dense embedding0, embedding1;

		/** An embedding for each spacing, (spacings, embedding); null for a network that knows none. */
		final Parameter spacings;

		final List<Parameter> scales = new ArrayList<>();

		final List<Layers.Convolution> in = new ArrayList<>(), down = new ArrayList<>(), up = new ArrayList<>(), head =
			new ArrayList<>();

		final List<List<Block>> encoder = new ArrayList<>(), decoder = new ArrayList<>();

		Expert(final String name) {
			final List<Integer> widths = config.widths();
			final int levels = widths.size(), embedding = config.embedding();
			embedding0 = dense(name + "temb.dense.0", SINUSOIDS, embedding, 1);
			embedding1 = dense(name + "temb.dense.1", embedding, embedding, 1);
			spacings = config.spacings().isEmpty() ? null : parameter(name + "temb.spacing.weight", 0, 0, true, config
				.spacings().size(), embedding);
			for (int i = 0; i < levels; i++)
				scales.add(parameter(name + "scale." + i, 0, 1, false, bands));
			final int extra = config.inChannels() - states + (config.global() ? own - 1 : 0);
			for (int i = 0; i < levels; i++)
				in.add(convolution(name + "conv_in." + i, bands + (i == 0 ? extra : 0), widths.get(i), 3));
			for (int i = 0; i < levels - 1; i++) {
				down.add(convolution(name + "down." + i, own * widths.get(i), widths.get(i + 1), 1));
				up.add(convolution(name + "up." + i, widths.get(i + 1), own * widths.get(i), 1));
			}
			for (int i = 0; i < levels; i++) {
				encoder.add(blocks(name + "encoder." + i + ".", i));
				if (i < levels - 1) decoder.add(blocks(name + "decoder." + i + ".", i));
				head.add(convolution(name + "head." + i, widths.get(i), bands, 3, depth == 1, HEAD_SCALE, 0));
			}
		}

		private List<Block> blocks(final String name, final int level) {
			final List<Block> blocks = new ArrayList<>();
			final int width = config.widths().get(level);
			for (int i = 0; i < config.blocks().get(level); i++)
				blocks.add(new Block(convolution(name + i + ".conv1", width, width, 3), dense(name + i + ".gain", config
					.embedding(), width, 0), convolution(name + i + ".conv2", width, width, 3, depth == 1, SECOND_SCALE, 1)));
			return blocks;
		}
	}

	private Layers.Convolution convolution(final String name, final int in, final int out, final int kernel) {
		return convolution(name, in, out, kernel, depth == 1, 1, 1);
	}

	@Override
	NDArray run(final Layers layers, final NDArray x, final NDArray t, final NDArray spacing) {
		if ((spacing == null) != config.spacings().isEmpty()) throw new IllegalArgumentException("Spacings are " + (spacing ==
			null ? "missing" : "given") + ", and the network knows " + config.spacings() + ".");
		final Shape sides = x.getShape().slice(config.slices() == 0 ? 2 : 3);
		for (final long side : sides.getShape())
			if (side % config.multiple() != 0) throw new IllegalArgumentException("Input of " + sides +
				" values: the sides must be multiples of " + config.multiple() + ".");
		final float[] levels = t.toFloatArray();
		final Expert expert = experts.get(expert((int) levels[0]));
		for (final float level : levels)
			if (experts.get(expert((int) level)) != expert) throw new IllegalArgumentException("Noise levels " + levels[0] +
				" and " + level + " in one batch belong to different experts.");
		try (NDManager scope = x.getManager().newSubManager()) {
			final NDArray result = new Pass(layers, expert, scope, levels).run(x, spacing);
			result.attach(x.getManager());
			return result;
		}
	}

	/**
	 * One evaluation. Arrays live in {@code scope} until the end, or until a method that consumes them is done: what is
	 * left of the small ones goes with the scope.
	 */
	private final class Pass {

		private final Layers layers;

		private final Expert expert;

		private final NDManager scope;

		private final float[] levels;

		/** Whether all patches have the same noise, so that their gains are the same. */
		private final boolean oneLevel;

		Pass(final Layers layers, final Expert expert, final NDManager scope, final float[] levels) {
			this.layers = layers;
			this.expert = expert;
			this.scope = scope;
			this.levels = levels;
			boolean same = true;
			for (final float level : levels)
				same &= level == levels[0];
			oneLevel = same;
		}

		NDArray run(final NDArray x, final NDArray spacing) {
			final int count = config.widths().size(), n = levels.length;
			final float[] perSignal = new float[n], told = new float[n];
			for (int i = 0; i < n; i++) {
				perSignal[i] = (float) (1 / schedule.signal((int) levels[i]));
				told[i] = schedule.told((int) levels[i]);
			}
			final NDArray embedding = in(layers.embedding(expert.embedding0, expert.embedding1, SINUSOIDS, scope.create(told),
				spacing == null ? null : label(spacing)));
			NDArray coarser = in(x.get(new NDIndex(":, 0:" + states))).mul(scope.create(perSignal, new Shape(n, 1, 1, 1, 1)));
			final List<NDArray> noisy = new ArrayList<>(), skips = new ArrayList<>();
			final List<Preconditioning> conditions = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				noisy.add(bands(coarser));
				coarser = noisy.get(i).get(means());
				conditions.add(new Preconditioning(expert.scales.get(i)));
			}
			NDArray h = null;
			for (int i = 0; i < count; i++) {
				NDArray given = noisy.get(i).mul(conditions.get(i).in);
				if (i == 0 && config.inChannels() > states) given = given.concat(extra(x), 1);
				final NDArray own = layers.convolve(expert.in.get(i), given);
				given.close();
				if (i == 0) h = own;
				else try (own; NDArray gathered = Layers.gather(h, depth, 2)) {
					h = layers.convolve(expert.down.get(i - 1), gathered).addi(own);
				}
				for (final Block block : expert.encoder.get(i))
					h = applyConsuming(block, h, embedding);
				skips.add(h);
			}
			NDArray clean = null;
			for (int i = count - 1; i >= 0; i--) {
				if (clean != null) {
					try (NDArray below = h; NDArray spread = layers.convolve(expert.up.get(i), below); NDArray skip = skips.get(
						i))
					{
						h = Layers.scatter(spread, depth, 2).addi(skip);
					}
					for (final Block block : expert.decoder.get(i))
						h = applyConsuming(block, h, embedding);
				}
				clean = combine(conditions.get(i), noisy.get(i), layers.convolve(expert.head.get(i), h), clean);
			}
			return clean;
		}

		private NDArray in(final NDArray array) {
			array.attach(scope);
			return array;
		}

		private NDArray bands(final NDArray x) {
			try (NDArray gathered = Layers.gather(x, depth, 2)) {
				return Layers.haar(gathered, own);
			}
		}

		/** The embeddings of the groups' spacings. */
		private NDArray label(final NDArray spacing) {
			final int n = levels.length, known = config.spacings().size();
			final float[] places = spacing.toFloatArray(), chosen = new float[n * known];
			for (int i = 0; i < n; i++)
				chosen[i * known + Objects.checkIndex((int) places[i], known)] = 1;
			return in(TorchEngine.owned(scope, chosen, new Shape(n, known)).matMul(layers.value(expert.spacings)));
		}

		/** What the finest level sees besides the noisy bands. */
		private NDArray extra(final NDArray x) {
			final String halved = ", ::2, ::2, ::2";
			if (!config.global()) return in(x.get(new NDIndex(":, 1:" + halved)));
			// To the scale of the channel's own values.
			final NDArray global = bands(in(x.get(new NDIndex(":, 1:2")))).muli(1 / Math.sqrt(own));
			return config.inChannels() == 2 ? global : global.concat(in(x.get(new NDIndex(":, 2:" + halved))), 1);
		}

		/** x + conv2(relu(conv1(x) · (1 + gain))) */
		private NDArray applyConsuming(final Block block, final NDArray x, final NDArray embedding) {
			try (x; NDArray gain = layers.dense(block.gain, embedding); NDArray factor = gain.add(1);
					NDArray scaled = oneLevel && !layers.recording() ? layers.convolveScaled(block.conv1, x, factor) : scaled(layers
						.convolve(block.conv1, x), factor); NDArray active = scaled.getNDArrayInternal().relu())
			{
				return layers.convolve(block.conv2, active).addi(x);
			}
		}

		private NDArray scaled(final NDArray hidden, final NDArray factor) {
			try (hidden; NDArray column = factor.reshape(levels.length, factor.getShape().get(1), 1, 1, 1)) {
				return hidden.mul(column);
			}
		}

		/** The clean patches of a level from its bands, every slice of a group by itself; consumes {@code output}. */
		private NDArray combine(final Preconditioning condition, final NDArray noisy, final NDArray output,
			final NDArray coarse)
		{
			final NDArray seen = separate(noisy), change = separate(output);
			try (output; change) {
				NDArray clean = seen.mul(condition.keep).addi(change.mul(condition.change));
				if (coarse != null) clean = separate(coarse).add(change.get(new NDIndex(":, 0:1")).mul(condition.correction))
					.concat(clean.get(new NDIndex(":, 1:")), 1);
				final NDArray whole = Layers.scatter(Layers.haar(clean, own), depth, 2);
				return states == 1 ? whole : whole.reshape(noisy.getShape().get(0), states, 1, whole.getShape().get(3), whole
					.getShape().get(4));
			}
		}

		/** The slices of groups one after the other, (N · slices, channels / slices, …). */
		private NDArray separate(final NDArray groups) {
			final Shape s = groups.getShape();
			return states == 1 ? groups : groups.reshape(s.get(0) * states, s.get(1) / states, s.get(2), s.get(3), s.get(4));
		}

		/**
		 * The factors of a level: of what goes in, (N, bands, 1, 1, 1), and slice by slice of what comes out, (N · slices, 8
		 * or 4, 1, 1, 1), and of the correction of its mean, (N · slices, 1, 1, 1, 1).
		 */
		private final class Preconditioning {

			final NDArray in, keep, change, correction;

			Preconditioning(final Parameter deviations) {
				final float[] s = layers.value(deviations).toFloatArray();
				final int n = levels.length;
				final float[] in = new float[n * bands], keep = new float[n * bands], change = new float[n * bands], correction =
					new float[n * states];
				for (int i = 0; i < n; i++) {
					final double sigma = schedule.sigma((int) levels[i]);
					for (int band = 0; band < bands; band++) {
						final int k = bands * i + band;
						final double root = Math.sqrt(sigma * sigma + s[band] * s[band]);
						in[k] = (float) (1 / root);
						keep[k] = (float) (s[band] * s[band] / (root * root));
						change[k] = (float) (sigma * s[band] / root);
						if (band % own > 0) correction[k / own] += change[k] / (own - 1);
					}
				}
				final Shape shape = new Shape(n * states, own, 1, 1, 1);
				this.in = TorchEngine.owned(scope, in, new Shape(n, bands, 1, 1, 1));
				this.keep = TorchEngine.owned(scope, keep, shape);
				this.change = TorchEngine.owned(scope, change, shape);
				this.correction = TorchEngine.owned(scope, correction, new Shape(n * states, 1, 1, 1, 1));
			}
		}
	}
}
