package org.patchct.imagej;

import java.io.File;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.patchct.io.Hdf5Scan;
import org.patchct.io.MatScan;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.ViewAngles;
import org.patchct.task.InvalidInputException;

/** One door for measured scans of every format. */
public final class ScanOpener {

	public static final String FORMATS = "Scans can be TIFF stacks (.tif), folders of TIFF files, HDF5 files (.h5, .hdf5, " +
		".nxs) such as DataExchange's, and MATLAB files (.mat).";

	/** A number with its separator is at most this long; a larger file is no list of angles. */
	private static final long MOST_ANGLE_BYTES = 64L * ScanGeometry.MAX_VIEWS;

	private ScanOpener() { }

	/**
	 * Finds a scan; its images are read later.
	 *
	 * @param path file or folder
	 * @param variable which array of an HDF5 or MATLAB file holds the measured values; null or empty to find it
	 * @param flats file or folder of images without object, null for the scan's own
	 * @param darks file or folder of images without beam, null for the scan's own
	 * @param angles text file of view angles, null for the scan's own
	 * @throws InvalidInputException if a file is missing, damaged or of another format; the message says which
	 */
	public static RawScan open(final Path path, final String variable, final File flats, final File darks,
		final File angles)
	{
		final RawScan scan = open(path, variable);
		try {
			return scan.with(flats == null ? null : new TiffPlanes(flats.toPath()), darks == null ? null : new TiffPlanes(darks
				.toPath())).with(angles == null ? null : angles(angles.toPath()));
		}
		catch (final RuntimeException e) {
			scan.close();
			throw e;
		}
	}

	private static RawScan open(final Path path, final String variable) {
		if (!Files.exists(path)) throw new InvalidInputException("There is no file or folder \"" + path + "\". " + FORMATS);
		if (Files.isDirectory(path) || TiffPlanes.isNamed(path)) {
			final TiffPlanes planes = new TiffPlanes(path);
			final String name = path.toAbsolutePath().getFileName().toString().replaceFirst("(?i)\\.tiff?$", "");
			return new RawScan(name, planes, null, null, null, planes.pixel(), () -> { });
		}
		if (Hdf5Scan.isNamed(path)) return Hdf5Scan.open(path, variable);
		if (MatScan.isNamed(path)) return MatScan.open(path, variable);
		throw new InvalidInputException("\"" + path + "\" is of no known format. " + FORMATS);
	}

	/** Angles of a text file, in degrees. */
	private static double[] angles(final Path file) {
		try {
			if (Files.size(file) > MOST_ANGLE_BYTES) throw new InvalidInputException("\"" + file + "\" has " + Files.size(
				file) + " bytes: a list of view angles is shorter. Give a text file with one number for each view.");
			return ViewAngles.degrees(ViewAngles.parse("\"" + file + "\"", Files.readString(file)));
		}
		catch (final MalformedInputException e) {
			throw new InvalidInputException("\"" + file + "\" is no text. Give a text file with one number for each view.", e);
		}
		catch (final IOException e) {
			throw new InvalidInputException("Cannot read the view angles in \"" + file +
				"\". Give a text file with one number for each view.", e);
		}
	}
}
