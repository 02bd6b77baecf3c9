package org.patchct.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Parallel;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensities;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * A DICOM series, one file a slice, in one folder. Slices are sorted by their position along the normal of the slices,
 * ascending (for axial slices from the feet to the head); without positions by slice location, instance number or file
 * name. Names of files say nothing.
 */
public final class DicomFolder {

	/** Distances of slices may differ by this share: positions are often rounded to 0.1 mm or less. */
	private static final double UNEVEN = 0.1;

	/** Direction cosines that differ by less are the same orientation. */
	private static final double TURNED = 0.01;

	private DicomFolder() { }

	/** Whether a file begins as DICOM files do. */
	public static boolean isDicom(final Path file) {
		try {
			return Files.isRegularFile(file) && DicomSlice.read(file) != null;
		}
		catch (final IOException e) {
			return false;
		}
	}

	/** The series that a file belongs to, as {@link #open} wants it. */
	public static String seriesOf(final Path file) throws IOException {
		final DicomSlice slice = DicomSlice.read(file);
		return slice == null ? "" : slice.text(DicomSlice.SERIES);
	}

	/**
	 * Opens a series. CT values are Hounsfield units by the rescale slope and intercept of each slice.
	 *
	 * @param folder the folder; other files in it are passed over
	 * @param series UID of the series, or its number in the list that the error about several series gives; empty or null
	 *          if the folder has only one
	 * @param warnings told what had to be assumed
	 * @throws InvalidInputException if the folder has no DICOM slice, several series and none chosen, compressed, truncated
	 *           or multi-frame files, or slices that are missing, doubled or unevenly spaced; the message names the files
	 */
	public static Volume open(final Path folder, final String series, final Progress progress,
		final Consumer<String> warnings)
	{
		if (!Files.isDirectory(folder)) throw new InvalidInputException("There is no folder \"" + folder + "\".");
		try {
			final List<DicomSlice> slices = choose(folder, read(folder, progress.part(0, 0.3)), series, warnings);
			return assemble(folder, slices, progress.part(0.3, 1), warnings);
		}
		catch (final IOException e) {
			throw unreadable(folder, e);
		}
		catch (final UncheckedIOException e) {
			throw unreadable(folder, e.getCause());
		}
		catch (final OutOfMemoryError e) {
			throw Memory.ranOut("\"" + folder + "\"", e);
		}
	}

	private static InvalidInputException unreadable(final Path folder, final IOException e) {
		return new InvalidInputException("Cannot read \"" + folder + "\": " + e.getMessage() +
			". Check that its files may be read.", e);
	}

	private static List<DicomSlice> read(final Path folder, final Progress progress) throws IOException {
		final List<Path> files;
		try (Stream<Path> list = Files.list(folder)) {
			files = list.filter(Files::isRegularFile).sorted().toList();
		}
		final DicomSlice[] slices = new DicomSlice[files.size()];
		Parallel.loop(slices.length, i -> {
			progress.checkCancelled();
			try {
				slices[i] = DicomSlice.read(files.get(i));
			}
			catch (final IOException e) {
				throw new UncheckedIOException(e);
			}
			progress.update("Reading headers", (i + 1.0) / slices.length);
		});
		final List<DicomSlice> found = Arrays.stream(slices).filter(slice -> slice != null).toList();
		if (found.isEmpty()) throw new InvalidInputException("\"" + folder + "\" holds no DICOM images among its " + files
			.size() + " files.");
		return found;
	}

	private static List<DicomSlice> choose(final Path folder, final List<DicomSlice> slices, final String wanted,
		final Consumer<String> warnings)
	{
		// Scouts that share the series of the scan differ from it in size or orientation.
		final List<List<DicomSlice>> series = new ArrayList<>();
		for (final DicomSlice slice : slices) {
			final List<DicomSlice> own = series.stream().filter(group -> belongs(slice, group.get(0))).findFirst().orElse(
				null);
			if (own != null) own.add(slice);
			else series.add(new ArrayList<>(List.of(slice)));
		}
		series.sort(Comparator.comparingDouble(group -> orLast(group.get(0).numbers(DicomSlice.SERIES_NUMBER, 1)[0])));
		if (wanted != null && !wanted.isBlank()) {
			final String w = wanted.trim();
			if (w.matches("\\d{1,4}") && Integer.parseInt(w) >= 1 && Integer.parseInt(w) <= series.size()) return series.get(
				Integer.parseInt(w) - 1);
			final List<List<DicomSlice>> named = series.stream().filter(group -> group.get(0).text(DicomSlice.SERIES).equals(
				w)).sorted(Comparator.comparingInt(group -> -group.size())).toList();
			if (named.isEmpty()) throw new InvalidInputException("\"" + folder + "\" holds no series \"" + w + "\". " + list(
				series));
			return named.get(0);
		}
		if (series.size() == 1) return series.get(0);
		final List<List<DicomSlice>> stacks = series.stream().filter(group -> group.size() > 1).toList();
		if (stacks.size() != 1) throw new InvalidInputException("\"" + folder + "\" holds " + series.size() +
			" series. Choose one by its number or UID, or put each into a folder of its own. " + list(series));
		warnings.accept("\"" + folder + "\": of several series the only one with more than one slice is taken. " + list(
			series));
		return stacks.get(0);
	}

