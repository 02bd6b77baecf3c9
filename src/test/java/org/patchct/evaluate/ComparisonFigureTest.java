package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

/** The parts of the comparison's figure that decide what is shown. */
class ComparisonFigureTest {

	@Test
	void insetEnlargesTheMostDetailedPart() {
		final BufferedImage slice = new BufferedImage(100, 80, BufferedImage.TYPE_BYTE_GRAY);
		for (int y = 50; y < 64; y++)
			for (int x = 20; x < 34; x++)
				slice.getRaster().setSample(x, y, 0, (x + y) % 2 * 90);
		final Inset inset = new Inset(slice, 200, 160);
		final Rectangle part = inset.part();
		assertTrue(part.intersection(new Rectangle(19, 49, 16, 16)).width >= 13, part.toString());
		assertEquals(part.width, part.height);
	}

	/** The corner that is free is the top right one: the others are bright or hold what is enlarged. */
	@Test
	void insetIsDrawnInTheEmptiestCorner() {
		final BufferedImage slice = new BufferedImage(60, 60, BufferedImage.TYPE_BYTE_GRAY);
		for (int y = 0; y < 60; y++)
			for (int x = 0; x < 60; x++)
				slice.getRaster().setSample(x, y, 0, y > 30 ? 200 : x < 12 && y < 12 ? (x + y) % 2 * 255 : 0);
		final BufferedImage panel = new BufferedImage(120, 120, BufferedImage.TYPE_INT_RGB);
		final Graphics2D g = panel.createGraphics();
		new Inset(slice, 120, 120).draw(g, slice, 0, 0);
		g.dispose();
		int lit = 0;
		for (int y = 2; y < 46; y++)
			for (int x = 74; x < 118; x++)
				if ((panel.getRGB(x, y) & 0xff) > 60) lit++;
		assertTrue(lit > 200, lit + " pixels of the enlarged part");
	}

	@Test
	void errorScaleEndsAtARoundNumberThatSuitsTheMethodInTheMiddle() {
		final float[] small = new float[100], middle = new float[100], large = new float[100];
		Arrays.fill(small, 3);
		Arrays.fill(middle, 37);
		Arrays.fill(large, 900);
		assertEquals(new ErrorScale(50, "HU"), ErrorScale.of(List.of(large, small, middle), "HU"));
		assertEquals(new ErrorScale(5, "HU"), ErrorScale.of(List.of(small), "HU"));
		assertEquals(new ErrorScale(1, "HU"), ErrorScale.of(List.of(new float[9]), "HU"));
	}

	@Test
	void errorsAreBrighterTheLargerTheyAre() {
		final BufferedImage image = new ErrorScale(10, "HU").image(new float[] { 0, 2, 5, 8, 10, 400 }, 3);
		assertEquals(2, image.getHeight());
		double before = -1;
		for (int i = 0; i < 5; i++) {
			final int rgb = image.getRGB(i % 3, i / 3);
			final double lightness = 0.21 * (rgb >> 16 & 255) + 0.72 * (rgb >> 8 & 255) + 0.07 * (rgb & 255);
			assertTrue(lightness > before, i + ": " + lightness + " after " + before);
			before = lightness;
		}
		assertEquals(image.getRGB(1, 1), image.getRGB(2, 1));
	}
}
