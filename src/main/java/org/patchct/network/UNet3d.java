package org.patchct.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

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
public final class UNet3d extends AbstractBlock {

	private static final float EPSILON = 1e-6f; // Normalize() of the reference

	/** Orthonormal Haar transform of a block of 2³ values (a Hadamard matrix): row 0 is the mean times √8. */
	private static final float[] HAAR = new float[64];
	static {
		for (int i = 0; i < 64; i++)
			HAAR[i] = (float) ((Integer.bitCount(i / 8 & i % 8) % 2 == 0 ? 1 : -1) / Math.sqrt(8));
	}

	private final UNetConfig config;

	private final Map<String, Parameter> stateDict = new LinkedHashMap<>();

	private final Dense embedding0, embedding1, gainIn, gainSkip;

	private final Convolution convIn, convOut;

	private final Norm normOut;

	private final List<Down> down = new ArrayList<>();

	private final List<Up> up = new ArrayList<>();

	private final Residual middle1, middle2;

	private final Attention middleAttention;

	/** A network without weights; call {@link #initialize(NDManager, long)} or load some before using it. */
	public UNet3d(final UNetConfig config) {
		this.config = config;
		final int blocks = config.residualBlocks(), levels = config.levels();
		final int gathered = config.unshuffle() * config.unshuffle() * config.unshuffle();
		final int width = config.width(), embedding = 4 * width;
		embedding0 = new Dense("temb.dense.0", width, embedding);
		embedding1 = new Dense("temb.dense.1", embedding, embedding);
		gainIn = config.bands() ? new Dense("gain_in", embedding, config.inChannels() * gathered) : null;
		gainSkip = config.bands() ? new Dense("gain_skip", embedding, config.outChannels() * gathered) : null;
		convIn = new Convolution("conv_in", config.inChannels() * gathered, width, 3, 1, 1);
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
			down.add(new Down(residuals, attentions, last ? null : new Convolution("down." + level + ".downsample.conv",
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
			up.add(new Up(residuals, attentions, level == 0 ? null : new Convolution("up." + level + ".upsample.conv",
				channels, channels, 3, 1, 1)));
			side *= 2;
		}
		normOut = new Norm("norm_out", channels);
		convOut = new Convolution("conv_out", channels, config.outChannels() * gathered, 3, 1, 1);
	}

	public UNetConfig config() {
		return config;
	}

	/** Parameters by their PyTorch names, in a fixed order. */
	public Map<String, Parameter> stateDict() {
		return java.util.Collections.unmodifiableMap(stateDict);
	}

	/** Number of weights. */
	public long parameterCount() {
		return stateDict.values().stream().mapToLong(p -> p.getShape().size()).sum();
	}

	/**
	 * Gives every parameter a value as PyTorch would: weights and biases of convolutions and dense layers uniform within
	 * ±1/√fan-in, normalisations the identity. The same seed gives the same weights on every device.
	 */
	public void initialize(final NDManager manager, final long seed) {
		final SplittableRandom random = new SplittableRandom(seed);
		for (final Parameter parameter : stateDict.values()) {
			final WeightShape shape = (WeightShape) parameter.getInitializer();
			final float[] values = new float[Math.toIntExact(parameter.getShape().size())];
			for (int i = 0; i < values.length; i++)
				values[i] = shape.fanIn == 0 ? shape.constant : (float) ((2 * random.nextDouble() - 1) / Math.sqrt(
					shape.fanIn));
			set(parameter, manager.create(values, parameter.getShape()));
		}
	}

	/** Reads every parameter from a file that has been checked to hold them. */
	void load(final NDManager manager, final SafeTensors tensors) {
		stateDict.forEach((name, parameter) -> set(parameter, manager.create(tensors.values(name), parameter.getShape())));
	}

	/** The parameters, to be written to a file. */
	public List<SafeTensors.Source> sources() {
		final List<SafeTensors.Source> sources = new ArrayList<>();
		stateDict.forEach((name, parameter) -> sources.add(new SafeTensors.Source(name, parameter.getShape().getShape(),
			() -> parameter.getArray().toFloatArray())));
		return sources;
	}

	/** Gives a parameter its value; the array must have its shape and then belongs to the network. */
	public void set(final Parameter parameter, final NDArray array) {
		parameter.close();
		parameter.setShape(null);
		parameter.setArray(array);
	}

	@Override
	protected NDList forwardInternal(final ParameterStore parameters, final NDList inputs, final boolean training,
		final PairList<String, Object> options)
	{
		final NDArray x = inputs.get(0), t = inputs.get(1);
		return new NDList(new Pass(parameters, x.getDevice(), training).run(x, t));
	}

	/** The network's output, attached to the manager of {@code x}; see the class for shapes. */
	public NDArray predict(final NDArray x, final NDArray t) {
		return new Pass(null, x.getDevice(), false).run(x, t);
	}

	/** Like {@link #predict}, keeping what the gradient with respect to the parameters needs. */
	public NDArray predictForTraining(final NDArray x, final NDArray t) {
		return new Pass(null, x.getDevice(), true).run(x, t);
	}

	@Override
	public Shape[] getOutputShapes(final Shape[] inputShapes) {
		final Shape in = inputShapes[0];
		return new Shape[] { new Shape(in.get(0), config.outChannels(), in.get(2), in.get(3), in.get(4)) };
	}

	private Parameter parameter(final String name, final int fanIn, final float constant, final long... shape) {
		final Parameter parameter = addParameter(Parameter.builder().setName(name).setType(name.endsWith(".bias")
			? Parameter.Type.BIAS : Parameter.Type.WEIGHT).optShape(new Shape(shape)).optInitializer(new WeightShape(fanIn,
				constant)).build());
		stateDict.put(name, parameter);
		return parameter;
	}

	/** How a parameter starts: uniform within ±1/√fanIn, or a constant where fanIn is 0. */
	private record WeightShape(int fanIn, float constant) implements ai.djl.training.initializer.Initializer {

		@Override
		public NDArray initialize(final NDManager manager, final Shape shape, final DataType type) {
			if (fanIn == 0) return manager.full(shape, constant, type);
			final float bound = (float) (1 / Math.sqrt(fanIn));
			return manager.randomUniform(-bound, bound, shape, type);
		}
	}

	private final class Dense {

		final Parameter weight, bias;

		Dense(final String name, final int in, final int out) {
			weight = parameter(name + ".weight", in, 0, out, in);
			bias = parameter(name + ".bias", in, 0, out);
		}
	}

	private final class Convolution {

		final Parameter weight, bias;

		final Shape stride, padding;

		Convolution(final String name, final int in, final int out, final int kernel, final int stride, final int padding) {
			final int fanIn = in * kernel * kernel * kernel;
			weight = parameter(name + ".weight", fanIn, 0, out, in, kernel, kernel, kernel);
			bias = parameter(name + ".bias", fanIn, 0, out);
			this.stride = new Shape(stride, stride, stride);
			this.padding = new Shape(padding, padding, padding);
		}
	}

	private final class Norm {

		final Parameter weight, bias;

		Norm(final String name, final int channels) {
			weight = parameter(name + ".weight", 0, 1, channels);
			bias = parameter(name + ".bias", 0, 0, channels);
		}
	}

	private final class Residual {

		final Norm norm1, norm2;

		final Convolution conv1, conv2, shortcut;

		final Dense embedding;

		Residual(final String name, final int in, final int out, final int embeddingSize) {
			norm1 = new Norm(name + ".norm1", in);
			conv1 = new Convolution(name + ".conv1", in, out, 3, 1, 1);
			embedding = new Dense(name + ".temb_proj", embeddingSize, out);
			norm2 = new Norm(name + ".norm2", out);
			conv2 = new Convolution(name + ".conv2", out, out, 3, 1, 1);
			shortcut = in == out ? null : new Convolution(name + ".nin_shortcut", in, out, 1, 1, 0);
		}
	}

	private final class Attention {

		final Norm norm;

		final Convolution q, k, v, out;

		Attention(final String name, final int channels) {
			norm = new Norm(name + ".norm", channels);
			q = new Convolution(name + ".q", channels, channels, 1, 1, 0);
			k = new Convolution(name + ".k", channels, channels, 1, 1, 0);
			v = new Convolution(name + ".v", channels, channels, 1, 1, 0);
			out = new Convolution(name + ".proj_out", channels, channels, 1, 1, 0);
		}
	}

	private record Down(List<Residual> residuals, List<Attention> attentions, Convolution downsample) { }

	private record Up(List<Residual> residuals, List<Attention> attentions, Convolution upsample) { }

	/** One evaluation. Arrays passed to a method stay alive unless its comment says that it consumes them. */
	private final class Pass {

		private final ParameterStore store;

		private final Device device;

		/** Gradients may be wanted: arrays that they need must not be overwritten. */
		private final boolean recording;

		Pass(final ParameterStore store, final Device device, final boolean recording) {
			this.store = store;
			this.device = device;
			this.recording = recording;
		}

		NDArray run(final NDArray x, final NDArray t) {
			final NDArray embedding = embedding(t);
			final NDArray gathered = gather(x);
			final NDArray direct = config.bands() ? skip(gathered, embedding) : null;
			NDArray h;
			if (config.bands()) try (NDArray scaled = gained(gainIn, gathered, embedding, 1)) {
				h = convolve(convIn, scaled);
			}
			else h = convolve(convIn, gathered);
			if (gathered != x) gathered.close();
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
						skips.push(convolve(level.downsample, padded));
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
						h = convolve(level.upsample, large);
					}
				}
			}
			embedding.close();
			try (NDArray own = h; NDArray activated = swishConsuming(normalise(normOut, own))) {
				h = convolve(convOut, activated);
			}
			if (direct != null) {
				h.addi(direct);
				direct.close();
			}
			return scatterConsuming(h);
		}

