package org.patchct.recon;

import java.nio.file.Path;

import org.patchct.task.InvalidInputException;

/**
 * What a run is given besides its data, the same for every method.
 *
 * @param device "auto", "cpu" or "cuda:N"
 * @param seed of every random number; the same seed on the same device gives the same result
 * @param prior prior file, or null for the bundled one; methods that need none ignore it
 */
public record RunSettings(String device, long seed, Path prior) {

	public static final RunSettings DEFAULT = new RunSettings("auto", 0, null);

	public RunSettings {
		if (device == null || !device.matches("auto|cpu|cuda(:\\d{1,3})?")) throw new InvalidInputException("Device \"" +
			device + "\": it must be auto, cpu, or cuda:N with N the number of a GPU, from 0.");
	}
}
