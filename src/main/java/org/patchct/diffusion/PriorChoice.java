package org.patchct.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import org.patchct.network.Prior;
import org.patchct.network.TorchEngine;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Intensity;

/**
 * The prior of a run: a file, or one of those that come with the program.
 *
 * @param bundled name of the bundled one, null for a file
 * @param file the file, null for a bundled one
 * @param reason why it was chosen, empty if the user named it
 */
public record PriorChoice(String bundled, Path file, String reason) {

	/** Priors that come with the program: of the human body in Hounsfield units, and of mice in grey values. */
	public static final String BODY = "body-ct", MOUSE = "mouse-microct";

	/**
	 * Chooses a prior.
	 *
	 * @param given a file, or the bare name of a bundled prior; null for the one that suits the values
	 * @param values what the scan's values mean
	 */
	public static PriorChoice of(final Path given, final Intensity values) {
		if (given == null) return new PriorChoice(PriorWindow.isCalibrated(values.unit()) ? BODY : MOUSE, null,
			"proposed for values in " + values.unit());
		// Bundled names have no dot, files of priors do.
		final boolean name = given.getNameCount() == 1 && !given.isAbsolute() && given.toString().matches("[a-z0-9-]+");
		return name && !Files.exists(given) ? new PriorChoice(given.toString(), null, "") : new PriorChoice(null, given, "");
	}

	/**
	 * Opens it.
	 *
	 * @param device as in {@link org.patchct.network.TorchEngine#choose}
	 * @throws InvalidInputException if there is no such prior, or it cannot be used
	 */
	public Prior open(final String device) {
		return file == null ? Prior.bundled(bundled, device) : Prior.open(file, device);
	}

	/**
	 * SHA-256 of its weights.
	 *
	 * @throws org.patchct.task.InvalidInputException as {@link #open}
	 */
	public String digest() {
		return file == null ? Prior.bundledDigest(bundled) : Prior.digest(file);
	}

	/** What a result depends on, for its recipe: the prior with its checksum, and what runs its network. */
	public Map<String, String> recipe() {
		final Map<String, String> lines = new LinkedHashMap<>();
		lines.put("Prior", toString());
		lines.put("Prior checksum", "SHA-256 " + digest());
		lines.put("Network by", TorchEngine.version());
		return lines;
	}

	@Override
	public String toString() {
		return (file == null ? bundled : file.toString()) + (reason.isEmpty() ? "" : ", " + reason);
	}
}
