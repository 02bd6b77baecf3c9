package org.patchct.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A network that answers for cubic patches or for slices. Its parameters carry the names of a PyTorch state dict.
 * <p>
 * Input: (N, inChannels, side, side, side) float32, or (N, slices, 1, height, width) for slices, and the noise levels (N)
 * float32; for a network that knows spacings of slices also their places in its list, (N) float32. Output: (N,
 * outChannels, …) of the same size.
 * </p>
 */
public abstract class PatchNetwork extends AbstractBlock {

	private final NetworkConfig config;

	private final Map<String, Parameter> stateDict = new LinkedHashMap<>();

	PatchNetwork(final NetworkConfig config) {
		this.config = config;
	}

	/** Parameters by their PyTorch names, in a fixed order. */
	public final Map<String, Parameter> stateDict() {
		return Collections.unmodifiableMap(stateDict);
	}

	/** Number of values in the state dict. */
	public final long parameterCount() {
		return stateDict.values().stream().mapToLong(p -> p.getShape().size()).sum();
	}

	/**
	 * Gives every parameter a value as PyTorch would: weights and biases of convolutions and dense layers uniform within
	 * ±1/√fan-in, normalisations the identity; layers that a network starts smaller are scaled down. The same seed gives
	 * the same weights on every device.
	 */
	public final void initialize(final NDManager manager, final long seed) {
		final SplittableRandom random = new SplittableRandom(seed);
		for (final Parameter parameter : stateDict.values()) {
			final Start start = (Start) parameter.getInitializer();
			final float[] values = new float[Math.toIntExact(parameter.getShape().size())];
			for (int i = 0; i < values.length; i++)
				values[i] = start.fanIn == 0 ? start.scale : (float) (start.scale * (2 * random.nextDouble() - 1) / Math.sqrt(
					start.fanIn));
			set(parameter, manager.create(values, parameter.getShape()));
		}
	}

	/** Reads every parameter from a file that has been checked to hold them. */
	final void load(final NDManager manager, final SafeTensors tensors) {
		stateDict.forEach((name, parameter) -> set(parameter, manager.create(tensors.values(name), parameter.getShape())));
	}

	/** The parameters, to be written to a file. */
	public final List<SafeTensors.Source> sources() {
		return stateDict.entrySet().stream().map(entry -> new SafeTensors.Source(entry.getKey(), entry.getValue()
			.getShape().getShape(), () -> entry.getValue().getArray().toFloatArray())).toList();
	}

	/** Gives a parameter its value; the array must have its shape and then belongs to the network. */
	public final void set(final Parameter parameter, final NDArray array) {
		parameter.close();
		parameter.setShape(null);
		parameter.setArray(array);
	}

	@Override
	protected final NDList forwardInternal(final ParameterStore parameters, final NDList inputs, final boolean training,
		final PairList<String, Object> options)
	{
		final NDArray x = inputs.get(0);
		return new NDList(run(new Layers(parameters, x.getDevice(), training), x, inputs.get(1), inputs.size() > 2 ? inputs
			.get(2) : null));
	}

	/** The network's output, attached to the manager of {@code x}; see the class for shapes. */
	public final NDArray predict(final NDArray x, final NDArray t) {
		return predict(x, t, null);
	}

	/** The same for a network that may know spacings; null where it knows none. */
	public final NDArray predict(final NDArray x, final NDArray t, final NDArray spacing) {
		return run(new Layers(null, x.getDevice(), false), x, t, spacing);
	}

	/** Like {@link #predict(NDArray, NDArray)}, keeping what the gradient with respect to the parameters needs. */
	public final NDArray predictForTraining(final NDArray x, final NDArray t) {
		return predictForTraining(x, t, null);
	}

	/** Like {@link #predict(NDArray, NDArray, NDArray)}, keeping what the gradient with respect to the parameters needs. */
	public final NDArray predictForTraining(final NDArray x, final NDArray t, final NDArray spacing) {
		return run(new Layers(null, x.getDevice(), true), x, t, spacing);
	}

	/** One evaluation; {@code spacing} may be null. */
	abstract NDArray run(Layers layers, NDArray x, NDArray t, NDArray spacing);

	@Override
	public final Shape[] getOutputShapes(final Shape[] inputShapes) {
		final Shape in = inputShapes[0];
		return new Shape[] { new Shape(in.get(0), config.outChannels(), in.get(2), in.get(3), in.get(4)) };
	}

	/** A parameter that starts uniform within ±scale/√fanIn, or constant at {@code scale} where fanIn is 0. */
	final Parameter parameter(final String name, final int fanIn, final float scale, final boolean trained,
		final long... shape)
	{
		final Parameter parameter = addParameter(Parameter.builder().setName(name).setType(name.endsWith(".bias")
			? Parameter.Type.BIAS : Parameter.Type.WEIGHT).optShape(new Shape(shape)).optInitializer(new Start(fanIn, scale))
			.optRequiresGrad(trained).build());
		stateDict.put(name, parameter);
		return parameter;
	}

	final Layers.Dense dense(final String name, final int in, final int out, final float scale) {
		final int fanIn = scale == 0 ? 0 : in;
		return new Layers.Dense(parameter(name + ".weight", fanIn, scale, true, out, in), parameter(name + ".bias", fanIn,
			scale, true, out));
	}

	final Layers.Convolution convolution(final String name, final int in, final int out, final int kernel,
		final int stride, final int padding)
	{
		final int fanIn = in * kernel * kernel * kernel;
		return new Layers.Convolution(parameter(name + ".weight", fanIn, 1, true, out, in, kernel, kernel, kernel),
			parameter(name + ".bias", fanIn, 1, true, out), new Shape(stride, stride, stride), new Shape(padding, padding,
				padding));
	}

	/**
	 * One with stride 1 that keeps the size.
	 *
	 * @param flat for slices
	 * @param scale of the weights it starts with, relative to PyTorch's, and {@code biasScale} of its biases
	 */
	final Layers.Convolution convolution(final String name, final int in, final int out, final int kernel,
		final boolean flat, final float scale, final float biasScale)
	{
		final int depth = flat ? 1 : kernel, fanIn = in * depth * kernel * kernel, half = kernel / 2;
		return new Layers.Convolution(parameter(name + ".weight", fanIn, scale, true, out, in, depth, kernel, kernel),
			parameter(name + ".bias", biasScale == 0 ? 0 : fanIn, biasScale, true, out), flat ? new Shape(1, 1) : new Shape(1,
				1, 1), flat ? new Shape(half, half) : new Shape(half, half, half));
	}

	/** How a parameter starts. */
	private record Start(int fanIn, float scale) implements ai.djl.training.initializer.Initializer {

		@Override
		public NDArray initialize(final NDManager manager, final Shape shape, final DataType type) {
			if (fanIn == 0) return manager.full(shape, scale, type);
			final float bound = (float) (scale / Math.sqrt(fanIn));
			return manager.randomUniform(-bound, bound, shape, type);
		}
	}
}
