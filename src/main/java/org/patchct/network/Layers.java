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

	/** Orthonormal Haar transform of a block of 2³ values (a Hadamard matrix): row 0 is the mean times √8. */
	private static final float[] HAAR = new float[64];
	static {
		for (int i = 0; i < 64; i++)
			HAAR[i] = (float) ((Integer.bitCount(i / 8 & i % 8) % 2 == 0 ? 1 : -1) / Math.sqrt(8));
	}

	record Dense(Parameter weight, Parameter bias) { }

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

	NDArray convolve(final Convolution layer, final NDArray x) {
		return x.getNDArrayInternal().convolution(x, value(layer.weight), value(layer.bias), layer.stride, layer.padding,
			new Shape(1, 1, 1), 1).singletonOrThrow();
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
	 * swish(dense(swish(dense(sinusoids of t)))), (N, embedding): every use of the embedding starts with that last swish.
	 *
	 * @param sinusoids how many, half of them sines, with frequencies from 1 to 1/10000 (Vaswani et al. 2017)
	 */
	NDArray embedding(final Dense first, final Dense second, final int sinusoids, final NDArray t) {
		final int half = sinusoids / 2;
		final float[] frequencies = new float[half];
		for (int i = 0; i < half; i++)
			frequencies[i] = (float) Math.exp(-Math.log(10000) * i / (half - 1));
		try (NDArray f = t.getManager().create(frequencies, new Shape(1, half)); NDArray column = t.reshape(-1, 1);
				NDArray angles = column.mul(f); NDArray sin = angles.sin(); NDArray cos = angles.cos();
				NDArray all = sin.concat(cos, 1); NDArray hidden = swishConsuming(dense(first, all)))
		{
			return swishConsuming(dense(second, hidden));
		}
	}

	/**
	 * Blocks of f³ voxels to channels: output channel c·f³ + (i·f + j)·f + k is voxel (i, j, k) of input channel c's
	 * blocks.
	 */
	static NDArray gather(final NDArray x, final int f) {
		final Shape s = x.getShape();
		final long n = s.get(0), c = s.get(1), d = s.get(2) / f, h = s.get(3) / f, w = s.get(4) / f;
		try (NDArray split = x.reshape(n, c, d, f, h, f, w, f); NDArray turned = split.transpose(0, 1, 3, 5, 7, 2, 4, 6)) {
			return turned.reshape(n, c * f * f * f, d, h, w);
		}
	}

	/** The inverse of {@link #gather}. */
	static NDArray scatter(final NDArray x, final int f) {
		final Shape s = x.getShape();
		final long n = s.get(0), c = s.get(1) / (f * f * f), d = s.get(2), h = s.get(3), w = s.get(4);
		try (NDArray split = x.reshape(n, c, f, f, f, d, h, w); NDArray turned = split.transpose(0, 1, 5, 2, 6, 3, 7, 4)) {
			return turned.reshape(n, c, d * f, h * f, w * f);
		}
	}

	/** The Haar transform of each eight channels, which is its own inverse. */
	static NDArray haar(final NDArray x) {
		final Shape s = x.getShape();
		try (NDArray matrix = TorchEngine.owned(x.getManager(), HAAR, new Shape(8, 8)); NDArray columns = x.reshape(s.get(0) * s.get(
			1) / 8, 8, s.size() / (s.get(0) * s.get(1))); NDArray bands = matrix.matMul(columns))
		{
			return bands.reshape(s);
		}
	}
}
