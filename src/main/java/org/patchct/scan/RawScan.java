package org.patchct.scan;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a scanner wrote, found but not yet read. Closing it closes the file.
 *
 * @param name title, used to name results
 * @param data the measured values
 * @param flats images without object, or null
 * @param darks images without beam, or null
 * @param angles view angles in degrees as the file has them, or null
 * @param pixel distance of detector bins as the file says, mm; 0 if it does not
 * @param file what to close
 */
public record RawScan(String name, Planes data, Planes flats, Planes darks, double[] angles, double pixel,
	Closeable file) implements AutoCloseable
{

	/** The same with the flats and darks of other files, where these are not null. */
	public RawScan with(final Planes otherFlats, final Planes otherDarks) {
		return new RawScan(name, data, otherFlats == null ? flats : otherFlats, otherDarks == null ? darks : otherDarks,
			angles, pixel, file);
	}

	/** The same with other angles, where these are not null. */
	public RawScan with(final double[] otherAngles) {
		return otherAngles == null ? this : new RawScan(name, data, flats, darks, otherAngles, pixel, file);
	}

	@Override
	public void close() {
		try {
			file.close();
		}
		catch (final IOException e) {
			throw new UncheckedIOException(e);
		}
	}
}
