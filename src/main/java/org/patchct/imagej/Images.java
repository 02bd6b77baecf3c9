package org.patchct.imagej;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

import com.google.gson.Gson;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import ij.process.LUT;
import ij.util.DicomTools;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.evaluate.ColourMap;
import org.patchct.io.InputFiles;
import org.patchct.io.TiffDirectories;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanJson;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensities;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Lengths;
import org.patchct.volume.Volume;

/**
 * Volumes and projections as ImageJ images and back. The {@code float[]} slices of 32-bit images are shared in both
 * directions, not copied; other kinds are converted through their calibration function.
 * <p>
 * What ImageJ has no place for travels as lines of the image's "Info" property, which ImageJ's TIFF files keep: the
 * geometry of projections ({@value #GEOMETRY_KEY}) and the meaning of a volume's values ({@value #INTENSITY_KEY}).
 * </p>
 */
public final class Images {

	public static final String NO_IMAGE =
		"There is no image. Open one first, or name it: two inputs of the same kind must both be named.";

	public static final String TWO_DIMENSIONAL = "is a single 2-D image. A volume is a stack of slices: open the whole " +
		"series, for example with File > Import > Image Sequence... or CT Open Volume...";

	public static final String COLOUR =
		"is a colour image. Scans have one value a voxel: convert it with Image > Type > 32-bit.";

	public static final String HYPERSTACK = "Give one stack of slices: choose one with Image > Duplicate..., or if its " +
		"slices are wrongly taken for channels or frames, set their number in Image > Properties...";

	public static final String ARE_PROJECTIONS =
		"is a stack of projections, not a volume. Reconstruct it first, for example with CT FBP...";

	public static final String NOT_PROJECTIONS = "is not a stack of projections: it carries no scan geometry. Make " +
		"projections with CT Simulate Projections... or import measured ones with CT Import Projections...";

	public static final String NO_UNIT =
		"has no length unit, so its voxel size is read as mm. Set the unit with Image > Properties...";

	static final String GEOMETRY_KEY = "PatchCT-geometry", INTENSITY_KEY = "PatchCT-intensity";

	/** A usual soft-tissue display, −160…240 HU. */
	private static final double WINDOW = 400, LEVEL = 40;

	private static final Gson GSON = new Gson();

	private Images() { }

	/** {@link #toVolume(ImagePlus, Consumer)} that drops warnings. */
	public static Volume toVolume(final ImagePlus image) {
		return toVolume(image, warning -> { });
	}

	/**
	 * An image as a volume named after it. Voxel sizes are converted to mm. The values' meaning is taken from the image's
	 * "Info", from a calibration or DICOM header that says Hounsfield units, or else guessed
	 * ({@link Intensities#guess}).
	 *
	 * @param warnings told what had to be assumed
	 * @throws InvalidInputException if there is no image, or it is 2-D, in colour, a hyperstack, a stack of projections, or
	 *           has NaN or infinite voxels
	 */
	public static Volume toVolume(final ImagePlus image, final Consumer<String> warnings) {
		requireStack(image);
		final String name = quoted(image);
		if (isScan(image)) throw new InvalidInputException(name + " " + ARE_PROJECTIONS);
		if (image.getStackSize() == 1) throw new InvalidInputException(name + " " + TWO_DIMENSIONAL);
		final Img<FloatType> img = pixels(image);
		final Intensity guess = Intensities.guess(title(image), img), known = intensity(image);
		return new Volume(title(image), img, grid(image, warnings), known == null ? guess : known);
	}

	/**
	 * A volume as an image that shares its slices, with voxel size in mm, value unit and a display range: soft tissue for
	 * Hounsfield units, else the whole window.
	 */
	public static ImagePlus toImagePlus(final Volume volume) {
		final Grid grid = volume.grid();
		final ImagePlus image = new ImagePlus(volume.name(), stack(volume.img(), null));
		final Calibration calibration = calibration(grid.dx(), grid.dy(), grid.dz());
		final Intensity intensity = volume.intensity();
		calibration.setValueUnit(intensity.unit());
		image.setCalibration(calibration);
		setLine(image, INTENSITY_KEY, GSON.toJson(intensity));
		if (intensity.isHounsfield()) image.setDisplayRange(LEVEL - WINDOW / 2, LEVEL + WINDOW / 2);
		else image.setDisplayRange(intensity.low(), intensity.high());
		return image;
	}

	/**
	 * Volumes of the same size as the frames of one image, or a single one as a plain stack. Voxel size, value unit and
	 * display range are those of the first.
	 *
	 * @param volumes at least one
	 */
	public static ImagePlus toImagePlus(final String title, final List<Volume> volumes) {
		final ImagePlus image = toImagePlus(volumes.get(0).named(title));
		if (volumes.size() == 1) return image;
		final ImageStack all = image.getStack();
		for (final Volume volume : volumes.subList(1, volumes.size()))
			for (final float[] plane : Layouts.planes(volume.img()))
				all.addSlice(null, plane);
		image.setStack(all, 1, volumes.get(0).grid().nz(), volumes.size());
		image.setOpenAsHyperStack(true);
		return image;
	}

