package org.patchct.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

import org.patchct.io.StoredVoxels.Coding;
import org.patchct.io.StoredVoxels.Place;
import org.patchct.io.StoredVoxels.Type;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Lengths;
import org.patchct.volume.Volume;

/**
 * NRRD files, versions 1 to 5: {@code .nrrd}, and {@code .nhdr} with its data in a file of its own; raw or gzip. Voxels
 * are taken in the order in which they are stored; orientation and origin are neither applied nor kept. After
 * "Definition of NRRD File Format" (teem.sourceforge.net/nrrd/format.html).
 */
public final class Nrrd {

	private static final Pattern FIELD = Pattern.compile("([^:=]+): (.*)"), KEY = Pattern.compile("([^:=]+):=(.*)"),
			VECTOR = Pattern.compile("none|\\(([^()]*)\\)"), QUOTED = Pattern.compile("\"([^\"]*)\"");

	/** NRRD_DIM_MAX of the reference library. */
	private static final int MOST_DIMENSIONS = 16;

	private static final String INTENSITY_KEY = "PatchCT-intensity", DATA_FILE = "data file";

	private final Path file;

	private final TextHeader header;

	private final Consumer<String> warnings;

	private Nrrd(final Path file, final Consumer<String> warnings) {
		this.file = file;
		this.warnings = warnings;
		header = new TextHeader(file, "NRRD");
	}

	/** Whether a file's name is that of a NRRD file. */
	public static boolean isNamed(final Path file) {
		final String name = file.toString().toLowerCase(Locale.ROOT);
		return name.endsWith(".nrrd") || name.endsWith(".nhdr");
	}

	/**
	 * Reads a volume, slice by slice. Lengths without a unit are mm. What values mean is taken from the header where it
	 * says so, else judged by {@link org.patchct.volume.Intensities#guess}.
	 *
	 * @param warnings told what had to be assumed
	 * @throws InvalidInputException if the file or that of its data is missing, damaged, larger than memory, no volume, has
	 *           slanted axes, NaN or infinite voxels, or an encoding other than raw and gzip; the message names the file
	 */
	public static Volume read(final Path file, final Progress progress, final Consumer<String> warnings) {
		InputFiles.require(file);
		return InputFiles.reading(file, () -> {
			final Nrrd nrrd = new Nrrd(file, warnings);
			nrrd.readHeader();
			return nrrd.voxels().read(InputFiles.title(file), nrrd.intensity(), progress);
		});
	}

	/**
	 * Writes a volume, whole or not at all, gzip-compressed.
	 *
	 * @throws InvalidInputException if voxels are NaN or infinite, or would have to be scaled to be integers, or the file
	 *           cannot be written
	 */
	static void write(final Volume volume, final Path file, final SavedType type, final Progress progress) {
		final SavedVoxels voxels = SavedVoxels.unscaled(volume, type, "NRRD");
		final Grid grid = volume.grid();
		final String header = """
			NRRD0004
			type: %s
			dimension: 3
			space dimension: 3
			sizes: %d %d %d
			space directions: (%s,0,0) (0,%s,0) (0,0,%s)
			space units: "mm" "mm" "mm"
			kinds: domain domain domain
			endian: little
			encoding: gzip
			sample units: "%s"
			%s:=%s

			""".formatted(type == SavedType.FLOAT32 ? "float" : "short", grid.nx(), grid.ny(), grid.nz(), grid.dx(), grid.dy(),
			grid.dz(), volume.intensity().unit(), INTENSITY_KEY, IntensityText.of(volume.intensity()));
		WholeFile.write(file, temporary -> {
			try (OutputStream out = Files.newOutputStream(temporary)) {
				out.write(header.getBytes(StandardCharsets.UTF_8));
				try (OutputStream packed = new GZIPOutputStream(out, 1 << 16)) {
					voxels.write(packed, progress);
				}
			}
		});
	}

	/** The file with the data, the header's own if they are in it. */
	static Path dataFile(final Path file) throws IOException {
		final Nrrd nrrd = new Nrrd(file, warning -> { });
		nrrd.readHeader();
		return nrrd.dataFile();
	}

