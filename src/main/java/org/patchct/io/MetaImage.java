package org.patchct.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

import org.patchct.io.StoredVoxels.Coding;
import org.patchct.io.StoredVoxels.Place;
import org.patchct.io.StoredVoxels.Type;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Volume;

/**
 * MetaImage files: {@code .mha}, and {@code .mhd} with its voxels in a {@code .raw} or {@code .zraw} file. Lengths are mm.
 * Voxels are taken in the order in which they are stored; orientation and origin are neither applied nor kept. After ITK's
 * MetaIO (itk.org/Wiki/ITK/MetaIO/Documentation).
 */
public final class MetaImage {

	private static final String DATA_FILE = "ElementDataFile", LOCAL = "LOCAL";

	private final Path file;

	private final TextHeader header;

	private final Consumer<String> warnings;

	private MetaImage(final Path file, final Consumer<String> warnings) {
		this.file = file;
		this.warnings = warnings;
		header = new TextHeader(file, "MetaImage");
	}

	/** Whether a file's name is that of a MetaImage file. */
	public static boolean isNamed(final Path file) {
		final String name = file.toString().toLowerCase(Locale.ROOT);
		return name.endsWith(".mha") || name.endsWith(".mhd");
	}

	/**
	 * Reads a volume, slice by slice. What values mean is taken from the header where PatchCT left it, else judged by
	 * {@link org.patchct.volume.Intensities#guess}.
	 *
	 * @param warnings told what had to be assumed
	 * @throws InvalidInputException if the file or that of its voxels is missing, damaged, larger than memory, no volume,
	 *           has slanted axes, NaN or infinite voxels, or voxels as text; the message names the file
	 */
	public static Volume read(final Path file, final Progress progress, final Consumer<String> warnings) {
		InputFiles.require(file);
		return InputFiles.reading(file, () -> {
			final MetaImage image = new MetaImage(file, warnings);
			image.readHeader();
			final Intensity known = IntensityText.parse(image.header.get("Comment"));
			return new StoredVoxels(image.place(), image.grid(), image.coding()).read(InputFiles.title(file), known, progress);
		});
	}

	/**
	 * Writes a volume and its header in one file, whole or not at all.
	 *
	 * @throws InvalidInputException if voxels are NaN or infinite, or would have to be scaled to be integers, or the file
	 *           cannot be written
	 */
	static void write(final Volume volume, final Path file, final SavedType type, final Progress progress) {
		final SavedVoxels voxels = SavedVoxels.unscaled(volume, type, "MetaImage");
		final Grid grid = volume.grid();
		final String header = """
			ObjectType = Image
			NDims = 3
			Comment = %s
			BinaryData = True
			BinaryDataByteOrderMSB = False
			CompressedData = False
			ElementSpacing = %s %s %s
			DimSize = %d %d %d
			ElementType = %s
			ElementDataFile = LOCAL
			""".formatted(IntensityText.of(volume.intensity()), grid.dx(), grid.dy(), grid.dz(), grid.nx(), grid.ny(), grid
			.nz(), type == SavedType.FLOAT32 ? "MET_FLOAT" : "MET_SHORT");
		WholeFile.write(file, temporary -> {
			try (OutputStream out = Files.newOutputStream(temporary)) {
				out.write(header.getBytes(StandardCharsets.UTF_8));
				voxels.write(out, progress);
			}
		});
	}

	/** The file with the voxels, the header's own if they are in it. */
	static Path dataFile(final Path file) throws IOException {
		final MetaImage image = new MetaImage(file, warning -> { });
		image.readHeader();
		return image.dataFile();
	}

	private void readHeader() throws IOException {
		try (InputStream in = StoredVoxels.open(file, 0, false)) {
			// The field that says where the voxels are is the last one.
			while (header.get(DATA_FILE) == null) {
				final String line = header.line(in);
				if (line == null) throw header.damaged("its field \"" + DATA_FILE + "\" is missing");
				final int equals = line.indexOf('=');
				if (equals > 0) header.put(line.substring(0, equals).strip(), line.substring(equals + 1));
				else if (!line.isBlank()) throw header.noField(line);
			}
		}
		if (!header.get("ObjectType", "Image").equalsIgnoreCase("Image")) throw header.unsupported("an object of type \"" +
			header.get("ObjectType") + "\"", "A file with an image is needed.");
	}

	private Path dataFile() {
		final String name = header.require(DATA_FILE);
		if (name.equalsIgnoreCase(LOCAL)) return file;
		if (name.startsWith("LIST") || name.indexOf('%') >= 0) throw header.unsupported("its voxels in several files",
			"Convert it to a single file, for example with 3D Slicer.");
		return header.beside(name);
	}

