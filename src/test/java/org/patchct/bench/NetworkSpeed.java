package org.patchct.bench;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;

import org.patchct.network.NoiseSchedule;
import org.patchct.network.PatchNetwork;
import org.patchct.network.WaveletConfig;

/** Times a forward evaluation and a training step of the compact network: {@code main(batch, repetitions)}. */
public final class NetworkSpeed {

	private NetworkSpeed() { }

	public static void main(final String... args) {
		final int n = args.length > 0 ? Integer.parseInt(args[0]) : 16, repetitions = args.length > 1 ? Integer.parseInt(
			args[1]) : 5;
		final WaveletConfig config = WaveletConfig.compact();
		final PatchNetwork net = config.create(new NoiseSchedule(1000, 1e-4, 0.02));
		System.out.printf("%,d parameters%n", net.parameterCount());
		try (NDManager manager = NDManager.newBaseManager()) {
			net.initialize(manager, 1);
			final int p = config.side();
			final NDArray x = manager.randomNormal(new Shape(n, config.inChannels(), p, p, p));
			final NDArray t = manager.full(new Shape(n), 100f);
			for (int i = 0; i < repetitions; i++) {
				final long start = System.nanoTime();
				try (NDArray y = net.predict(x, t); NDArray s = y.sum()) {
					s.getFloat();
				}
				final double seconds = (System.nanoTime() - start) / 1e9;
				System.out.printf("forward  %.3f s, %.1f patches/s%n", seconds, n / seconds);
			}
			net.stateDict().values().stream().filter(q -> q.requiresGradient()).forEach(q -> q.getArray().setRequiresGradient(true));
			for (int i = 0; i < repetitions; i++) {
				final long start = System.nanoTime();
				try (GradientCollector collector = Engine.getInstance().newGradientCollector(); NDArray y = net
					.predictForTraining(x, t); NDArray square = y.square(); NDArray loss = square.mean())
				{
					collector.backward(loss);
					loss.getFloat();
				}
				final double seconds = (System.nanoTime() - start) / 1e9;
				System.out.printf("training %.3f s, %.1f patches/s%n", seconds, n / seconds);
			}
		}
	}
}
