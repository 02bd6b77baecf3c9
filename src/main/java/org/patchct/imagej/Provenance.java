package org.patchct.imagej;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.CRC32C;

import ij.ImagePlus;
import ij.io.FileInfo;

/**
 * The macro that made an image, a line of its information (Image &gt; Show Info...), which TIFF files keep: running it
 * makes the image again. Every command adds its own line to those of its input.
 */
public final class Provenance {

	/** Key of the macro's line. */
	public static final String MACRO = "Macro";

	/** Key of the checksum of the pixels that the macro made; with other pixels the image has been edited since. */
	private static final String PIXELS = "PatchCT-pixels";

	private Provenance() { }

	/**
	 * Notes what made an image.
	 *
	 * @param input what it was made from; null for nothing or for files that {@code line} names
	 * @param line the line of the macro
	 */
	public static void note(final ImagePlus image, final ImagePlus input, final String line) {
		Images.recipe(image, Map.of(MACRO, (input == null ? "" : macro(input) + " ") + line));
		Images.recipe(image, Map.of(PIXELS, checksum(image)));
	}

	/**
	 * A macro that makes the image and leaves it active: the one noted unless the image was edited since, else the opening
	 * of its file, else its choice by title.
	 */
	public static String macro(final ImagePlus image) {
		final String noted = Images.line(image, MACRO), pixels = Images.line(image, PIXELS);
		if (noted != null && checksum(image).equals(pixels)) return noted;
		final FileInfo file = image.getOriginalFileInfo();
		if (pixels == null && !image.changes && file != null && file.getFilePath() != null && !file.getFilePath().isEmpty())
			return MacroText.call("open", file.getFilePath());
		return MacroText.call("selectImage", image.getTitle());
	}

	/** CRC-32C of 32-bit pixels; others are never ours. */
	private static String checksum(final ImagePlus image) {
		if (image.getType() != ImagePlus.GRAY32) return "";
		final CRC32C sum = new CRC32C();
		final ByteBuffer bytes = ByteBuffer.allocate(4 * image.getWidth() * image.getHeight());
		for (int k = 0; k < image.getStackSize(); k++) {
			bytes.clear().asFloatBuffer().put(Images.plane(image, k));
			sum.update(bytes);
		}
		return Long.toHexString(sum.getValue());
	}
}