	private Place place() {
		final Path data = dataFile();
		InputFiles.require(data);
		final boolean packed = isTrue("CompressedData", false);
		final long size = header.whole("HeaderSize", header.get("HeaderSize", "0"), StoredVoxels.AT_END);
		if (packed && size == StoredVoxels.AT_END) throw header.damaged(
			"only uncompressed voxels can be the last bytes of a file");
		final long start = size > 0 ? size : data.equals(file) ? header.position() : 0;
		return new Place(data, start, packed, Math.min(size, 0));
	}

	private Coding coding() {
		if (!isTrue("BinaryData", true)) throw header.unsupported("voxels as text", "Save it in binary form.");
		if (header.whole("ElementNumberOfChannels", header.get("ElementNumberOfChannels", "1"), 1) > 1) throw header
			.unsupported("several values a voxel", "Save the one that is wanted as its own file.");
		final Type type = switch (header.require("ElementType")) {
			case "MET_CHAR" -> Type.INT8;
			case "MET_UCHAR" -> Type.UINT8;
			case "MET_SHORT" -> Type.INT16;
			case "MET_USHORT" -> Type.UINT16;
			// MetaIO's long has 4 bytes on every system.
			case "MET_INT", "MET_LONG" -> Type.INT32;
			case "MET_UINT", "MET_ULONG" -> Type.UINT32;
			case "MET_LONG_LONG" -> Type.INT64;
			case "MET_ULONG_LONG" -> Type.UINT64;
			case "MET_FLOAT" -> Type.FLOAT32;
			case "MET_DOUBLE" -> Type.FLOAT64;
			default -> throw header.unsupported("voxels of type " + header.get("ElementType"),
				"Convert it to integers or floating point.");
		};
		final boolean big = isTrue("BinaryDataByteOrderMSB", isTrue("ElementByteOrderMSB", false));
		return new Coding(type, big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, number("ElementToIntensityFunctionSlope",
			"1"), number("ElementToIntensityFunctionOffset", "0"));
	}

	private double number(final String name, final String missing) {
		final double number = header.numbers(name, header.get(name, missing), 1)[0];
		if (Double.isNaN(number)) throw header.damaged("its field \"" + name + "\" is NaN");
		return number;
	}

	private boolean isTrue(final String name, final boolean missing) {
		final String value = header.get(name, Boolean.toString(missing)).toLowerCase(Locale.ROOT);
		return switch (value) {
			case "true", "t", "1", "yes" -> true;
			case "false", "f", "0", "no" -> false;
			default -> throw header.damaged("its field \"" + name + "\" is \"" + value + "\", and must be True or False");
		};
	}

	private Grid grid() {
		final int dimensions = (int) Math.min(Integer.MAX_VALUE, header.whole("NDims", header.require("NDims"), 1));
		final int[] sides = dimensions > 10 ? new int[0] : header.sides("DimSize", dimensions);
		if (sides.length < 3 || Arrays.stream(sides).skip(3).anyMatch(side -> side > 1)) throw header.notAVolume(sides);
		double[] size = { 1, 1, 1 };
		final String spacing = header.get("ElementSpacing") == null ? "ElementSize" : "ElementSpacing";
		if (header.get(spacing) == null) warnings.accept("\"" + file +
			"\" has no voxel size: 1 mm is taken. Set it with Image > Properties...");
		else size = header.numbers(spacing, header.get(spacing), dimensions);
		for (int d = 0; d < 3; d++) {
			size[d] = Math.abs(size[d]);
			if (!(size[d] > 0)) throw header.damaged("its voxel size is " + size[0] + " x " + size[1] + " x " + size[2] +
				" mm");
		}
		checkDirections(dimensions);
		return new Grid(sides[0], sides[1], sides[2], size[0], size[1], size[2]);
	}

	private void checkDirections(final int dimensions) {
		for (final String name : new String[] { "TransformMatrix", "Rotation", "Orientation" }) {
			if (header.get(name) == null) continue;
			final double[] matrix = header.numbers(name, header.get(name), dimensions * dimensions);
			final double[][] axes = new double[3][];
			for (int d = 0; d < 3; d++) {
				axes[d] = Arrays.copyOfRange(matrix, d * dimensions, d * dimensions + 3);
				if (!(Directions.length(axes[d]) > 0)) throw header.damaged("its field \"" + name + "\" has no direction for axis " +
					(d + 1));
			}
			Directions.check("\"" + file + "\"", axes, warnings);
			return;
		}
	}
}
