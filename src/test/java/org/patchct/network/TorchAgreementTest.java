package org.patchct.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.recon.RampFilter;

/** Holds the Java network to an independent PyTorch one (src/test/python/unet3d.py) that loads the same file. */
class TorchAgreementTest {

	private static String python;

	@BeforeAll
	static void findPython() throws Exception {
		// Candidates without torch are passed over in silence.
		final String given = System.getProperty("patchct.python");
		for (final String candidate : given != null ? List.of(given) : List.of("python3", "/usr/bin/python3", "python"))
			if (python == null && run(false, candidate, "-c", "import torch") == 0) python = candidate;
		assumeTrue(python != null,
			"No Python with torch was found (set -Dpatchct.python=...): the comparison with PyTorch is skipped.");
	}

	@Test
	void smallPaperNetworkAgreesWithPyTorch(@TempDir final Path folder) throws Exception {
		compare(folder, new UNetConfig(5, 1, 16, 1, 16, List.of(1, 2, 4, 4), 2, List.of(4), true, 8), 3, 870);
	}

	@Test
	void compactNetworkAgreesWithPyTorch(@TempDir final Path folder) throws Exception {
		compare(folder, WaveletConfig.compact(), 3, 299);
		compare(folder, WaveletConfig.compact(), 300, 999);
	}

	@Test
	void slicesOfAnySizeAgreeWithPyTorch(@TempDir final Path folder) throws Exception {
		compare(folder, slices(1, NoiseSchedule.ho()), new Shape(2, 1, 1, 48, 32), null, 3, 299);
	}

	@Test
	void groupsAtEverySpacingAgreeWithPyTorch(@TempDir final Path folder) throws Exception {
		compare(folder, slices(3, NoiseSchedule.ho()), new Shape(2, 3, 1, 32, 16), new float[] { 1, 0 }, 300, 999);
	}

	@Test
	void explodingVarianceAgreesWithPyTorch(@TempDir final Path folder) throws Exception {
		final NoiseSchedule schedule = new NoiseSchedule(NoiseSchedule.Kind.VE, 1000, 0.02, 756);
		compare(folder, slices(1, schedule), new Shape(2, 1, 1, 32, 32), null, 300, 999);
	}

	@Test
	void networkForFbpAgreesWithPyTorch(@TempDir final Path folder) throws Exception {
		final PriorSettings slices = slices(1, NoiseSchedule.ho());
		compare(folder, new PriorSettings("fbp", WaveletConfig.compactSlices(1), false, false, Prediction.CLEAN,
			new NoiseSchedule(NoiseSchedule.Kind.VE, 1, 0.4, 0.4), slices.networkLow(), slices.networkHigh(), slices.unit(), slices
				.low(), slices.high(), new FbpScan(10, 180, 1e5, RampFilter.Window.RAM_LAK), null), new Shape(2, 1, 1, 48, 32), null,
			0, 0);
	}

	private static PriorSettings slices(final int slices, final NoiseSchedule schedule) {
		return new PriorSettings("test", WaveletConfig.compactSlices(slices, 300), false, false, Prediction.CLEAN, schedule, 0,
			2, "HU", -1000, 1000, null);
	}

	private static void compare(final Path folder, final NetworkConfig config, final float... t) throws Exception {
		final int p = config.side();
		compare(folder, PriorSettings.hounsfield("test", config, Prediction.V), new Shape(2, config.inChannels(), p, p, p),
			null, t);
	}

	private static void compare(final Path folder, final PriorSettings settings, final Shape shape, final float[] spacing,
		final float... t) throws Exception
	{
		final Path weights = folder.resolve("prior.safetensors"), given = folder.resolve("input.safetensors"), result =
			folder.resolve("output.safetensors");
		final SplittableRandom random = new SplittableRandom(5);
		final float[] x = new float[(int) shape.size()];
		for (int i = 0; i < x.length; i++)
			x[i] = (float) random.nextGaussian();
		final float[] java;
		try (Prior prior = Prior.create(settings, "cpu", 11);
				NDManager manager = prior.manager().newSubManager())
		{
			// Layers that start as the identity or without effect would hide mistakes in them.
			prior.network().stateDict().forEach((name, parameter) -> {
				if (name.contains("norm") || name.contains("gain") || name.contains("head") || name.contains("spacing")) prior.network().set(parameter, parameter.getArray().add(prior.manager().create(
					gaussians(random, parameter.getShape().size()), parameter.getShape())));
			});
			prior.save(weights);
			java = prior.predict(manager.create(x, shape), manager.create(t), spacing == null ? null : manager.create(spacing))
				.toFloatArray();
		}
		final List<SafeTensors.Source> inputs = new ArrayList<>(List.of(new SafeTensors.Source("x", shape.getShape(), () -> x),
			new SafeTensors.Source("t", new long[] { t.length }, () -> t)));
		if (spacing != null) inputs.add(new SafeTensors.Source("spacing", new long[] { spacing.length }, () -> spacing));
		SafeTensors.write(given, Map.of(), inputs);
		assertEquals(0, run(true, python, "src/test/python/unet3d.py", weights.toString(), given.toString(), result.toString()));
		try (SafeTensors tensors = SafeTensors.open(result)) {
			final float[] torch = tensors.values("y");
			assertEquals(torch.length, java.length);
			double difference = 0, norm = 0;
			for (int i = 0; i < torch.length; i++) {
				difference += Math.pow(java[i] - torch[i], 2);
				norm += Math.pow(torch[i], 2);
			}
			final double relative = Math.sqrt(difference / norm);
			assertTrue(relative <= 1e-4, "relative difference " + relative);
		}
	}

	private static float[] gaussians(final SplittableRandom random, final long count) {
		final float[] values = new float[(int) count];
		for (int i = 0; i < values.length; i++)
			values[i] = (float) (0.3 * random.nextGaussian());
		return values;
	}

	private static int run(final boolean loud, final String... command) throws InterruptedException, IOException {
		final Path output = Files.createTempFile("python", ".txt");
		try {
			final Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile())
				.start();
			if (!process.waitFor(120, TimeUnit.SECONDS)) {
				process.destroyForcibly();
				return -1;
			}
			if (loud && process.exitValue() != 0) try (Stream<String> lines = Files.lines(output)) {
				lines.forEach(line -> System.err.println("python: " + line));
			}
			return process.exitValue();
		}
		catch (final IOException e) {
			return -1; // no such program
		}
		finally {
			Files.deleteIfExists(output);
		}
	}
}
