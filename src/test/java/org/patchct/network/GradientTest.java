package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

class GradientTest {

	/** What the way back needs must not lie in memory that Java thinks nobody uses any more. */
	@Test
	void garbageCollectionBetweenForwardAndBackwardChangesNothing() {
		check(new UNetConfig(5, 1, 8, 2, 8, List.of(1, 2), 1, List.of(2), true, 4));
		check(new WaveletConfig(5, 8, List.of(4, 8), List.of(1, 1), 16, List.of()));
		check(new WaveletConfig(3, 8, List.of(4, 8), List.of(1, 1), 16, List.of(), 3, List.of(1, 3)));
	}

	private static void check(final NetworkConfig network) {
		final PriorSettings settings = PriorSettings.hounsfield("tiny", network, Prediction.V);
		try (Prior prior = Prior.create(settings, "cpu", 3)) {
			for (final Parameter parameter : trained(prior))
				parameter.getArray().setRequiresGradient(true);
			final List<float[]> expected = gradients(prior, false);
			assertTrue(expected.stream().flatMapToDouble(g -> java.util.stream.IntStream.range(0, g.length).mapToDouble(
				i -> g[i])).anyMatch(v -> v != 0));
			for (int i = 0; i < 5; i++) {
				final List<float[]> collected = gradients(prior, true);
				for (int j = 0; j < expected.size(); j++)
					assertArrayEquals(expected.get(j), collected.get(j), trained(prior).get(j).getName());
			}
		}
	}

	private static List<Parameter> trained(final Prior prior) {
		return prior.network().stateDict().values().stream().filter(Parameter::requiresGradient).toList();
	}

	private static List<float[]> gradients(final Prior prior, final boolean collect) {
		final Random random = new Random(1);
		final boolean slices = prior.settings().slices() > 0;
		final Shape shape = slices ? new Shape(2, 3, 1, 8, 8) : new Shape(2, 5, 8, 8, 8);
		final float[] input = new float[(int) shape.size()];
		for (int i = 0; i < input.length; i++)
			input[i] = (float) random.nextGaussian();
		final List<float[]> gradients = new ArrayList<>();
		try (NDManager manager = prior.manager().newSubManager()) {
			final NDArray x = manager.create(input, shape), t = manager.create(new float[] { 50, 600 }), spacing = slices ? manager
				.create(new float[] { 0, 1 }) : null;
			try (GradientCollector collector = prior.newGradientCollector(); NDArray y = prior.network().predictForTraining(x,
				t, spacing); NDArray squares = y.square(); NDArray mean = squares.mean())
			{
				if (collect) {
					System.gc();
					sleep();
					// Takes the memory that was freed.
					for (int i = 0; i < 2000; i++)
						ByteBuffer.allocateDirect(8);
				}
				collector.backward(mean);
			}
			for (final Parameter parameter : trained(prior))
				try (NDArray gradient = parameter.getArray().getGradient()) {
					gradients.add(gradient.toFloatArray());
					gradient.subi(gradient);
				}
		}
		return gradients;
	}

	/** Buffers are freed by a thread of Java's own, after the collection. */
	private static void sleep() {
		try {
			Thread.sleep(50);
		}
		catch (final InterruptedException e) {
			throw new AssertionError(e);
		}
	}
}
