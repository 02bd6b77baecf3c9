package org.patchct.imagej;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import ij.ImagePlus;
import ij.ImageStack;
import ij.VirtualStack;
import ij.io.FileInfo;
import ij.io.FileSaver;
import ij.io.Opener;
import ij.io.TiffEncoder;

import org.patchct.io.InputFiles;
import org.patchct.io.TiffDirectories;
import org.patchct.io.WholeFile;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;

/** TIFF files through ImageJ's reader and writer, which keep calibration and information. */
public final class Tiff {

	private Tiff() { }

	/**
	 * Opens any file that ImageJ can open.
	 *
	 * @throws InvalidInputException if the file is missing, damaged or of a format that ImageJ cannot open
	 */
	public static ImagePlus open(final Path file) {
		InputFiles.require(file);
		if (TiffDirectories.isTiff(file)) header(file);
		final ImagePlus image;
		try {
			final Opener opener = new Opener();
			opener.setSilentMode(true);
			image = opener.openImage(file.toAbsolutePath().toString());
		}
		catch (final OutOfMemoryError e) {
			throw Memory.ranOut("\"" + file + "\"", e);
		}
		catch (final RuntimeException e) {
			throw unreadable(file, e);
		}
		if (image == null || image.getWidth() == 0 || image.getStackSize() == 0) throw unreadable(file, null);
		return image;
	}

	/**
	 * The information (Image &gt; Show Info...) that a TIFF file keeps, without reading its pixels; null if it has none.
	 *
	 * @throws InvalidInputException as {@link #header} does
	 */
	public static String info(final Path file) {
		return header(file)[0].info;
	}

	/**
	 * What a TIFF file says of its images, before ImageJ makes room for them: it would open what there is of a truncated
	 * stack, the rest of its last slice empty.
	 *
	 * @throws InvalidInputException if the file is missing, damaged, or cannot hold the images that it announces
	 */
	static FileInfo[] header(final Path file) {
		InputFiles.require(file);
		TiffDirectories.requireSound(file);
		FileInfo[] images = null;
		try {
			images = Opener.getTiffFileInfo(file.toAbsolutePath().toString());
		}
		catch (final RuntimeException | OutOfMemoryError e) {
			throw damaged(file, e);
		}
		if (images == null || images.length == 0) throw damaged(file, null);
		for (final FileInfo image : images) {
			final int count = Math.max(1, image.nImages);
			final double slices = count * (bytes(image) + image.getGap()) - image.getGap();
			if (image.compression <= FileInfo.COMPRESSION_NONE && image.getOffset() + slices > file.toFile().length())
				throw new InvalidInputException("\"" + file + "\" is truncated: it announces " + count + " images of " +
					image.width + " x " + image.height + " pixels that it cannot hold. Copy or save it again.");
		}
		return images;
	}

	/** Bytes of an image's pixels; those of a bitmap share them. */
	private static double bytes(final FileInfo image) {
		return image.fileType == FileInfo.BITMAP ? Math.ceil(image.width / 8.0) * image.height : (double) image.width *
			image.height * image.getBytesPerPixel();
	}

	private static InvalidInputException damaged(final Path file, final Throwable cause) {
		return new InvalidInputException("\"" + file + "\" is no TIFF file, or is damaged. Save it again.", cause);
	}

	private static InvalidInputException unreadable(final Path file, final Exception cause) {
		return new InvalidInputException("ImageJ cannot read \"" + file + "\": it is damaged or in an unknown format. " +
			VolumeOpener.FORMATS, cause);
	}

	/**
	 * Saves an image with its calibration and information, whole or not at all. Neither its title nor its "changed" mark is
	 * touched.
	 *
	 * @throws InvalidInputException if the file cannot be written
	 */
	public static void save(final ImagePlus image, final Path file) {
		// As ij.io.FileSaver does it, which would rename the image and report failures in a window.
		final FileInfo info = image.getFileInfo();
		final ImageStack stack = image.getStack();
		if (stack.isVirtual()) info.virtualStack = (VirtualStack) stack;
		info.info = image.getInfoProperty();
		info.description = new FileSaver(image).getDescriptionString();
		info.sliceLabels = stack.isVirtual() ? null : stack.getSliceLabels();
		info.properties = image.getPropertiesAsArray();
		WholeFile.write(file, temporary -> {
			try (OutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary),
				1 << 16)))
			{
				new TiffEncoder(info).write(out);
			}
			catch (final RuntimeException e) {
				throw new IOException(e.toString(), e);
			}
		});
	}
}
