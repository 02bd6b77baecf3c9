package org.patchct.imagej;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

import ij.ImagePlus;

import net.imglib2.RandomAccess;
import net.imglib2.RandomAccessibleInterval;
import net.imglib2.img.Img;
import net.imglib2.type.numeric.RealType;
import net.imglib2.type.numeric.real.FloatType;
import net.imglib2.util.Util;

import org.patchct.io.DicomFolder;
import org.patchct.io.InputFiles;
import org.patchct.io.MetaImage;
import org.patchct.io.Nifti;
import org.patchct.io.Nrrd;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensities;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;
import org.scijava.Context;
import org.scijava.convert.ConvertService;
import org.scijava.io.IOPlugin;
import org.scijava.io.IOService;

/** One door for volumes of every format. */
public final class VolumeOpener {

	public static final String FORMATS = "Volumes can be NIfTI (.nii, .nii.gz), NRRD (.nrrd, .nhdr), MetaImage " +
		"(.mha, .mhd), TIFF stacks, a folder of DICOM slices, other formats that ImageJ opens, and inside Fiji all those of " +
		"SCIFIO.";

	static final String NO_ZARR = "is a Zarr folder, which cannot be read here. Open the resolution level that is " +
		"wanted in Fiji with File > Import > HDF5/N5/Zarr/OME-NGFF..., and go on with the open image.";

	/** Files of which each group and array of Zarr 2 and 3 has one. */
	private static final List<String> ZARR = List.of(".zgroup", ".zarray", "zarr.json");

	private VolumeOpener() { }

	/** Opens a volume with no SciJava context, no choice of series and no report; see the other method. */
	public static Volume open(final Path path) {
		return open(path, null, null, Progress.SILENT, warning -> { });
	}

	/**
	 * Opens a volume: NIfTI, NRRD, MetaImage and DICOM with our readers, TIFF with ImageJ's, others with what the
	 * context's {@code IOService} has (SCIFIO in Fiji), else with ImageJ's.
	 *
	 * @param path a file, a folder of DICOM slices, or one file of such a folder, which stands for its series
	 * @param series which series of a DICOM folder, see {@link DicomFolder#open}; null or empty if there is only one
	 * @param context null where there is none
	 * @param warnings told what had to be assumed
	 * @throws InvalidInputException if the path is missing or cannot be opened as a volume; the message says why
	 */
	public static Volume open(final Path path, final String series, final Context context, final Progress progress,
		final Consumer<String> warnings)
	{
		if (ZARR.stream().anyMatch(name -> Files.exists(path.resolve(name)))) throw new InvalidInputException("\"" + path +
			"\" " + NO_ZARR);
		if (Files.isDirectory(path)) return DicomFolder.open(path, series, progress, warnings);
		if (!Files.exists(path)) throw new InvalidInputException("There is no file or folder \"" + path + "\". " + FORMATS);
		if (Nifti.isNamed(path)) return Nifti.read(path, progress);
		if (Nrrd.isNamed(path)) return Nrrd.read(path, progress, warnings);
		if (MetaImage.isNamed(path)) return MetaImage.read(path, progress, warnings);
		if (DicomFolder.isDicom(path)) return openSeriesOf(path, series, progress, warnings);
		final String name = path.toString().toLowerCase(Locale.ROOT);
		final boolean tiff = name.endsWith(".tif") || name.endsWith(".tiff");
		final Object opened = tiff ? null : openWithService(path, context, warnings);
		if (opened instanceof ImagePlus image) return Images.toVolume(image, warnings);
		if (opened instanceof RandomAccessibleInterval<?> image && Util.getTypeFromInterval(
			image) instanceof RealType<?>) return copied(path, image, warnings);
		return Images.toVolume(Tiff.open(path), warnings);
	}

	private static Volume openSeriesOf(final Path file, final String series, final Progress progress,
		final Consumer<String> warnings)
	{
		try {
			final boolean chosen = series != null && !series.isBlank();
			return DicomFolder.open(file.toAbsolutePath().getParent(), chosen ? series : DicomFolder.seriesOf(file), progress,
				warnings);
		}
		catch (final IOException e) {
			throw new InvalidInputException("Cannot read \"" + file + "\": " + e.getMessage() + ".", e);
		}
	}

	/** An ImagePlus where the context can make one, else whatever its reader gave, else null. */
	private static Object openWithService(final Path path, final Context context, final Consumer<String> warnings) {
		final IOService io = context == null ? null : context.getService(IOService.class);
		if (io == null) return null;
		final String source = path.toAbsolutePath().toString();
		try {
			final IOPlugin<?> reader = io.getOpener(source);
			if (reader == null) return null;
			final Object data = reader.open(source);
			final ConvertService converter = context.getService(ConvertService.class);
			if (data != null && converter != null && converter.supports(data, ImagePlus.class)) return converter.convert(data,
				ImagePlus.class);
			return data;
		}
		catch (final IOException | RuntimeException e) {
			// ImageJ's own readers may still manage.
			warnings.accept("The reader for \"" + path + "\" failed: " + e.getMessage());
			return null;
		}
	}

	/** An image without calibration, its axes of length 1 left out. */
	@SuppressWarnings("unchecked")
	private static Volume copied(final Path path, final RandomAccessibleInterval<?> image,
		final Consumer<String> warnings)
	{
		final String title = InputFiles.title(path);
		final int n = image.numDimensions();
		final int[] axes = new int[3];
		int found = 0;
		for (int d = 0; d < n; d++)
			if (image.dimension(d) > 1) {
				if (found == 3) throw new InvalidInputException("\"" + path + "\" has more than three dimensions. " +
					Images.HYPERSTACK);
				axes[found++] = d;
			}
		if (found < 3) throw new InvalidInputException("\"" + path + "\" " + Images.TWO_DIMENSIONAL);
		final long nx = image.dimension(axes[0]), ny = image.dimension(axes[1]), nz = image.dimension(axes[2]);
		Memory.requireRoom("\"" + path + "\"", (double) nx * ny * nz);
		final Img<FloatType> img = Layouts.newImage(nx, ny, nz);
		final RandomAccess<? extends RealType<?>> source = ((RandomAccessibleInterval<? extends RealType<?>>) image)
			.randomAccess();
		image.min(source);
		final float[][] planes = Layouts.planes(img);
		for (int k = 0; k < nz; k++) {
			source.setPosition(image.min(axes[2]) + k, axes[2]);
			for (int i = 0; i < planes[k].length; i++) {
				source.setPosition(image.min(axes[0]) + i % nx, axes[0]);
				source.setPosition(image.min(axes[1]) + i / nx, axes[1]);
				planes[k][i] = source.get().getRealFloat();
			}
		}
		warnings.accept("\"" + path + "\" " + Images.NO_UNIT);
		return new Volume(title, img, new Grid((int) nx, (int) ny, (int) nz, 1, 1, 1), Intensities.guess(title, img));
	}
}
