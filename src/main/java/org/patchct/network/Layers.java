package org.patchct.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;

/**
 * The layers that networks are made of, applied in one evaluation. Arrays passed to a method stay alive unless its name
 * says that it consumes them; results are attached to the manager of the first.
 */
final class Layers {

	/** Orthonormal Haar transforms of blocks of 2² and of 2³ values (Hadamard matrices): row 0 is the mean times √n. */
	private static final float[] HAAR_4 = hadamard(4), HAAR_8 = hadamard(8);

	private static float[] hadamard(final int n) {
		final float[] matrix = new float[n * n];
		for (int i = 0; i < matrix.length; i++)
			matrix[i] = (float) ((Integer.bitCount(i / n & i % n) % 2 == 0 ? 1 : -1) / Math.sqrt(n));
		return matrix;
	}

	record Dense(Parameter weight, Parameter bias) { }

	/** With strides and paddings of two dimensions it is one of single slices, whose kernel (out, in, 1, k, k) is flat. */
	record Convolution(Parameter weight, Parameter bias, Shape stride, Shape padding) { }

	private final ParameterStore store;

	private final Device device;

	private final boolean recording;

	/**
	 * @param store where the parameters' values are, or null: in the parameters
	 * @param recording gradients may be wanted: arrays that they need must not be overwritten
	 */
	Layers(final ParameterStore store, final Device device, final boolean recording) {
		this.store = store;
		this.device = device;
		this.recording = recording;
	}

	boolean recording() {
		return recording;
	}

	NDArray value(final Parameter parameter) {
		return store == null ? parameter.getArray() : store.getValue(parameter, device, recording);
	}

	NDArray dense(final Dense layer, final NDArray x) {
		return x.getNDArrayInternal().linear(x, value(layer.weight), value(layer.bias)).singletonOrThrow();
	}

	/** Of slices in two dimensions, which takes half the time of a flat kernel in three. */
	NDArray convolve(final Convolution layer, final NDArray x) {
		return convolve(layer, x, value(layer.weight), value(layer.bias));
	}

	/**
	 * The convolution times a factor for each output channel. The kernel takes it, which is small where x is large.
	 *
	 * @param factor (N, out), the same for all N
	 */
	NDArray convolveScaled(final Convolution layer, final NDArray x, final NDArray factor) {
		final long out = factor.getShape().get(1);
		try (NDArray one = factor.get("0"); NDArray column = one.reshape(out, 1, 1, 1, 1); NDArray kernel = value(layer.weight)
			.mul(column); NDArray bias = value(layer.bias).mul(one))
		{
			return convolve(layer, x, kernel, bias);
		}
	}

	private NDArray convolve(final Convolution layer, final NDArray x, final NDArray kernel, final NDArray bias) {
		if (layer.stride.dimension() == 3) return convolve(layer, x, kernel, bias, new Shape(1, 1, 1));
		try (NDArray slices = x.squeeze(2); NDArray flat = kernel.squeeze(2); NDArray result = convolve(layer, slices, flat,
			bias, new Shape(1, 1)))
		{
			return result.expandDims(2);
		}
	}

	private NDArray convolve(final Convolution layer, final NDArray x, final NDArray kernel, final NDArray bias,
		final Shape dilation)
	{
		return x.getNDArrayInternal().convolution(x, kernel, bias, layer.stride, layer.padding, dilation, 1)
			.singletonOrThrow();
	}

	NDArray swishConsuming(final NDArray x) {
		try (x) {
			final NDArray gate = x.getNDArrayInternal().sigmoid();
			if (!recording) return gate.muli(x);
			try (gate) {
				return x.mul(gate);
			}
		}
	}

	/**
	 * swish(dense(swish(dense(sinusoids of t))) + label), (N, embedding): every use of the embedding starts with that last
	 * swish.
	 *
	 * @param sinusoids how many, half of them sines, with frequencies from 1 to 1/10000 (Vaswani et al. 2017)
	 * @param label (N, embedding), or null for none
	 */
	NDArray embedding(final Dense first, final Dense second, final int sinusoids, final NDArray t, final NDArray label) {
		final int half = sinusoids / 2;
		final float[] frequencies = new float[half];
		for (int i = 0; i < half; i++)
			frequencies[i] = (float) Math.exp(-Math.log(10000) * i / (half - 1));
		try (NDArray f = t.getManager().create(frequencies, new Shape(1, half)); NDArray column = t.reshape(-1, 1);
				NDArray angles = column.mul(f); NDArray sin = angles.sin(); NDArray cos = angles.cos();
				NDArray all = sin.concat(cos, 1); NDArray hidden = swishConsuming(dense(first, all)))
		{
			final NDArray result = dense(second, hidden);
			if (label == null) return swishConsuming(result);
			try (result) {
				return swishConsuming(result.add(label));
			}
		}
	}

	/**
	 * Blocks of d·f·f voxels to channels: output channel c·d·f² + (i·f + j)·f + k is voxel (i, j, k) of input channel c's
	 * blocks.
	 */
	static NDArray gather(final NDArray x, final int d, final int f) {
		final Shape s = x.getShape();
		final long n = s.get(0), c = s.get(1), z = s.get(2) / d, y = s.get(3) / f, w = s.get(4) / f;
		try (NDArray split = x.reshape(n, c, z, d, y, f, w, f); NDArray turned = split.transpose(0, 1, 3, 5, 7, 2, 4, 6)) {
			return turned.reshape(n, c * d * f * f, z, y, w);
		}
	}

	/** The inverse of {@link #gather}. */
	static NDArray scatter(final NDArray x, final int d, final int f) {
		final Shape s = x.getShape();
		final long n = s.get(0), c = s.get(1) / (d * f * f), z = s.get(2), y = s.get(3), w = s.get(4);
		try (NDArray split = x.reshape(n, c, d, f, f, z, y, w); NDArray turned = split.transpose(0, 1, 5, 2, 6, 3, 7, 4)) {
			return turned.reshape(n, c, z * d, y * f, w * f);
		}
	}

	/** The Haar transform of each {@code bands} channels, 4 or 8, which is its own inverse. */
	static NDArray haar(final NDArray x, final int bands) {
		final Shape s = x.getShape();
		try (NDArray matrix = TorchEngine.owned(x.getManager(), bands == 4 ? HAAR_4 : HAAR_8, new Shape(bands, bands));
				NDArray columns = x.reshape(s.get(0) * s.get(1) / bands, bands, s.size() / (s.get(0) * s.get(1)));
				NDArray transformed = matrix.matMul(columns))
		{
			return transformed.reshape(s);
		}
	}
}
