package org.patchct.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Platform;
import ai.djl.util.Utils;

import java.nio.file.Files;
import java.nio.file.Path;

import org.patchct.task.InvalidInputException;

/**
 * The door to PyTorch: finds its native library, refusing to let one be downloaded behind the user's back, and chooses
 * the device.
 */
public final class TorchEngine {

	private static final String NAME = "PyTorch";

	/** DJL's switch against every download. */
	private static final String OFFLINE = "ai.djl.offline";

	/** A chosen device and, for reports, what it is and why it was chosen. */
	public record Choice(Device device, String description) {

		/** What it is, without the reason: "cpu". */
		public String name() {
			return description.replaceFirst(" .*", "");
		}
	}

	private TorchEngine() { }

	/**
	 * Chooses a device.
	 *
	 * @param device "auto" (the first GPU that PyTorch can use, else the processor), "cpu" or "cuda:N"
	 * @throws InvalidInputException if the text is none of these, the device is not there, or PyTorch cannot be loaded
	 */
	public static Choice choose(final String device) {
		final String wanted = device == null ? "auto" : device.trim().toLowerCase(java.util.Locale.ROOT);
		if (!wanted.matches("auto|cpu|cuda(:\\d{1,3})?")) throw new InvalidInputException("Device \"" + device +
			"\": it must be auto, cpu, or cuda:N with N the number of a GPU, from 0.");
		final Engine engine = engine();
		final int gpus = engine.getGpuCount();
		if (wanted.equals("cpu")) return new Choice(Device.cpu(), "cpu (chosen)");
		if (wanted.equals("auto")) return gpus > 0 ? new Choice(Device.gpu(0), "cuda:0 (PyTorch " + engine.getVersion() +
			" sees " + gpus + (gpus == 1 ? " GPU)" : " GPUs)")) : new Choice(Device.cpu(), "cpu (PyTorch " + engine
				.getVersion() + " sees no GPU it can use)");
		final int number = wanted.length() > 5 ? Integer.parseInt(wanted.substring(5)) : 0;
		if (number >= gpus) throw new InvalidInputException("Device " + wanted + ": PyTorch " + engine.getVersion() +
			" sees " + gpus + " GPUs. Choose " + (gpus == 0 ? "" : "cuda:0 to cuda:" + (gpus - 1) + " or ") +
			"cpu; a GPU needs its driver and the CUDA build of PyTorch (pytorch-native-cu128).");
		return new Choice(Device.gpu(number), "cuda:" + number + " (chosen)");
	}

	/**
	 * "PyTorch 2.7.1 through DJL 0.35.1"
	 *
	 * @throws InvalidInputException if PyTorch cannot be loaded
	 */
	public static String version() {
		return NAME + " " + engine().getVersion() + " through DJL " + Engine.getDjlVersion();
	}

	/** Where PyTorch's library comes from: PYTORCH_LIBRARY_PATH, or the class path, with its version, build and system. */
	public static String library() {
		final String path = Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH");
		if (path != null) return "PYTORCH_LIBRARY_PATH=" + path;
		final Platform platform = Platform.detectPlatform("pytorch");
		return platform.getVersion() + " " + platform.getFlavor() + " " + platform.getClassifier() + (platform.isPlaceholder()
			? " (no jar), " : ", ") + "unpacked to " + Utils.getEngineCacheDir("pytorch");
	}

	/** A manager of arrays on a device; close it to free them. */
	static NDManager newManager(final Device device) {
		engine();
		return NDManager.newBaseManager(device, NAME);
	}

	/**
	 * An array that may be multiplied into what a gradient is wanted of. What {@link NDManager#create(float[])} and
	 * {@link NDArray#mul(Number)} make may not be closed before the gradient is there: the values lie in a Java buffer that
	 * only the array keeps alive. PyTorch still reads it on the way back, and once the garbage collector has been there it
	 * holds anything.
	 */
	static NDArray owned(final NDManager manager, final float[] values, final Shape shape) {
		try (NDArray lent = manager.create(values, shape)) {
			return lent.duplicate();
		}
	}

	/**
	 * PyTorch, loaded if it was not. It uses as many threads as there are cores; DJL's system property
	 * ai.djl.pytorch.num_threads says otherwise.
	 */
	static synchronized Engine engine() {
		requireNatives();
		// What the check above overlooks (a JNI library of another version, usage statistics) must not reach the network
		// either.
		final String offline = System.getProperty(OFFLINE);
		System.setProperty(OFFLINE, "true");
		try {
			return Engine.getEngine(NAME);
		}
		catch (final RuntimeException | LinkageError e) {
			throw new InvalidInputException("PyTorch cannot be loaded: " + rootMessage(e) +
				". Patch diffusion needs a 64-bit Linux, Windows or Apple-silicon machine. In Fiji, an old jna-*.jar in " +
				"its jars folder is the usual reason: update Fiji.", e);
		}
		finally {
			if (offline == null) System.clearProperty(OFFLINE);
			else System.setProperty(OFFLINE, offline);
		}
	}

	/** Refuses where loading PyTorch would start a download. */
	private static void requireNatives() {
		if (Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH") != null) return;
		final Platform platform = Platform.detectPlatform("pytorch");
		if (!platform.isPlaceholder()) return;
		final Path cached = Utils.getEngineCacheDir("pytorch").resolve(platform.getVersion() + "-" + platform.getFlavor() +
			"-" + platform.getClassifier()).resolve(System.mapLibraryName("torch"));
		if (Files.exists(cached)) return;
		throw new InvalidInputException("The PyTorch library for this computer (" + platform.getClassifier() +
			") is not installed, and nothing is downloaded without being asked. Put pytorch-native-cpu-" + platform
				.getVersion() + "-" + platform.getClassifier() +
			".jar (Maven Central, ai.djl.pytorch) beside the plugin's jar, or set PYTORCH_LIBRARY_PATH to the lib folder " +
			"of an installed PyTorch " + platform.getVersion() + ".");
	}

	private static String rootMessage(final Throwable e) {
		Throwable root = e;
		while (root.getCause() != null)
			root = root.getCause();
		return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
	}
}