		private NDArray value(final Parameter parameter) {
			return store == null ? parameter.getArray() : store.getValue(parameter, device, recording);
		}

		/** swish(dense(swish(dense(sinusoids of t)))): every use of the embedding starts with that last swish. */
		private NDArray embedding(final NDArray t) {
			final int half = config.width() / 2;
			final float[] frequencies = new float[half];
			for (int i = 0; i < half; i++)
				frequencies[i] = (float) Math.exp(-Math.log(10000) * i / (half - 1));
			try (NDArray f = t.getManager().create(frequencies, new Shape(1, half)); NDArray column = t.reshape(-1, 1);
					NDArray angles = column.mul(f); NDArray sin = angles.sin(); NDArray cos = angles.cos();
					NDArray sinusoids = sin.concat(cos, 1); NDArray hidden = swishConsuming(dense(embedding0, sinusoids)))
			{
				return swishConsuming(dense(embedding1, hidden));
			}
		}

		private NDArray residualConsuming(final Residual block, final NDArray x, final NDArray embedding) {
			try (x) {
				return residual(block, x, embedding);
			}
		}

		private NDArray residual(final Residual block, final NDArray x, final NDArray embedding) {
			NDArray h;
			try (NDArray activated = swishConsuming(normalise(block.norm1, x))) {
				h = convolve(block.conv1, activated);
			}
			try (NDArray shift = dense(block.embedding, embedding); NDArray column = shift.reshape(shift.getShape().get(0),
				shift.getShape().get(1), 1, 1, 1))
			{
				h.addi(column);
			}
			try (NDArray own = h; NDArray activated = swishConsuming(normalise(block.norm2, own))) {
				h = convolve(block.conv2, activated);
			}
			if (block.shortcut == null) return h.addi(x);
			try (NDArray direct = convolve(block.shortcut, x)) {
				return h.addi(direct);
			}
		}

