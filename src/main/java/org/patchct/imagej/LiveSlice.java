package org.patchct.imagej;

import java.awt.GraphicsEnvironment;

import ij.ImagePlus;
import ij.macro.Interpreter;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.task.Iterate;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * A window with the middle slice of the newest iterate, until it is closed by the user or because the result takes its
 * place. There is none without a display or in ImageJ's batch mode.
 */
final class LiveSlice {

	/** Time between updates, ns. */
	private static final long UPDATE = 1_000_000_000L;

	private final String title;

	private final Grid grid;

	private final Intensity intensity;

	private ImagePlus image;

	private long shown;

	/**
	 * @param grid gives the voxel size; null if unknown
	 * @param intensity gives unit and display range; null if unknown, when the display range follows the values
	 */
	LiveSlice(final String title, final Grid grid, final Intensity intensity) {
		this.title = title;
		this.grid = grid;
		this.intensity = intensity;
	}

	/** Shows the middle slice, at most once a second. */
	void show(final Iterate iterate) {
		final long now = System.nanoTime();
		if (GraphicsEnvironment.isHeadless() || Interpreter.isBatchMode() || now - shown < UPDATE) return;
		if (image != null && !image.isVisible()) return;
		shown = now;
		final Img<FloatType> volume = iterate.volume().get();
		final int nx = (int) volume.dimension(0), ny = (int) volume.dimension(1);
		final float[][] planes = Layouts.planes(volume);
		final float[] middle = planes[planes.length / 2];
		if (image != null && (image.getWidth() != nx || image.getHeight() != ny)) close();
		if (image == null) {
			image = Images.toImagePlus(new Volume(title, Layouts.wrap(new float[][] { middle }, nx, ny), grid == null ? new Grid(
				nx, ny, 1, 1, 1, 1) : new Grid(nx, ny, 1, grid.dx(), grid.dy(), grid.dz()), intensity == null ? Intensity
					.grey(0, 1) : intensity));
			if (intensity == null) image.resetDisplayRange();
			image.show();
			return;
		}
		// Into its pixels, so that a display range that the user has set stays.
		System.arraycopy(middle, 0, image.getProcessor().getPixels(), 0, middle.length);
		if (intensity == null) image.resetDisplayRange();
		image.updateAndDraw();
	}

	void close() {
		if (image == null) return;
		image.changes = false;
		image.close();
		image = null;
	}
}