	private static double orLast(final double number) {
		return Double.isNaN(number) ? Double.MAX_VALUE : number;
	}

	private static boolean belongs(final DicomSlice a, final DicomSlice b) {
		if (!a.text(DicomSlice.SERIES).equals(b.text(DicomSlice.SERIES)) || a.columns() != b.columns() || a.rows() != b
			.rows()) return false;
		final double[] p = a.numbers(DicomSlice.ORIENTATION, 6), q = b.numbers(DicomSlice.ORIENTATION, 6);
		for (int i = 0; i < 6; i++)
			// A missing orientation is NaN, which is not turned against anything.
			if (Math.abs(p[i] - q[i]) > TURNED) return false;
		return true;
	}

	private static String list(final List<List<DicomSlice>> series) {
		final StringBuilder list = new StringBuilder("Series:");
		for (int i = 0; i < series.size(); i++) {
			final DicomSlice first = series.get(i).get(0);
			list.append(String.format(Locale.ROOT, "%n%d: %d slices of %d x %d, series number %s, \"%s\", %s", i + 1, series
				.get(i).size(), first.columns(), first.rows(), first.text(DicomSlice.SERIES_NUMBER), first.text(
					DicomSlice.SERIES_DESCRIPTION), first.text(DicomSlice.SERIES)));
		}
		return list.toString();
	}

	private static Volume assemble(final Path folder, final List<DicomSlice> slices, final Progress progress,
		final Consumer<String> warnings)
	{
		final DicomSlice first = slices.get(0);
		for (final DicomSlice slice : slices)
			try {
				slice.requireReadable();
			}
			catch (final IOException e) {
				throw new UncheckedIOException(e);
			}
		if (slices.size() == 1) throw new InvalidInputException("\"" + folder + "\" holds a single DICOM slice, \"" + first
			.file().getFileName() + "\". A volume needs the whole series in one folder.");
		final int nx = first.columns(), ny = first.rows(), nz = slices.size();
		Memory.requireRoom("\"" + folder + "\" (" + nx + " x " + ny + " x " + nz + " voxels)", (double) nx * ny * nz);
		final Sorted sorted = Sorted.of(slices, warnings);
		final double[] inPlane = first.numbers(DicomSlice.PIXEL_SPACING, 2);
		if (!(inPlane[0] > 0 && inPlane[1] > 0)) {
			warnings.accept("\"" + folder + "\" has no pixel spacing, so its pixels are read as 1 mm wide.");
			Arrays.fill(inPlane, 1);
		}
		final float[][] planes = new float[nz][];
		Parallel.loop(nz, k -> {
			progress.checkCancelled();
			try {
				planes[k] = sorted.slices.get(k).pixels();
			}
			catch (final IOException e) {
				throw new UncheckedIOException(e);
			}
			progress.update("Reading slices", (k + 1.0) / nz);
		});
		final Img<FloatType> img = Layouts.wrap(planes, nx, ny);
		final String name = folder.toAbsolutePath().normalize().getFileName().toString();
		final Intensity guess = Intensities.guess(name, img);
		final String type = first.text(DicomSlice.RESCALE_TYPE);
		final boolean hounsfield = first.text(DicomSlice.MODALITY).equals("CT") && (type.isEmpty() || type.equals("HU"));
		// Pixel spacing gives the distance of rows first.
		return new Volume(name, img, new Grid(nx, ny, nz, inPlane[1], inPlane[0], sorted.spacing), hounsfield ? Intensity.HU
			: guess);
	}

	/** Slices in order, and their distance in mm. */
	private record Sorted(List<DicomSlice> slices, double spacing) {

