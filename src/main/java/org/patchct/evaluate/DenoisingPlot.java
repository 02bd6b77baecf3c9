package org.patchct.evaluate;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

import org.patchct.evaluate.PriorEvaluation.Row;

/** PSNR against noise level, one curve each for the noisy volume, total variation and the prior. */
final class DenoisingPlot {

	private static final int WIDTH = 640, HEIGHT = 400, LEFT = 70, RIGHT = 24, TOP = 20, BOTTOM = 66, LINE = 20, DOT = 7;

	/** Room in the frame at either side of the first and last level. */
	private static final int INSET = 40;

	private record Curve(String name, Color colour, ToDoubleFunction<Row> value) { }

	/** Distinguishable with impaired colour vision (Okabe and Ito 2008). */
	private static final List<Curve> CURVES = List.of(new Curve("prior", new Color(0x00, 0x72, 0xb2), Row::prior),
		new Curve("total variation, best weight", new Color(0xd5, 0x5e, 0x00), Row::tv), new Curve("noisy", Drawing.PALE,
			Row::noisy));

	private final List<Row> rows;

	private final String caption;

	private final int low, high;

	/** @param rows in the order of their levels, at least two */
	DenoisingPlot(final List<Row> rows, final String caption) {
		this.rows = rows;
		this.caption = caption;
		low = (int) Math.floor(extreme(false) / 5) * 5;
		high = Math.max(low + 5, (int) Math.ceil(extreme(true) / 5) * 5);
	}

	private double extreme(final boolean largest) {
		final var values = rows.stream().flatMap(row -> CURVES.stream().map(curve -> curve.value.applyAsDouble(row)));
		// A perfect result has an infinite PSNR.
		return values.filter(Double::isFinite).reduce(largest ? Math::max : Math::min).orElse(0.0);
	}

	/** Writes a PNG file, whole or not at all. */
	void write(final Path file) {
		Drawing.write(draw(), file);
	}

	private BufferedImage draw() {
		final List<String> lines = Drawing.lines(caption, WIDTH - 2 * RIGHT);
		final BufferedImage image = new BufferedImage(WIDTH, HEIGHT + lines.size() * LINE, BufferedImage.TYPE_INT_RGB);
		final Graphics2D g = Drawing.onWhite(image);
		g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
		axes(g);
		for (int c = 0; c < CURVES.size(); c++)
			draw(g, CURVES.get(c), TOP + 24 + c * LINE);
		g.setColor(Drawing.PALE);
		for (int i = 0; i < lines.size(); i++)
			g.drawString(lines.get(i), RIGHT, HEIGHT + 8 + i * LINE);
		g.dispose();
		return image;
	}

	private void axes(final Graphics2D g) {
		for (int psnr = low; psnr <= high; psnr += 5) {
			g.setColor(new Color(0xe0, 0xe0, 0xe0));
			g.drawLine(LEFT, y(psnr), WIDTH - RIGHT, y(psnr));
			g.setColor(Drawing.INK);
			g.drawString(String.valueOf(psnr), LEFT - 24, y(psnr) + 5);
		}
		for (int i = 0; i < rows.size(); i++) {
			g.drawLine(x(i), HEIGHT - BOTTOM, x(i), HEIGHT - BOTTOM + 5);
			Drawing.centred(g, String.format(Locale.ROOT, "%d (%.2f)", rows.get(i).t(), rows.get(i).sigma()), x(i), HEIGHT -
				BOTTOM + 20);
		}
		g.drawRect(LEFT, TOP, WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP);
		Drawing.centred(g, "noise level t (standard deviation on data in [0, 1])", (LEFT + WIDTH - RIGHT) / 2, HEIGHT -
			BOTTOM + 44);
		Drawing.upright(g, "PSNR (dB)", 24, (TOP + HEIGHT - BOTTOM) / 2);
	}

	private void draw(final Graphics2D g, final Curve curve, final int legend) {
		g.setColor(curve.colour);
		g.setStroke(new BasicStroke(2));
		for (int i = 0; i < rows.size(); i++) {
			final int x = x(i), y = y(curve.value.applyAsDouble(rows.get(i)));
			g.fillOval(x - DOT / 2, y - DOT / 2, DOT, DOT);
			if (i > 0) g.drawLine(x(i - 1), y(curve.value.applyAsDouble(rows.get(i - 1))), x, y);
		}
		final int right = WIDTH - RIGHT - 12, wide = g.getFontMetrics().stringWidth(curve.name);
		g.drawLine(right - wide - 34, legend - 5, right - wide - 10, legend - 5);
		g.setColor(Drawing.INK);
		g.drawString(curve.name, right - wide, legend);
	}

	/** Levels are doubled from one to the next, so even distances are a logarithmic axis. */
	private int x(final int index) {
		final int width = WIDTH - RIGHT - LEFT - 2 * INSET;
		return LEFT + INSET + width * index / Math.max(1, rows.size() - 1);
	}

	private int y(final double psnr) {
		final double share = (Math.min(high, psnr) - low) / (high - low);
		return (int) Math.round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP));
	}
}
