package org.patchct.scan;

import java.util.Arrays;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;

/**
 * A scan: line integrals of the linear attenuation (dimensionless, −ln of the transmission) with their geometry.
 *
 * @param name title, used to name results
 * @param img radiographs, (u, v, view), origin at 0
 * @param geometry where each radiograph was taken
 * @param grid the grid that reconstructions use unless told otherwise
 * @param intensity the units of reconstructions
 */
public record Projections(String name, Img<FloatType> img, ScanGeometry geometry, Grid grid, Intensity intensity) {

	public Projections {
		if (img.numDimensions() != 3) throw new InvalidInputException("Projections must be a stack (bin, row, view); \"" +
			name + "\" has " + img.numDimensions() + " dimensions.");
		if (img.dimension(2) != geometry.views()) throw new InvalidInputException("\"" + name + "\" has " + img.dimension(
			2) + " radiographs but its geometry has " + geometry.views() +
			" angles: give one angle for every radiograph.");
		if (img.dimension(0) != geometry.bins() || img.dimension(1) != geometry.rows()) throw new InvalidInputException(
			"\"" + name + "\" has radiographs of " + img.dimension(0) + " x " + img.dimension(1) +
				" pixels but its geometry says " + geometry.bins() + " bins x " + geometry.rows() + " rows.");
	}

	/** The same scan under another name. */
	public Projections named(final String newName) {
		return new Projections(newName, img, geometry, grid, intensity);
	}

	/** The line integrals in the solvers' layout: column (bin, view), indexed by detector row. */
	public Columns toColumns() {
		final float[][] planes = Layouts.planes(img);
		final int nu = geometry.bins(), nv = geometry.rows();
		final Columns columns = new Columns(nu, geometry.views(), nv);
		Parallel.loop(planes.length, view -> {
			for (int u = 0; u < nu; u++) {
				final float[] column = columns.column(u, view);
				for (int v = 0; v < nv; v++)
					column[v] = planes[view][u + nu * v];
			}
		});
		return columns;
	}

	/** The inverse of {@link #toColumns}: a radiograph stack (u, v, view). */
	public static Img<FloatType> toImage(final Columns columns) {
		final int nu = columns.nx(), nv = columns.nz(), views = columns.ny();
		final float[][] planes = new float[views][nu * nv];
		Parallel.loop(views, view -> {
			for (int u = 0; u < nu; u++) {
				final float[] column = columns.column(u, view);
				for (int v = 0; v < nv; v++)
					planes[view][u + nu * v] = column[v];
			}
		});
		return Layouts.wrap(planes, nu, nv);
	}

	/**
	 * Line integrals in window units, y / {@link Intensity#muHigh}, so that solving A x = y gives the volume in [0, 1].
	 */
	public Columns normalised() {
		return toColumns().scale((float) (1 / intensity.muHigh()));
	}

	@Override
	public String toString() {
		return name + " (" + geometry + ", image " + Arrays.toString(img.dimensionsAsLongArray()) + ")";
	}
}
