package org.patchct.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.patchct.task.InvalidInputException;

/**
 * A trained network with everything needed to use it, kept in one safetensors file: the weights under their PyTorch
 * state-dict names, and in the header's metadata the {@link PriorSettings} as JSON ("patchct") and the SHA-256 of the
 * weights ("sha256"). Weights trained elsewhere are opened too when the JSON lies beside them as NAME.json.
 * <p>
 * Used by one thread at a time.
 * </p>
 */
public final class Prior implements AutoCloseable {

	/** Names of the priors for 3-D patches that come with the program. */
	public static final List<String> BUNDLED = List.of("body-ct", "mouse-microct");

	/** What the names of bundled priors for slices end with: single ones with VP and VE, and groups of three. */
	private static final List<String> KINDS = List.of("", "-slices", "-slices-ve", "-groups");

	/** Numbers of views that the bundled networks for FBP-UNet are for. */
	public static final List<Integer> FBP_VIEWS = List.of(4, 10, 30);

	private static final String RECORD = "patchct", DIGEST = "sha256";

	private final PriorSettings settings;

	private final PatchNetwork network;

	private final NDManager manager;

	private final TorchEngine.Choice device;

	private Prior(final PriorSettings settings, final TorchEngine.Choice device) {
		this.settings = settings;
		this.device = device;
		network = settings.network().create(NoiseSchedule.of(settings));
		manager = TorchEngine.newManager(device.device());
	}

	/** A prior with random weights, to be trained. */
	public static Prior create(final PriorSettings settings, final String device, final long seed) {
		final Prior prior = new Prior(settings, TorchEngine.choose(device));
		prior.network.initialize(prior.manager, seed);
		return prior;
	}

	/**
	 * Opens a prior.
	 *
	 * @param file a .safetensors file with a prior's record, or one with its record beside it as NAME.json
	 * @param device as in {@link TorchEngine#choose}
	 * @throws InvalidInputException if the file is missing, damaged, without a record, of another architecture than the
	 *           record says, or has weights that differ from its checksum; the message says which
	 */
	public static Prior open(final Path file, final String device) {
		try (SafeTensors tensors = SafeTensors.open(file)) {
			String record = tensors.metadata().get(RECORD);
			if (record == null) {
				final String base = file.getFileName().toString().replaceFirst("\\.safetensors$", "");
				final Path beside = file.resolveSibling(base + ".json");
				if (!Files.isRegularFile(beside)) throw new InvalidInputException(file +
					" has no PatchCT record, so its architecture and intensity window are not known. Choose a prior written " +
					"by PatchCT, or put its record beside it as " + beside.getFileName() + ".");
				try {
					record = Files.readString(beside);
				}
				catch (final IOException e) {
					throw new InvalidInputException(beside + " cannot be read: " + e.getMessage(), e);
				}
			}
			return read(file.toString(), tensors, record, device);
		}
	}

	/**
	 * Opens one of the priors that come with the program.
	 *
	 * @param name one of {@link #BUNDLED}, which may be followed by -slices, -slices-ve, -groups or -fbp-VIEWS
	 * @param device as in {@link TorchEngine#choose}
	 * @throws InvalidInputException if there is none of that name; the message lists those that there are
	 */
	public static Prior bundled(final String name, final String device) {
		try (SafeTensors tensors = bundled(name)) {
			return read("Bundled prior " + name, tensors, tensors.metadata().get(RECORD), device);
		}
	}

	/**
	 * SHA-256 of the weights of a prior that comes with the program, without loading PyTorch.
	 *
	 * @throws InvalidInputException if it is missing, damaged or fails the checksum in its file
	 */
	public static String bundledDigest(final String name) {
		try (SafeTensors tensors = bundled(name)) {
			return digest("Bundled prior " + name, tensors);
		}
	}

	/**
	 * SHA-256 of the weights in a file, without loading PyTorch.
	 *
	 * @throws InvalidInputException if it is missing, damaged or fails the checksum in it
	 */
	public static String digest(final Path file) {
		try (SafeTensors tensors = SafeTensors.open(file)) {
			return digest(file.toString(), tensors);
		}
	}

	private static SafeTensors bundled(final String name) {
		try (InputStream stream = name.matches("[a-z0-9-]+") ? Prior.class.getResourceAsStream(path(name)) : null) {
			if (stream == null) throw new InvalidInputException("There is no bundled prior \"" + name + "\". Bundled are: " +
				BUNDLED.stream().flatMap(Prior::bundledKinds).collect(Collectors.joining(", ")) + ". To use a file, give its path.");
			return SafeTensors.read("Bundled prior " + name, stream);
		}
		catch (final IOException e) {
			throw new InvalidInputException("The bundled prior \"" + name + "\" cannot be read: " + e.getMessage(), e);
		}
	}

