package org.patchct.io;

import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

import org.patchct.io.StoredVoxels.Coding;
import org.patchct.io.StoredVoxels.Place;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensities;
import org.patchct.volume.Intensity;
import org.patchct.volume.Volume;

/**
 * NIfTI-1 files ({@code .nii}, {@code .nii.gz}): voxels, voxel size and units. Voxels are taken in the order in which
 * they are stored; orientation fields are neither applied nor kept. Header fields and their offsets are those of
 * {@code nifti1.h} (nifti.nimh.nih.gov).
 */
public final class Nifti {

	private static final int HEADER = 348, NIFTI2_HEADER = 540;

	/** Header and the four bytes that announce extensions: the first byte that voxels may have in a single file. */
	private static final int SINGLE_FILE_OFFSET = 352;

	private static final int DIM = 40, DATATYPE = 70, BITPIX = 72, PIXDIM = 76, VOX_OFFSET = 108, SCL_SLOPE = 112,
			SCL_INTER = 116, XYZT_UNITS = 123, DESCRIP = 148, DESCRIP_LENGTH = 80, MAGIC = 344;

	private static final short INT16 = 4, FLOAT32 = 16;

	private static final int UNIT_MASK = 7, METRE = 1, MILLIMETRE = 2, MICROMETRE = 3;

	private static final int CHUNK = 1 << 16;

	private Nifti() { }

	/** Whether a file's name is that of a NIfTI file. */
	public static boolean isNamed(final Path file) {
		final String name = file.toString().toLowerCase(Locale.ROOT);
		return name.endsWith(".nii") || name.endsWith(".nii.gz");
	}

	/** Reads a file with no report of progress; see {@link #read(Path, Progress)}. */
	public static Volume read(final Path file) {
		return read(file, Progress.SILENT);
	}

	/**
	 * Reads a volume, slice by slice. Values are scaled by the header's slope and intercept. What they mean is taken from
	 * the header where {@link #write} left it, else judged by {@link Intensities#guess}.
	 *
	 * @throws InvalidInputException if the file is missing, damaged, larger than memory, has more than one volume, a kind
	 *           of voxel that is not a real number, or NaN or infinite voxels; the message names the file
	 */
	public static Volume read(final Path file, final Progress progress) {
		InputFiles.require(file);
		return InputFiles.reading(file, () -> {
			final boolean packed = StoredVoxels.isGzip(file);
			final Header header;
			try (InputStream in = StoredVoxels.open(file, 0, packed)) {
				header = new Header(file, in.readNBytes(HEADER));
			}
			return new StoredVoxels(new Place(file, 0, packed, header.offset), header.grid, header.coding).read(InputFiles.title(
				file), header.intensity, progress);
		});
	}

	/** The fields of a header that matter here, checked. */
	private static final class Header {

		final Path file;

		final long offset;

		final Coding coding;

		final Grid grid;

		/** Null where the header does not say. */
		final Intensity intensity;

		Header(final Path file, final byte[] data) {
			this.file = file;
			if (data.length < HEADER) throw damaged("it has " + data.length + " bytes, fewer than a header's " + HEADER);
			final ByteBuffer header = ByteBuffer.wrap(data);
			final ByteOrder order = header.getInt(0) == HEADER || header.getInt(0) == NIFTI2_HEADER ? ByteOrder.BIG_ENDIAN
				: ByteOrder.LITTLE_ENDIAN;
			header.order(order);
			if (header.getInt(0) == NIFTI2_HEADER) throw new InvalidInputException("\"" + file +
				"\" is a NIfTI-2 file, and only NIfTI-1 can be read. Convert it, for example with nib-convert or FSL.");
			if (header.getInt(0) != HEADER) throw damaged("its first word is " + header.getInt(0) + ", not " + HEADER);
			final String magic = new String(data, MAGIC, 4, StandardCharsets.ISO_8859_1);
			if (magic.equals("ni1\0")) throw new InvalidInputException("\"" + file +
				"\" is the header of a NIfTI pair (.hdr and .img). Convert the pair to one .nii file.");
			if (!magic.equals("n+1\0")) throw damaged("its magic word is not \"n+1\"");

			final int rank = header.getShort(DIM);
			if (rank < 1 || rank > 7) throw damaged("it has " + rank + " dimensions, and 1 to 7 are allowed");
			final int[] dims = new int[8];
			for (int d = 1; d <= 7; d++) {
				dims[d] = d <= rank ? header.getShort(DIM + 2 * d) : 1;
				if (dims[d] < 1) throw damaged("its side " + d + " is " + dims[d] + ", and must be at least 1");
			}
			if (rank < 3) throw new InvalidInputException("\"" + file + "\" has " + rank +
				" dimensions. A volume with three is needed.");
			for (int d = 4; d <= 7; d++)
				if (dims[d] > 1) throw new InvalidInputException("\"" + file + "\" holds several volumes (" + dims[d] +
					" along dimension " + d + "). Save the one that is wanted as its own file.");

			final int datatype = header.getShort(DATATYPE);
			final StoredVoxels.Type type = switch (datatype) {
				case 2 -> StoredVoxels.Type.UINT8;
				case INT16 -> StoredVoxels.Type.INT16;
				case 8 -> StoredVoxels.Type.INT32;
				case FLOAT32 -> StoredVoxels.Type.FLOAT32;
				case 64 -> StoredVoxels.Type.FLOAT64;
				case 256 -> StoredVoxels.Type.INT8;
				case 512 -> StoredVoxels.Type.UINT16;
				case 768 -> StoredVoxels.Type.UINT32;
				default -> throw new InvalidInputException("\"" + file + "\" has voxels of NIfTI type " + datatype +
					", which cannot be read. Convert it to 8-, 16- or 32-bit integers or to floating point.");
			};
			final int bits = header.getShort(BITPIX);
			if (bits != 8 * type.bytes) throw damaged("it says " + bits + " bits a voxel, but its type has " + 8 * type.bytes);

			final float start = header.getFloat(VOX_OFFSET);
			// Zero is a common omission and means what it must be.
			if (start != 0 && !(start >= SINGLE_FILE_OFFSET && start < Long.MAX_VALUE)) throw damaged("its voxels start at " +
				start + ", inside the header");
			offset = Math.max(SINGLE_FILE_OFFSET, (long) start);

			final float givenSlope = header.getFloat(SCL_SLOPE), givenIntercept = header.getFloat(SCL_INTER);
			// nifti1.h: a slope of 0 means that there is none; nibabel takes NaN the same way.
			final boolean scaled = givenSlope != 0 && !Float.isNaN(givenSlope);
			if (scaled && !(Float.isFinite(givenSlope) && Float.isFinite(givenIntercept))) throw damaged(
				"its values are scaled by " + givenSlope + " and shifted by " + givenIntercept);
			coding = scaled ? new Coding(type, order, givenSlope, givenIntercept) : new Coding(type, order);

			grid = grid(header, dims);
			intensity = IntensityText.parse(new String(data, DESCRIP, DESCRIP_LENGTH, StandardCharsets.ISO_8859_1).replaceFirst(
				"(?s)\0.*", ""));
		}

