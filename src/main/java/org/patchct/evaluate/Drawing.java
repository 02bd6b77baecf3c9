package org.patchct.evaluate;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.imageio.ImageIO;

import org.patchct.io.WholeFile;

/** What the figures share. */
final class Drawing {

	static final Color INK = new Color(0x20, 0x20, 0x20), PALE = new Color(0x60, 0x60, 0x60);

	static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

	private Drawing() { }

	/** A pen for smooth text and lines on an image that is made white. */
	static Graphics2D onWhite(final BufferedImage image) {
		final Graphics2D g = image.createGraphics();
		g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
		g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
		g.setColor(Color.WHITE);
		g.fillRect(0, 0, image.getWidth(), image.getHeight());
		g.setFont(FONT);
		return g;
	}

	/** Writes a PNG file, whole or not at all. */
	static void write(final BufferedImage image, final Path file) {
		WholeFile.write(file, temporary -> {
			if (!ImageIO.write(image, "png", temporary.toFile())) throw new IOException("no PNG writer");
		});
	}

	static void centred(final Graphics2D g, final String text, final int x, final int baseline) {
		g.drawString(text, x - g.getFontMetrics().stringWidth(text) / 2, baseline);
	}

	/** Text made smaller if it is wider than {@code width}. */
	static void centred(final Graphics2D g, final String text, final int x, final int baseline, final int width) {
		final Font before = g.getFont();
		g.setFont(before.deriveFont(before.getSize2D() * Math.min(1f, (float) width / g.getFontMetrics().stringWidth(text))));
		centred(g, text, x, baseline);
		g.setFont(before);
	}

	/** Text that reads upwards, its baseline at x, centred on y. */
	static void upright(final Graphics2D g, final String text, final int x, final int y) {
		final var before = g.getTransform();
		g.rotate(-Math.PI / 2, x, y);
		centred(g, text, x, y);
		g.setTransform(before);
	}

	/** The text broken at blanks to fit a width. */
	static List<String> lines(final String text, final int width) {
		final Graphics2D g = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
		final FontMetrics metrics = g.getFontMetrics(FONT);
		g.dispose();
		final List<String> lines = new ArrayList<>();
		String line = "";
		for (final String word : text.split(" ")) {
			final String longer = line.isEmpty() ? word : line + " " + word;
			if (!line.isEmpty() && metrics.stringWidth(longer) > width) {
				lines.add(line);
				line = word;
			}
			else line = longer;
		}
		lines.add(line);
		return lines;
	}
}