		private NDArray attendConsuming(final Attention block, final NDArray x) {
			final Shape shape = x.getShape();
			final long n = shape.get(0), c = shape.get(1), voxels = shape.size() / (n * c);
			try (x; NDArray normed = normalise(block.norm, x)) {
				final NDArray mixed;
				try (NDArray q = convolve(block.q, normed); NDArray k = convolve(block.k, normed);
						NDArray v = convolve(block.v, normed); NDArray q2 = q.reshape(n, c, voxels);
						NDArray queries = q2.transpose(0, 2, 1); NDArray keys = k.reshape(n, c, voxels);
						NDArray values = v.reshape(n, c, voxels); NDArray products = queries.batchMatMul(keys);
						NDArray scale = TorchEngine.constant(x.getManager(), new Shape(), (float) (1 / Math.sqrt(c)));
						NDArray scaled = products.mul(scale);
						NDArray weights = scaled.softmax(2);
						NDArray turned = weights.transpose(0, 2, 1))
				{
					mixed = values.batchMatMul(turned);
				}
				try (NDArray own = mixed; NDArray volume = own.reshape(shape)) {
					return convolve(block.out, volume).addi(x);
				}
			}
		}

		private NDArray dense(final Dense layer, final NDArray x) {
			return x.getNDArrayInternal().linear(x, value(layer.weight), value(layer.bias)).singletonOrThrow();
		}