		private Grid grid(final ByteBuffer header, final int[] dims) {
			final double unit = switch (header.get(XYZT_UNITS) & UNIT_MASK) {
				case METRE -> 1000;
				case MICROMETRE -> 0.001;
				default -> 1;
			};
			final double[] size = new double[3];
			for (int d = 0; d < 3; d++) {
				// Rounded to a float's digits: 0.7 mm shall not become 0.699999988 mm.
				final double stored = Double.parseDouble(Float.toString(header.getFloat(PIXDIM + 4 + 4 * d)));
				size[d] = Math.abs(stored) * unit;
			}
			// A single slice has no spacing of its own.
			if (dims[3] == 1 && !(size[2] > 0)) size[2] = size[0];
			for (final double side : size)
				if (!(side > 0) || Double.isInfinite(side)) throw damaged("its voxel size is " + size[0] + " x " + size[1] +
					" x " + size[2] + " mm");
			return new Grid(dims[1], dims[2], dims[3], size[0], size[1], size[2]);
		}

		private InvalidInputException damaged(final String why) {
			return new InvalidInputException("\"" + file + "\" is not a NIfTI-1 file or is damaged: " + why + ".");
		}
	}

	/**
	 * Writes a volume, whole or not at all; compressed if the name ends with {@code .gz}. Its intensity goes into the
	 * header's free text, to 8 digits, and {@link #read} finds it there.
	 *
	 * @throws InvalidInputException if the volume is larger than the format allows (32,767 along a side), has NaN or
	 *           infinite voxels, or the file cannot be written
	 */
	public static void write(final Volume volume, final Path file, final SavedType type) {
		write(volume, file, type, Progress.SILENT);
	}

	static void write(final Volume volume, final Path file, final SavedType type, final Progress progress) {
		if (!isNamed(file)) throw new InvalidInputException("Cannot write \"" + file +
			"\" as NIfTI: its name must end with .nii or .nii.gz.");
		final Grid grid = volume.grid();
		if (Math.max(grid.nx(), Math.max(grid.ny(), grid.nz())) > Short.MAX_VALUE) throw new InvalidInputException(
			"NIfTI-1 allows " + Short.MAX_VALUE + " voxels along a side, and \"" + volume.name() + "\" has " + grid +
				". Save it as TIFF.");
		final SavedVoxels voxels = SavedVoxels.of(volume, type);
		WholeFile.write(file, temporary -> {
			final boolean zipped = file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
			try (OutputStream raw = Files.newOutputStream(temporary);
					OutputStream out = zipped ? new GZIPOutputStream(raw, CHUNK) : new BufferedOutputStream(raw, CHUNK))
			{
				out.write(header(voxels).array());
				voxels.write(out, progress);
			}
		});
	}

	private static ByteBuffer header(final SavedVoxels voxels) {
		final Grid grid = voxels.volume().grid();
		final ByteBuffer header = ByteBuffer.allocate(SINGLE_FILE_OFFSET).order(ByteOrder.LITTLE_ENDIAN);
		header.putInt(0, HEADER);
		final int[] dims = { 3, grid.nx(), grid.ny(), grid.nz(), 1, 1, 1, 1 };
		final double[] size = { 1, grid.dx(), grid.dy(), grid.dz(), 0, 0, 0, 0 };
		for (int d = 0; d < 8; d++) {
			header.putShort(DIM + 2 * d, (short) dims[d]);
			header.putFloat(PIXDIM + 4 * d, (float) size[d]);
		}
		header.putShort(DATATYPE, voxels.type() == SavedType.FLOAT32 ? FLOAT32 : INT16);
		header.putShort(BITPIX, (short) (8 * voxels.type().bytes));
		header.putFloat(VOX_OFFSET, SINGLE_FILE_OFFSET);
		header.putFloat(SCL_SLOPE, (float) voxels.slope());
		header.putFloat(SCL_INTER, (float) voxels.intercept());
		header.put(XYZT_UNITS, (byte) MILLIMETRE);
		final byte[] text = IntensityText.of(voxels.volume().intensity()).getBytes(StandardCharsets.ISO_8859_1);
		if (text.length < DESCRIP_LENGTH) header.put(DESCRIP, text);
		header.put(MAGIC, new byte[] { 'n', '+', '1', 0 });
		return header;
	}
}