	/**
	 * Names of all bundled networks for one kind of volumes: for 3-D patches first, then for slices, then of FBP-UNet.
	 *
	 * @param prior one of {@link #BUNDLED}
	 */
	public static Stream<String> bundledKinds(final String prior) {
		return Stream.concat(KINDS.stream().map(kind -> prior + kind), FBP_VIEWS.stream().map(views -> fbpName(prior, views)));
	}

	/** Name of the bundled network for FBP-UNet for a number of views. */
	public static String fbpName(final String prior, final int views) {
		return prior + "-fbp-" + views;
	}

	private static String path(final String name) {
		return "priors/" + name + ".safetensors";
	}

	private static Prior read(final String source, final SafeTensors tensors, final String record, final String device) {
		final PriorSettings settings;
		try {
			settings = PriorSettings.fromJson(record);
		}
		catch (final InvalidInputException e) {
			throw new InvalidInputException(source + ": " + e.getMessage(), e);
		}
		checkArchitecture(source, tensors, settings);
		digest(source, tensors);
		final Prior prior = new Prior(settings, TorchEngine.choose(device));
		try {
			prior.network.load(prior.manager, tensors);
			return prior;
		}
		catch (final RuntimeException | Error e) {
			prior.close();
			throw e;
		}
	}

	/** @throws InvalidInputException if it is not the one in the file */
	private static String digest(final String source, final SafeTensors tensors) {
		final String expected = tensors.metadata().get(DIGEST), digest = tensors.digest();
		if (expected != null && !expected.equals(digest)) throw new InvalidInputException(source +
			" fails its checksum: the weights differ from those that were saved. Copy or download it again.");
		return digest;
	}

	private static void checkArchitecture(final String source, final SafeTensors tensors, final PriorSettings settings) {
		final Map<String, Parameter> wanted = settings.network().create(NoiseSchedule.of(settings)).stateDict();
		final List<String> faults = new ArrayList<>();
		wanted.forEach((name, parameter) -> {
			final long[] shape = tensors.shape(name);
			final long[] expected = parameter.getShape().getShape();
			if (shape == null) faults.add(name + " is missing");
			else if (!java.util.Arrays.equals(shape, expected)) faults.add(name + " has the shape " + java.util.Arrays
				.toString(shape) + " instead of " + java.util.Arrays.toString(expected));
		});
		for (final String name : tensors.names())
			if (!wanted.containsKey(name)) faults.add(name + " is not part of it");
		if (faults.isEmpty()) return;
		final int shown = Math.min(5, faults.size());
		throw new InvalidInputException(source + " holds another network than its record describes: " + String.join("; ",
			faults.subList(0, shown)) + (faults.size() > shown ? "; and " + (faults.size() - shown) + " more" : "") +
			". Use the file and record of the same training.");
	}

	/**
	 * Writes the prior to one file, whole or not at all.
	 *
	 * @throws InvalidInputException if the file cannot be written
	 */
	public void save(final Path file) {
		save(file, settings, network.sources());
	}

	/** Writes a prior with other settings or weights than an open one; the tensors must be those of its network. */
	public static void save(final Path file, final PriorSettings settings, final List<SafeTensors.Source> weights) {
		final Map<String, String> metadata = new LinkedHashMap<>();
		metadata.put(RECORD, settings.toJson());
		metadata.put(DIGEST, SafeTensors.digest(weights));
		SafeTensors.write(file, metadata, weights);
	}

	public PriorSettings settings() {
		return settings;
	}

	public PatchNetwork network() {
		return network;
	}

	/** Owner of the weights; take a sub-manager for a computation's arrays. */
	public NDManager manager() {
		return manager;
	}

	/** Where the network runs and why, for reports. */
	public String device() {
		return device.description();
	}

	/**
	 * The network's raw output, which {@link PriorSettings#prediction} says how to read.
	 *
	 * @param input (N, channels, P, P, P), on the prior's device; see org.patchct.diffusion.PatchInputs
	 * @param t noise levels, (N), float32
	 * @return (N, 1, P, P, P), attached to the manager of {@code input}
	 */
	public NDArray predict(final NDArray input, final NDArray t) {
		return network.predict(input, t);
	}

	/**
	 * The same of a prior for slices.
	 *
	 * @param input (N, slices, 1, height, width), x_t in network units, height and width multiples of
	 *          {@link NetworkConfig#multiple}
	 * @param t noise levels, (N), float32
	 * @param spacing for each group the place of its spacing in {@link NetworkConfig#spacings}, (N), float32; null for a
	 *          prior that knows none
	 * @return x̂0, like {@code input}
	 */
	public NDArray predict(final NDArray input, final NDArray t, final NDArray spacing) {
		return network.predict(input, t, spacing);
	}

	/** Records what is computed until it is closed, for {@link PatchNetwork#predictForTraining}. */
	public GradientCollector newGradientCollector() {
		return TorchEngine.engine().newGradientCollector();
	}

	@Override
	public void close() {
		manager.close();
	}
}