	/** Slices of colours, 0xRRGGBB, {@code width} to a row, as an image with the voxels of a grid. */
	public static ImagePlus rgb(final String title, final int[][] slices, final int width, final Grid grid) {
		final ImageStack stack = new ImageStack(width, grid.ny());
		for (final int[] slice : slices)
			stack.addSlice(null, slice);
		final ImagePlus image = new ImagePlus(title, stack);
		image.setCalibration(calibration(grid.dx(), grid.dy(), grid.dz()));
		return image;
	}

	/** Shows an image in colours, the first for {@code low} and the last for {@code high}. */
	public static void colour(final ImagePlus image, final ColourMap colours, final double low, final double high) {
		final byte[][] rgb = new byte[3][256];
		for (int i = 0; i < 256; i++)
			for (int c = 0; c < 3; c++)
				rgb[c][i] = (byte) (colours.rgb(i / 255.0) >> 16 - 8 * c);
		image.setLut(new LUT(rgb[0], rgb[1], rgb[2]));
		image.setDisplayRange(low, high);
	}

	/**
	 * An image as projections with the geometry that it carries.
	 *
	 * @throws InvalidInputException if there is no image, it carries no geometry or one of another size, is in colour, a
	 *           hyperstack, or has NaN or infinite values
	 */
	public static Projections toProjections(final ImagePlus image) {
		requireStack(image);
		final String json = line(image, GEOMETRY_KEY);
		if (json == null) throw new InvalidInputException(quoted(image) + " " + NOT_PROJECTIONS);
		final ScanJson scan = ScanJson.read(json);
		final Img<FloatType> img = pixels(image);
		Intensities.range(title(image), img);
		return new Projections(title(image), img, scan.geometry(), scan.grid(), scan.intensity());
	}

	/** Projections as an image (bin, row, view) that shares their radiographs and carries their geometry. */
	public static ImagePlus toImagePlus(final Projections projections) {
		final double[] angles = projections.geometry().angles();
		final String[] labels = new String[angles.length];
		for (int view = 0; view < angles.length; view++)
			labels[view] = String.format(Locale.ROOT, "%.6g degrees", angles[view]);
		final ImagePlus image = new ImagePlus(projections.name(), stack(projections.img(), labels));
		final Calibration calibration = calibration(projections.geometry().binPitch(), projections.geometry().rowPitch(),
			1);
		calibration.setZUnit("view");
		image.setCalibration(calibration);
		setLine(image, GEOMETRY_KEY, ScanJson.of(projections).write());
		final Intensities.Range range = Intensities.range(projections.name(), projections.img());
		image.setDisplayRange(Math.min(0, range.min()), Math.max(range.max(), Math.min(0, range.min()) + 1e-6));
		return image;
	}

	/** Whether an image is of projections that carry their geometry. */
	public static boolean isScan(final ImagePlus image) {
		return line(image, GEOMETRY_KEY) != null;
	}

	/** Whether a file is a TIFF file of projections that carry their geometry. */
	public static boolean isScan(final Path file) {
		return Files.isRegularFile(file) && TiffDirectories.isTiff(file) && line(Tiff.info(file), GEOMETRY_KEY) != null;
	}

	/** Adds lines "key: value" to the image's information (Image &gt; Show Info...), replacing lines of the same key. */
	public static void recipe(final ImagePlus image, final Map<String, String> lines) {
		lines.forEach((key, value) -> setLine(image, key, value));
	}

	/** The value of a line that {@link #recipe} wrote, or null. */
	public static String line(final ImagePlus image, final String key) {
		return line(image.getInfoProperty(), key);
	}

	/** As above, from the information itself, which may be null. */
	public static String line(final String info, final String key) {
		if (info == null) return null;
		return info.lines().filter(line -> line.startsWith(key + ": ")).map(line -> line.substring(key.length() + 2))
			.findFirst().orElse(null);
	}

	private static void setLine(final ImagePlus image, final String key, final String value) {
		final List<String> lines = new ArrayList<>();
		if (image.getInfoProperty() != null) image.getInfoProperty().lines().filter(line -> !line.startsWith(key + ": "))
			.forEach(lines::add);
		// One line each: a line break in a value would hide what follows it from the reader above.
		lines.add(key + ": " + value.replaceAll("\\R", " "));
		image.setProperty("Info", String.join("\n", lines) + "\n");
	}

	private static void requireStack(final ImagePlus image) {
		if (image == null || image.getWidth() == 0 || image.getHeight() == 0) throw new InvalidInputException(NO_IMAGE);
		// An 8-bit image with a colour lookup table (COLOR_256) still has one value a voxel.
		if (image.getType() == ImagePlus.COLOR_RGB) throw new InvalidInputException(quoted(image) + " " + COLOUR);
		if (image.getNChannels() > 1 || image.getNFrames() > 1) throw new InvalidInputException(quoted(image) + " has " +
			image.getNChannels() + " channels, " + image.getNSlices() + " slices and " + image.getNFrames() + " frames. " +
			HYPERSTACK);
	}