	private void readHeader() throws IOException {
		try (InputStream in = StoredVoxels.open(file, 0, false)) {
			final String magic = header.line(in);
			if (magic == null || !magic.matches("NRRD000[1-5]")) throw header.damaged("it does not begin with NRRD0001 to " +
				"NRRD0005");
			for (String line = header.line(in); line != null && !line.isEmpty(); line = header.line(in)) {
				if (line.startsWith("#")) continue;
				final Matcher key = KEY.matcher(line), field = FIELD.matcher(line);
				if (key.matches()) header.put(":" + key.group(1), key.group(2));
				else if (field.matches()) header.put(name(field.group(1)), field.group(2));
				else throw header.noField(line);
			}
		}
	}

	/** Some fields have two names. */
	private static String name(final String field) {
		final String name = field.strip().toLowerCase(Locale.ROOT);
		return switch (name) {
			case "datafile" -> DATA_FILE;
			case "lineskip" -> "line skip";
			case "byteskip" -> "byte skip";
			case "sampleunits" -> "sample units";
			default -> name;
		};
	}

	private StoredVoxels voxels() throws IOException {
		return new StoredVoxels(place(), grid(), coding());
	}

	private Path dataFile() {
		final String name = header.get(DATA_FILE);
		if (name == null) return file;
		// A pattern has its first, last and step after it.
		if (name.equals("LIST") || name.startsWith("LIST ") || name.matches(".*%\\d*d.*( -?\\d+){3,4}")) throw header
			.unsupported("its data in several files", "Convert it to a single file, for example with 3D Slicer.");
		return header.beside(name);
	}

	private Place place() throws IOException {
		final Path data = dataFile();
		InputFiles.require(data);
		final long skip = header.whole("byte skip", header.get("byte skip", "0"), StoredVoxels.AT_END);
		final long lines = header.whole("line skip", header.get("line skip", "0"), 0);
		final boolean packed = switch (header.require("encoding").toLowerCase(Locale.ROOT)) {
			case "raw" -> false;
			case "gz", "gzip" -> true;
			default -> throw header.unsupported("the encoding \"" + header.get("encoding") + "\"",
				"Convert it to raw or gzip, for example with \"unu save -f nrrd -e gzip\" or 3D Slicer.");
		};
		if (packed && skip == StoredVoxels.AT_END) throw header.damaged("only raw data can be the last bytes of a file");
		long start = data.equals(file) ? header.position() : 0;
		if (lines > 0) try (InputStream in = StoredVoxels.open(data, start, false)) {
			long left = lines;
			for (int c = in.read(); left > 0; c = in.read()) {
				if (c < 0) throw header.damaged("it has fewer than the " + lines + " lines that are to be skipped");
				start++;
				if (c == '\n') left--;
			}
		}
		return new Place(data, start, packed, skip);
	}

	private Coding coding() {
		final Type type = switch (header.require("type").toLowerCase(Locale.ROOT)) {
			case "signed char", "int8", "int8_t" -> Type.INT8;
			case "uchar", "unsigned char", "uint8", "uint8_t" -> Type.UINT8;
			case "short", "short int", "signed short", "signed short int", "int16", "int16_t" -> Type.INT16;
			case "ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t" -> Type.UINT16;
			case "int", "signed int", "int32", "int32_t" -> Type.INT32;
			case "uint", "unsigned int", "uint32", "uint32_t" -> Type.UINT32;
			case "longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t" ->
				Type.INT64;
			case "ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t" -> Type.UINT64;
			case "float" -> Type.FLOAT32;
			case "double" -> Type.FLOAT64;
			default -> throw header.unsupported("voxels of type \"" + header.get("type") + "\"",
				"Convert it to integers or floating point.");
		};
		if (type.bytes == 1) return new Coding(type, ByteOrder.LITTLE_ENDIAN);
		return new Coding(type, switch (header.require("endian").toLowerCase(Locale.ROOT)) {
			case "little" -> ByteOrder.LITTLE_ENDIAN;
			case "big" -> ByteOrder.BIG_ENDIAN;
			default -> throw header.damaged("its field \"endian\" is \"" + header.get("endian") + "\"");
		});
	}

