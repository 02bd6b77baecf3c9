package org.patchct.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import ij.ImagePlus;
import ij.io.FileInfo;
import ij.io.FileOpener;

import org.patchct.scan.Planes;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.volume.Lengths;

/** The images of a TIFF stack, or of a folder of TIFF files of one image each. */
final class TiffPlanes implements Planes {

	private final Path path;

	/** One stack, or one file an image. */
	private final List<Path> files;

	private final int width, height, count;

	private final double pixel;

	/** The stack, once it is read. */
	private ImagePlus stack;

	/**
	 * @param path a TIFF file or a folder
	 * @throws InvalidInputException if there is none, or it is damaged
	 */
	TiffPlanes(final Path path) {
		this.path = path;
		files = Files.isDirectory(path) ? files(path) : List.of(path);
		final FileInfo[] images = Tiff.header(files.get(0));
		width = images[0].width;
		height = images[0].height;
		count = files.size() > 1 ? files.size() : Math.max(images.length, images[0].nImages);
		pixel = pixel(images[0]);
		final double values = (double) width * height * count;
		if (width < 1 || height < 1) throw new InvalidInputException("\"" + path + "\" is damaged: its images are of " +
			width + " x " + height + " pixels.");
		Memory.requireRoom("\"" + path + "\" (" + size() + " pixels)", values);
	}

	static boolean isNamed(final Path file) {
		return file.toString().toLowerCase(Locale.ROOT).matches(".*\\.tiff?");
	}

	/** TIFF files by name, numbers in names by their value. */
	private static List<Path> files(final Path folder) {
		final List<Path> files;
		try (Stream<Path> list = Files.list(folder)) {
			files = list.filter(file -> isNamed(file) && !file.getFileName().toString().startsWith(".")).sorted(Comparator
				.comparing(TiffPlanes::sortable)).toList();
		}
		catch (final IOException e) {
			throw new InvalidInputException("Folder \"" + folder + "\" cannot be read: give a folder of TIFF files.", e);
		}
		if (files.isEmpty()) throw new InvalidInputException("Folder \"" + folder +
			"\" holds no TIFF files (.tif, .tiff): give a folder of radiographs or sinograms.");
		return files;
	}

	/** A name with its numbers padded, so that image 10 comes after image 9. */
	private static String sortable(final Path file) {
		final StringBuilder text = new StringBuilder();
		for (final String part : file.getFileName().toString().split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)"))
			text.append(part.matches("\\d{1,19}") ? "0".repeat(20 - part.length()) + part : part);
		return text.toString();
	}

	/** The resolution that other programs write is that of a print; ImageJ's description tells the unit. */
	private static double pixel(final FileInfo image) {
		if (new FileOpener(image).decodeDescriptionString(image) == null) return 0;
		final double millimetres = Lengths.millimetres(image.unit) * image.pixelWidth;
		return millimetres > 0 && millimetres < Double.POSITIVE_INFINITY ? millimetres : 0;
	}

	/** Distance of pixels in mm, 0 where the file has no unit. */
	double pixel() {
		return pixel;
	}

	@Override
	public String name() {
		return "\"" + path + "\"";
	}

	@Override
	public int width() {
		return width;
	}

	@Override
	public int height() {
		return height;
	}

	@Override
	public int count() {
		return count;
	}

	@Override
	public float[] read(final int k) {
		if (files.size() > 1) return values(open(files.get(k), 1), 0);
		if (stack == null) stack = open(files.get(0), count);
		return values(stack, k);
	}

	private static float[] values(final ImagePlus image, final int k) {
		final float[] values = Images.plane(image, k);
		return image.getType() == ImagePlus.GRAY32 ? values.clone() : values;
	}

	private ImagePlus open(final Path file, final int images) {
		final ImagePlus image = Tiff.open(file);
		if (image.getType() == ImagePlus.COLOR_RGB) throw new InvalidInputException("\"" + file + "\" " + Images.COLOUR);
		if (image.getWidth() != width || image.getHeight() != height || image.getStackSize() != images)
			throw new InvalidInputException("\"" + file + "\" holds " + image.getWidth() + " x " + image.getHeight() + " x " +
				image.getStackSize() + " pixels, not " + width + " x " + height + " x " + images +
				": all images of a scan must be of one size, and a folder's files hold one image each.");
		return image;
	}
}