		private NDArray convolve(final Convolution layer, final NDArray x) {
			return x.getNDArrayInternal().convolution(x, value(layer.weight), value(layer.bias), layer.stride,
				layer.padding, new Shape(1, 1, 1), 1).singletonOrThrow();
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
			try (NDArray own = normed; NDArray y = own.reshape(shape); NDArray w = value(layer.weight).reshape(1, c, 1, 1,
				1); NDArray b = value(layer.bias).reshape(1, c, 1, 1, 1))
			{
				if (!recording) {
					y.muli(w).addi(b);
					// The shape of the caller's array; the memory is shared with the one closed here.
					return y.reshape(shape);
				}
				return y.mul(w).addi(b);
			}
		}

		private NDArray swishConsuming(final NDArray x) {
			try (x) {
				final NDArray gate = x.getNDArrayInternal().sigmoid();
				if (!recording) return gate.muli(x);
				try (gate) {
					return x.mul(gate);
				}
			}
		}

		/** The bands of the first channels, as many as the output has, each times its gain. */
		private NDArray skip(final NDArray bands, final NDArray embedding) {
			try (NDArray own = bands.get(new NDIndex(":, 0:" + config.outChannels() * 8))) {
				return gained(gainSkip, own, embedding, 0);
			}
		}

		/** {@code x} times (offset + dense(embedding)), a factor for each channel. */
		private NDArray gained(final Dense gain, final NDArray x, final NDArray embedding, final float offset) {
			try (NDArray factors = dense(gain, embedding); NDArray shifted = factors.add(offset); NDArray column = shifted
				.reshape(x.getShape().get(0), x.getShape().get(1), 1, 1, 1))
			{
				return x.mul(column);
			}
		}

		/** The Haar transform of each eight channels, which is its own inverse. */
		private NDArray haarConsuming(final NDArray x) {
			final Shape s = x.getShape();
			try (x; NDArray matrix = TorchEngine.constant(x.getManager(), new Shape(8, 8), HAAR);
					NDArray columns = x.reshape(s.get(0) * s.get(1) / 8, 8, s.size() / (s.get(0) * s.get(1)));
					NDArray bands = matrix.matMul(columns))
			{
				return bands.reshape(s);
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

		/**
		 * Blocks of f³ voxels to channels: output channel c·f³ + (i·f + j)·f + k is voxel (i, j, k) of input channel c's
		 * blocks.
		 */
		private NDArray gather(final NDArray x) {
			final int f = config.unshuffle();
			if (f == 1) return x;
			final Shape s = x.getShape();
			final long n = s.get(0), c = s.get(1), d = s.get(2) / f, h = s.get(3) / f, w = s.get(4) / f;
			try (NDArray split = x.reshape(n, c, d, f, h, f, w, f); NDArray turned = split.transpose(0, 1, 3, 5, 7, 2, 4,
				6))
			{
				final NDArray gathered = turned.reshape(n, c * f * f * f, d, h, w);
				return config.bands() ? haarConsuming(gathered) : gathered;
			}
		}

		/** The inverse of {@link #gather}. */
		private NDArray scatterConsuming(final NDArray x) {
			final int f = config.unshuffle();
			if (f == 1) return x;
			final Shape s = x.getShape();
			final long n = s.get(0), c = s.get(1) / (f * f * f), d = s.get(2), h = s.get(3), w = s.get(4);
			try (NDArray own = config.bands() ? haarConsuming(x) : x; NDArray split = own.reshape(n, c, f, f, f, d, h, w); NDArray turned = split.transpose(0, 1, 5, 2, 6, 3, 7,
				4))
			{
				return turned.reshape(n, c, d * f, h * f, w * f);
			}
		}
	}
}
