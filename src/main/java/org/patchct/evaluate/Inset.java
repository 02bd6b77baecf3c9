package org.patchct.evaluate;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * An enlarged part of a slice in one of the corners of its panel: the part where the reference has most detail, in the
 * corner where it shows least. It is chosen once from the reference and drawn alike on every result.
 */
final class Inset {

	/** Side of the inset relative to the panel's shorter side, and how much larger it shows things than the panel. */
	private static final double SIDE = 0.4, MAGNIFICATION = 2.2;

	/** Yellow of Okabe and Ito (2008), which stands out from every grey. */
	private static final Color FRAME = new Color(0xf0, 0xe4, 0x42);

	/** What is enlarged, in pixels of the slice; the same in pixels of the panel; and where it is shown there. */
	private final Rectangle part, framed, shown;

	/**
	 * @param reference the slice, grey
	 * @param width of the panel that the slice is drawn in, pixels
	 * @param height of that panel
	 */
	Inset(final BufferedImage reference, final int width, final int height) {
		final int nx = reference.getWidth(), ny = reference.getHeight();
		final int side = (int) Math.round(SIDE * Math.min(width, height));
		final double sx = (double) width / nx, sy = (double) height / ny;
		final Rectangle size = new Rectangle(length(side / MAGNIFICATION / sx), length(side / MAGNIFICATION / sy));
		part = mostDetailed(reference, size.width, size.height);
		framed = new Rectangle((int) Math.round(part.x * sx), (int) Math.round(part.y * sy), length(part.width * sx), length(
			part.height * sy));
		shown = emptiestCorner(reference, width, height, side);
	}

	private static int length(final double pixels) {
		return (int) Math.max(1, Math.round(pixels));
	}

	/** What is enlarged, in pixels of the slice. */
	Rectangle part() {
		return new Rectangle(part);
	}

	/** Draws the inset and frames what it shows; the slice has been drawn at (left, top). */
	void draw(final Graphics2D g, final BufferedImage slice, final int left, final int top) {
		final Graphics2D pen = (Graphics2D) g.create();
		pen.translate(left, top);
		pen.drawImage(slice, shown.x, shown.y, shown.x + shown.width, shown.y + shown.height, part.x, part.y, part.x +
			part.width, part.y + part.height, null);
		pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
		pen.setColor(FRAME);
		pen.setStroke(new BasicStroke(1.5f));
		pen.drawRect(shown.x, shown.y, shown.width - 1, shown.height - 1);
		pen.drawRect(framed.x, framed.y, framed.width - 1, framed.height - 1);
		pen.dispose();
	}

	/**
	 * The rectangle of this size with the largest sum of steps between neighbouring pixels. Their square roots are added, so
	 * that fine structure counts for more than the outline of bone or air.
	 */
	private static Rectangle mostDetailed(final BufferedImage slice, final int width, final int height) {
		final int nx = slice.getWidth(), ny = slice.getHeight();
		// Sums over everything above and to the left.
		final double[][] sums = new double[ny + 1][nx + 1];
		for (int y = 0; y < ny; y++)
			for (int x = 0; x < nx; x++) {
				final int here = grey(slice, x, y);
				final int steps = Math.abs(grey(slice, Math.min(nx - 1, x + 1), y) - here) + Math.abs(grey(slice, x, Math.min(ny -
					1, y + 1)) - here);
				sums[y + 1][x + 1] = Math.sqrt(steps) + sums[y][x + 1] + sums[y + 1][x] - sums[y][x];
			}
		Rectangle best = new Rectangle(width, height);
		double most = -1;
		for (int y = 0; y + height <= ny; y++)
			for (int x = 0; x + width <= nx; x++) {
				final double sum = sums[y + height][x + width] - sums[y][x + width] - sums[y + height][x] + sums[y][x];
				if (sum > most) {
					most = sum;
					best = new Rectangle(x, y, width, height);
				}
			}
		return best;
	}

	/** The corner that hides least of the slice's bright parts, and nothing of what is enlarged if that can be. */
	private Rectangle emptiestCorner(final BufferedImage slice, final int width, final int height, final int side) {
		return Stream.of(new Rectangle(0, height - side, side, side), new Rectangle(width - side, height - side, side, side),
			new Rectangle(width - side, 0, side, side), new Rectangle(0, 0, side, side)).min(Comparator.comparingDouble(
				corner -> brightness(slice, width, height, corner) + (corner.intersects(framed) ? 255 : 0))).orElseThrow();
	}

	/** Mean grey of what a rectangle of the panel hides. */
	private static double brightness(final BufferedImage slice, final int width, final int height,
		final Rectangle corner)
	{
		final int nx = slice.getWidth(), ny = slice.getHeight();
		double sum = 0;
		for (int y = corner.y; y < corner.y + corner.height; y++)
			for (int x = corner.x; x < corner.x + corner.width; x++)
				sum += grey(slice, x * nx / width, y * ny / height);
		return sum / (corner.width * corner.height);
	}

	private static int grey(final BufferedImage slice, final int x, final int y) {
		return slice.getRaster().getSample(x, y, 0);
	}
}