	private static Img<FloatType> pixels(final ImagePlus image) {
		final ImageStack stack = image.getStack();
		final int nx = stack.getWidth(), ny = stack.getHeight();
		final boolean shared = image.getType() == ImagePlus.GRAY32 && !stack.isVirtual();
		if (!shared) Memory.requireRoom(quoted(image), (double) nx * ny * stack.size());
		final float[] table = table(image);
		final float[][] planes = new float[stack.size()][];
		for (int k = 0; k < planes.length; k++)
			planes[k] = plane(stack.getPixels(k + 1), table);
		return Layouts.wrap(planes, nx, ny);
	}

	/** The values of slice {@code k} from 0, the image's own array if it has 32-bit slices. */
	static float[] plane(final ImagePlus image, final int k) {
		return plane(image.getStack().getPixels(k + 1), table(image));
	}

	/** What stored integers mean, or null where they are the values. */
	private static float[] table(final ImagePlus image) {
		final Calibration calibration = image.getCalibration();
		return image.getType() == ImagePlus.GRAY32 || !calibration.calibrated() ? null : calibration.getCTable();
	}

	private static float[] plane(final Object pixels, final float[] table) {
		return pixels instanceof float[] values ? values : pixels instanceof short[] values ? decoded(values, table)
			: decoded((byte[]) pixels, table);
	}

	private static float[] decoded(final short[] pixels, final float[] table) {
		final float[] values = new float[pixels.length];
		for (int i = 0; i < values.length; i++)
			values[i] = table == null ? pixels[i] & 0xffff : table[pixels[i] & 0xffff];
		return values;
	}

	private static float[] decoded(final byte[] pixels, final float[] table) {
		final float[] values = new float[pixels.length];
		for (int i = 0; i < values.length; i++)
			values[i] = table == null ? pixels[i] & 0xff : table[pixels[i] & 0xff];
		return values;
	}

	private static ImageStack stack(final Img<FloatType> img, final String[] labels) {
		final ImageStack stack = new ImageStack((int) img.dimension(0), (int) img.dimension(1));
		final float[][] planes = Layouts.planes(img);
		for (int k = 0; k < planes.length; k++)
			stack.addSlice(labels == null ? null : labels[k], planes[k]);
		return stack;
	}

	private static Calibration calibration(final double dx, final double dy, final double dz) {
		final Calibration calibration = new Calibration();
		calibration.setUnit("mm");
		calibration.pixelWidth = dx;
		calibration.pixelHeight = dy;
		calibration.pixelDepth = dz;
		return calibration;
	}

	private static Grid grid(final ImagePlus image, final Consumer<String> warnings) {
		final Calibration c = image.getCalibration();
		final double x = Lengths.millimetres(c.getXUnit()), y = Lengths.millimetres(c.getYUnit()), z = Lengths.millimetres(c
			.getZUnit());
		if (Double.isNaN(x + y + z)) warnings.accept(quoted(image) + " " + NO_UNIT);
		// A negative size flips an axis in other programs; the distance between voxels is what counts here.
		return new Grid(image.getWidth(), image.getHeight(), image.getStackSize(), Math.abs(c.pixelWidth) * or1(x), Math
			.abs(c.pixelHeight) * or1(y), Math.abs(c.pixelDepth) * or1(z));
	}

	private static double or1(final double factor) {
		return Double.isNaN(factor) ? 1 : factor;
	}

	/** What the image says about its values, null if nothing. */
	private static Intensity intensity(final ImagePlus image) {
		final String json = line(image, INTENSITY_KEY);
		if (json != null) try {
			return GSON.fromJson(json, Intensity.class);
		}
		catch (final RuntimeException e) {
			// Not JSON, or values that the record refuses, wrapped by Gson.
			throw new InvalidInputException("The line " + INTENSITY_KEY + " of " + quoted(image) + " is damaged: " + json +
				". Remove it (Image > Show Info...).", e);
		}
		final String unit = image.getCalibration().getValueUnit().trim().toLowerCase(Locale.ROOT);
		if (unit.equals("hu") || unit.startsWith("hounsfield")) return Intensity.HU;
		final String modality = DicomTools.getTag(image, "0008,0060");
		final boolean rescaled = image.getType() == ImagePlus.GRAY32 || image.getCalibration().calibrated();
		return modality != null && modality.trim().equals("CT") && rescaled ? Intensity.HU : null;
	}

	private static String title(final ImagePlus image) {
		return InputFiles.withoutExtension(image.getTitle());
	}

	private static String quoted(final ImagePlus image) {
		return "\"" + image.getTitle() + "\"";
	}
}