	private Grid grid() {
		final int dimension = (int) header.whole("dimension", header.require("dimension"), 1);
		if (dimension > MOST_DIMENSIONS) throw header.damaged("it has " + dimension + " dimensions, and 1 to " +
			MOST_DIMENSIONS + " are allowed");
		final int[] sides = header.sides("sizes", dimension);
		final double[][] directions = directions(dimension);
		final int[] axes = spatial(sides, directions);
		Directions.check("\"" + file + "\"", new double[][] { directions[axes[0]], directions[axes[1]],
			directions[axes[2]] }, warnings);
		final double[] spacings = header.get("spacings") == null ? null : header.numbers("spacings", header.get("spacings"),
			dimension);
		final double[] size = new double[3];
		int unknown = 0;
		for (int d = 0; d < 3; d++) {
			final int axis = axes[d];
			size[d] = directions[axis] != null ? Directions.length(directions[axis]) * unit("space units", 0) : spacings != null
				? Math.abs(spacings[axis]) * unit("units", axis) : Double.NaN;
			if (Double.isNaN(size[d])) unknown++;
		}
		if (unknown == 3) {
			Arrays.fill(size, 1);
			warnings.accept("\"" + file + "\" has no voxel size: 1 mm is taken. Set it with Image > Properties...");
		}
		for (final double side : size)
			if (!(side > 0) || Double.isInfinite(side)) throw header.damaged("its voxel size is " + size[0] + " x " + size[1] +
				" x " + size[2] + " mm");
		return new Grid(sides[axes[0]], sides[axes[1]], sides[axes[2]], size[0], size[1], size[2]);
	}

	/** The three axes of the volume: the others must have length 1, and those with no direction in space go first. */
	private int[] spatial(final int[] sides, final double[][] directions) {
		final List<Integer> axes = new ArrayList<>();
		for (int d = 0; d < sides.length; d++)
			axes.add(d);
		for (final boolean any : new boolean[] { false, true })
			for (int d = sides.length - 1; d >= 0 && axes.size() > 3; d--)
				if (sides[d] == 1 && (any || directions[d] == null)) axes.remove((Integer) d);
		if (axes.size() != 3) throw header.notAVolume(sides);
		return axes.stream().mapToInt(axis -> axis).toArray();
	}

	/** The step along each axis, null where there is none. */
	private double[][] directions(final int dimension) {
		final double[][] directions = new double[dimension][];
		final String text = header.get("space directions");
		if (text == null) return directions;
		final Matcher vector = VECTOR.matcher(text);
		for (int d = 0; d < dimension; d++) {
			if (!vector.find()) throw header.damaged("its field \"space directions\" has fewer entries than dimensions");
			if (vector.group(1) == null) continue;
			final String[] components = vector.group(1).split(",");
			directions[d] = header.numbers("space directions", String.join(" ", components), components.length);
			// Teem writes vectors of NaN for "none".
			if (Arrays.stream(directions[d]).allMatch(Double::isNaN)) directions[d] = null;
			else if (Arrays.stream(directions[d]).anyMatch(Double::isNaN)) throw header.damaged(
				"its field \"space directions\" holds NaN");
		}
		return directions;
	}

	/** Length of a unit in mm; 1 where none is given. */
	private double unit(final String field, final int axis) {
		final String text = header.get(field);
		if (text == null) return 1;
		final List<String> units = QUOTED.matcher(text).results().map(found -> found.group(1)).toList();
		final String unit = axis < units.size() ? units.get(axis) : "";
		if (field.equals("space units") && units.stream().anyMatch(other -> !other.equals(unit))) throw header.unsupported(
			"different units along the axes of space", "Convert it to mm.");
		final double millimetres = unit.isBlank() ? 1 : Lengths.millimetres(unit);
		if (!Double.isNaN(millimetres)) return millimetres;
		warnings.accept("\"" + file + "\" has the unit \"" + unit + "\", which is no known length: it is read as mm.");
		return 1;
	}

	private Intensity intensity() {
		final Intensity ours = IntensityText.parse(header.get(":" + INTENSITY_KEY));
		if (ours != null) return ours;
		final String unit = header.get("sample units", "").replace("\"", "").toLowerCase(Locale.ROOT);
		return unit.equals("hu") || unit.startsWith("hounsfield") ? Intensity.HU : null;
	}
}