		static Sorted of(final List<DicomSlice> slices, final Consumer<String> warnings) {
			final double[] normal = normal(slices.get(0));
			final double[] positions = new double[slices.size()], locations = new double[slices.size()],
					instances = new double[slices.size()];
			for (int k = 0; k < positions.length; k++) {
				final double[] p = slices.get(k).numbers(DicomSlice.POSITION, 3);
				positions[k] = p[0] * normal[0] + p[1] * normal[1] + p[2] * normal[2];
				locations[k] = slices.get(k).numbers(DicomSlice.LOCATION, 1)[0];
				instances[k] = slices.get(k).numbers(DicomSlice.INSTANCE, 1)[0];
			}
			if (allFinite(positions)) {
				final Sorted sorted = by(positions, slices, " mm");
				warnOfTilt(sorted, normal, warnings);
				return sorted;
			}
			if (allFinite(locations)) return by(locations, slices, " mm");
			if (allFinite(instances)) return new Sorted(by(instances, slices, "").slices, tagged(slices,
				warnings));
			warnings.accept(
				"The slices have neither positions nor numbers, so they are taken in the order of their file names.");
			return new Sorted(slices, tagged(slices, warnings));
		}

		private static boolean allFinite(final double[] values) {
			return Arrays.stream(values).allMatch(Double::isFinite);
		}

		/** Cross product of the directions of rows and columns. */
		private static double[] normal(final DicomSlice slice) {
			final double[] o = slice.numbers(DicomSlice.ORIENTATION, 6);
			if (!allFinite(o)) return new double[] { 0, 0, 1 };
			return new double[] { o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3] };
		}

		private static Sorted by(final double[] keys, final List<DicomSlice> slices, final String unit) {
			final Integer[] order = new Integer[keys.length];
			Arrays.setAll(order, i -> i);
			Arrays.sort(order, Comparator.comparingDouble(i -> keys[i]));
			final double[] steps = new double[keys.length - 1];
			for (int k = 0; k < steps.length; k++)
				steps[k] = keys[order[k + 1]] - keys[order[k]];
			final double[] ranked = steps.clone();
			Arrays.sort(ranked);
			final double usual = ranked[ranked.length / 2];
			for (int k = 0; k < steps.length; k++) {
				final DicomSlice a = slices.get(order[k]), b = slices.get(order[k + 1]);
				final String between = "\"" + a.file().getFileName() + "\" (" + rounded(keys[order[k]]) + unit + ") and \"" + b
					.file().getFileName() + "\" (" + rounded(keys[order[k + 1]]) + unit + ")";
				if (steps[k] < 0.01 * usual || usual == 0) throw new InvalidInputException("Two slices lie at the same place: " +
					between + ". Remove one of each such pair, or put each phase of the scan into a folder of its own.");
				final String step = between + ": the step there is " + rounded(steps[k]) + unit + ", elsewhere " + rounded(
					usual) + unit + ". ";
				if (steps[k] > 1.5 * usual) throw new InvalidInputException("Slices are missing between " + step +
					"Copy the whole series again.");
				if (Math.abs(steps[k] - usual) > UNEVEN * usual) throw new InvalidInputException(
					"The slices are unevenly spaced between " + step + "Choose a series with even steps.");
			}
			final double mean = (keys[order[order.length - 1]] - keys[order[0]]) / steps.length;
			return new Sorted(Arrays.stream(order).map(slices::get).toList(), mean);
		}

		private static String rounded(final double value) {
			return BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString();
		}

		private static double tagged(final List<DicomSlice> slices, final Consumer<String> warnings) {
			for (final int tag : new int[] { DicomSlice.SPACING, DicomSlice.THICKNESS }) {
				final double spacing = Math.abs(slices.get(0).numbers(tag, 1)[0]);
				if (spacing > 0 && Double.isFinite(spacing)) return spacing;
			}
			warnings.accept("The slices have neither positions nor a thickness, so their distance is read as 1 mm.");
			return 1;
		}

		/** With a tilted gantry each slice is shifted against the one before, which a regular grid cannot express. */
		private static void warnOfTilt(final Sorted sorted, final double[] normal, final Consumer<String> warnings) {
			final double[] from = sorted.slices.get(0).numbers(DicomSlice.POSITION, 3);
			final double[] to = sorted.slices.get(sorted.slices.size() - 1).numbers(DicomSlice.POSITION, 3);
			final double along = (sorted.slices.size() - 1) * sorted.spacing;
			double shift = 0;
			for (int d = 0; d < 3; d++)
				shift += Math.pow(to[d] - from[d] - along * normal[d], 2);
			if (Math.sqrt(shift) > TURNED * along) warnings.accept(String.format(Locale.ROOT,
				"The gantry was tilted: the last slice is shifted by %.3g mm against the first, and the volume is sheared.", Math
					.sqrt(shift)));
		}
	}
}
