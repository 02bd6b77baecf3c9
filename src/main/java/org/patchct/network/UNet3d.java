package org.patchct.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The U-Net of the DDIM repository (Ho et al. 2020, Song et al. 2021) with every operator three-dimensional, as Yang et
 * al. 2025 use it; with {@link UNetConfig#unshuffle} above 1, blocks of voxels become channels before it and are spread
 * out again behind it. Parameters carry the names of that repository's PyTorch state dict ("down.0.block.0.conv1.weight").
 * <p>
 * Input: (N, inChannels, side, side, side) float32, and the noise levels (N) float32. Output: (N, outChannels, side,
 * side, side). Intermediate arrays are released as soon as they are used, so memory stays at a few layers' worth when no
 * gradient is recorded.
 * </p>
 */
public final class UNet3d extends PatchNetwork {

	private static final float EPSILON = 1e-6f; // Normalize() of the reference

	private final UNetConfig config;

	private final Layers.Dense embedding0, embedding1;

	private final Layers.Convolution convIn, convOut;

	private final Norm normOut;

	private final List<Down> down = new ArrayList<>();

	private final List<Up> up = new ArrayList<>();

	private final Residual middle1, middle2;

	private final Attention middleAttention;

	/** A network without weights; call {@link #initialize(NDManager, long)} or load some before using it. */
	public UNet3d(final UNetConfig config) {
		super(config);
		this.config = config;
		final int blocks = config.residualBlocks(), levels = config.levels();
		final int gathered = config.unshuffle() * config.unshuffle() * config.unshuffle();
		final int width = config.width(), embedding = 4 * width;
		embedding0 = dense("temb.dense.0", width, embedding, 1);
		embedding1 = dense("temb.dense.1", embedding, embedding, 1);
		convIn = convolution("conv_in", config.inChannels() * gathered, width, 3, 1, 1);
		final Deque<Integer> skips = new ArrayDeque<>();
		int channels = width, side = config.side() / config.unshuffle();
		skips.push(channels);
		for (int level = 0; level < levels; level++) {
			final int out = width * config.multipliers().get(level);
			final List<Residual> residuals = new ArrayList<>();
			final List<Attention> attentions = new ArrayList<>();
			for (int i = 0; i < blocks; i++) {
				residuals.add(new Residual("down." + level + ".block." + i, channels, out, embedding));
				if (config.attentionSides().contains(side)) attentions.add(new Attention("down." + level + ".attn." + i, out));
				channels = out;
				skips.push(channels);
			}
			final boolean last = level == levels - 1;
			down.add(new Down(residuals, attentions, last ? null : convolution("down." + level + ".downsample.conv",
				channels, channels, 3, 2, 0)));
			if (!last) {
				skips.push(channels);
				side /= 2;
			}
		}
		middle1 = new Residual("mid.block_1", channels, channels, embedding);
		middleAttention = config.middleAttention() ? new Attention("mid.attn_1", channels) : null;
		middle2 = new Residual("mid.block_2", channels, channels, embedding);
		for (int level = levels - 1; level >= 0; level--) {
			final int out = width * config.multipliers().get(level);
			final List<Residual> residuals = new ArrayList<>();
			final List<Attention> attentions = new ArrayList<>();
			for (int i = 0; i <= blocks; i++) {
				residuals.add(new Residual("up." + level + ".block." + i, channels + skips.pop(), out, embedding));
				if (config.attentionSides().contains(side)) attentions.add(new Attention("up." + level + ".attn." + i, out));
				channels = out;
			}
			up.add(new Up(residuals, attentions, level == 0 ? null : convolution("up." + level + ".upsample.conv",
				channels, channels, 3, 1, 1)));
			side *= 2;
		}
		normOut = new Norm("norm_out", channels);
		convOut = convolution("conv_out", channels, config.outChannels() * gathered, 3, 1, 1);
	}

	private final class Norm {

		final Parameter weight, bias;

		Norm(final String name, final int channels) {
			weight = parameter(name + ".weight", 0, 1, true, channels);
			bias = parameter(name + ".bias", 0, 0, true, channels);
		}
	}

	private final class Residual {

		final Norm norm1, norm2;

		final Layers.Convolution conv1, conv2, shortcut;

		final Layers.Dense embedding;

		Residual(final String name, final int in, final int out, final int embeddingSize) {
			norm1 = new Norm(name + ".norm1", in);
			conv1 = convolution(name + ".conv1", in, out, 3, 1, 1);
			embedding = dense(name + ".temb_proj", embeddingSize, out, 1);
			norm2 = new Norm(name + ".norm2", out);
			conv2 = convolution(name + ".conv2", out, out, 3, 1, 1);
			shortcut = in == out ? null : convolution(name + ".nin_shortcut", in, out, 1, 1, 0);
		}
	}

	private final class Attention {

		final Norm norm;

		final Layers.Convolution q, k, v, out;

		Attention(final String name, final int channels) {
			norm = new Norm(name + ".norm", channels);
			q = convolution(name + ".q", channels, channels, 1, 1, 0);
			k = convolution(name + ".k", channels, channels, 1, 1, 0);
			v = convolution(name + ".v", channels, channels, 1, 1, 0);
			out = convolution(name + ".proj_out", channels, channels, 1, 1, 0);
		}
	}

	private record Down(List<Residual> residuals, List<Attention> attentions, Layers.Convolution downsample) { }

	private record Up(List<Residual> residuals, List<Attention> attentions, Layers.Convolution upsample) { }

	@Override
	NDArray run(final Layers layers, final NDArray x, final NDArray t, final NDArray spacing) {
		return new Pass(layers).run(x, t);
	}

	/** One evaluation. Arrays passed to a method stay alive unless its comment says that it consumes them. */
	private final class Pass {

		private final Layers layers;

		Pass(final Layers layers) {
			this.layers = layers;
		}

		NDArray run(final NDArray x, final NDArray t) {
			final NDArray embedding = layers.embedding(embedding0, embedding1, config.width(), t, null);
			final int f = config.unshuffle();
			NDArray h;
			if (f == 1) h = layers.convolve(convIn, x);
			else try (NDArray gathered = Layers.gather(x, f, f)) {
				h = layers.convolve(convIn, gathered);
			}
			final Deque<NDArray> skips = new ArrayDeque<>();
			skips.push(h);
			for (final Down level : down) {
				for (int i = 0; i < level.residuals.size(); i++) {
					h = residual(level.residuals.get(i), skips.peek(), embedding);
					if (!level.attentions.isEmpty()) h = attendConsuming(level.attentions.get(i), h);
					skips.push(h);
				}
				if (level.downsample != null) {
					// The reference pads by one voxel at the far end of each axis only.
					try (NDArray padded = skips.peek().pad(new Shape(0, 1, 0, 1, 0, 1), 0)) {
						skips.push(layers.convolve(level.downsample, padded));
					}
				}
			}
			h = residual(middle1, skips.peek(), embedding);
			if (middleAttention != null) h = attendConsuming(middleAttention, h);
			h = residualConsuming(middle2, h, embedding);
			for (final Up level : up) {
				for (int i = 0; i < level.residuals.size(); i++) {
					final NDArray joined;
					try (NDArray own = h; NDArray skip = skips.pop()) {
						joined = own.concat(skip, 1);
					}
					h = residualConsuming(level.residuals.get(i), joined, embedding);
					if (!level.attentions.isEmpty()) h = attendConsuming(level.attentions.get(i), h);
				}
				if (level.upsample != null) {
					try (NDArray own = h; NDArray large = upsample(own)) {
						h = layers.convolve(level.upsample, large);
					}
				}
			}
			embedding.close();
			try (NDArray own = h; NDArray activated = layers.swishConsuming(normalise(normOut, own))) {
				h = layers.convolve(convOut, activated);
			}
			if (f == 1) return h;
			try (NDArray own = h) {
				return Layers.scatter(own, f, f);
			}
		}

		private NDArray residualConsuming(final Residual block, final NDArray x, final NDArray embedding) {
			try (x) {
				return residual(block, x, embedding);
			}
		}

		private NDArray residual(final Residual block, final NDArray x, final NDArray embedding) {
			NDArray h;
			try (NDArray activated = layers.swishConsuming(normalise(block.norm1, x))) {
				h = layers.convolve(block.conv1, activated);
			}
			try (NDArray shift = layers.dense(block.embedding, embedding); NDArray column = shift.reshape(shift.getShape().get(0),
				shift.getShape().get(1), 1, 1, 1))
			{
				h.addi(column);
			}
			try (NDArray own = h; NDArray activated = layers.swishConsuming(normalise(block.norm2, own))) {
				h = layers.convolve(block.conv2, activated);
			}
			if (block.shortcut == null) return h.addi(x);
			try (NDArray direct = layers.convolve(block.shortcut, x)) {
				return h.addi(direct);
			}
		}

		private NDArray attendConsuming(final Attention block, final NDArray x) {
			final Shape shape = x.getShape();
			final long n = shape.get(0), c = shape.get(1), voxels = shape.size() / (n * c);
			try (x; NDArray normed = normalise(block.norm, x)) {
				final NDArray mixed;
				try (NDArray q = layers.convolve(block.q, normed); NDArray k = layers.convolve(block.k, normed);
						NDArray v = layers.convolve(block.v, normed); NDArray q2 = q.reshape(n, c, voxels);
						NDArray queries = q2.transpose(0, 2, 1); NDArray keys = k.reshape(n, c, voxels);
						NDArray values = v.reshape(n, c, voxels); NDArray products = queries.batchMatMul(keys);
						NDArray scale = TorchEngine.owned(x.getManager(), new float[] { (float) (1 / Math.sqrt(
							c)) }, new Shape(1)); NDArray scaled = products.mul(scale); NDArray weights = scaled.softmax(2);
						NDArray turned = weights.transpose(0, 2, 1))
				{
					mixed = values.batchMatMul(turned);
				}
				try (NDArray own = mixed; NDArray volume = own.reshape(shape)) {
					return layers.convolve(block.out, volume).addi(x);
				}
			}
		}

		/**
		 * Group normalisation. The engine has no such operator, but batch normalisation of (1, N · groups, …) normalises
		 * each group of each item by itself, in one fused call.
		 */
		private NDArray normalise(final Norm layer, final NDArray x) {
			final Shape shape = x.getShape();
			final long n = shape.get(0), c = shape.get(1), rows = n * config.groups();
			final NDManager manager = x.getManager();
			final NDArray normed;
			try (NDArray grouped = x.reshape(1, rows, shape.size() / rows); NDArray zeros = manager.zeros(new Shape(rows));
					NDArray ones = manager.ones(new Shape(rows)); NDArray mean = manager.zeros(new Shape(rows));
					NDArray variance = manager.ones(new Shape(rows)))
			{
				normed = x.getNDArrayInternal().batchNorm(grouped, mean, variance, ones, zeros, 1, 0.9f, EPSILON, true)
					.singletonOrThrow();
			}
			try (NDArray own = normed; NDArray y = own.reshape(shape); NDArray w = layers.value(layer.weight).reshape(1, c, 1, 1,
				1); NDArray b = layers.value(layer.bias).reshape(1, c, 1, 1, 1))
			{
				if (!layers.recording()) {
					y.muli(w).addi(b);
					// The shape of the caller's array; the memory is shared with the one closed here.
					return y.reshape(shape);
				}
				return y.mul(w).addi(b);
			}
		}

		/** Each voxel becomes a block of 2³. */
		private NDArray upsample(final NDArray x) {
			final Shape s = x.getShape();
			final long n = s.get(0), c = s.get(1), d = s.get(2), h = s.get(3), w = s.get(4);
			try (NDArray split = x.reshape(n * c, d, 1, h, 1, w, 1); NDArray spread = split.broadcast(new Shape(n * c, d, 2,
				h, 2, w, 2)))
			{
				return spread.reshape(n, c, 2 * d, 2 * h, 2 * w);
			}
		}
	}
}
