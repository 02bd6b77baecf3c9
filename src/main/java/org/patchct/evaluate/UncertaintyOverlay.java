package org.patchct.evaluate;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Parallel;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * The uncertainty of a volume in colours over its grey values.
 *
 * @param window of the grey values
 * @param opacity of the colours, 0 to 1
 * @param threshold uncertainty from which a voxel is coloured
 * @param most uncertainty that has the last colour
 * @param unit of the uncertainty
 */
public record UncertaintyOverlay(GreyWindow window, double opacity, double threshold, double most, String unit) {

	/** Share of the colour scale below which an automatic threshold leaves voxels grey. */
	private static final double GREY_SHARE = 0.2;

	private static final int MOST_LEGEND = 160, LEAST_TEXT = 9;

	/**
	 * @param threshold 0 for a fifth of the scale
	 * @param most 0 for a scale that suits the values
	 * @throws InvalidInputException if the scale ends before the threshold
	 */
	public static UncertaintyOverlay of(final Volume uncertainty, final GreyWindow window, final double opacity,
		final double threshold, final double most)
	{
		final double end = most > 0 ? most : Math.max(ErrorScale.of(uncertainty).most(), threshold > 0 ? 2 * threshold : 0);
		if (threshold >= end) throw new InvalidInputException("Threshold " + threshold + " and end of the colours " + end +
			": the threshold must be the smaller one.");
		return new UncertaintyOverlay(window, opacity, threshold > 0 ? threshold : GREY_SHARE * end, end, uncertainty
			.intensity().unit());
	}

	/** Width of the slices, which have their legend at the right. */
	public int width(final Grid grid) {
		return grid.nx() + legend(grid.ny()).getWidth();
	}

	/**
	 * The slices with their legend as 0xRRGGBB, {@link #width} to a row.
	 *
	 * @throws InvalidInputException if the volumes differ in size, voxel size or unit, or memory lacks
	 */
	public int[][] slices(final Volume mean, final Volume uncertainty) {
		SameVoxels.require(mean, uncertainty);
		final int nx = mean.grid().nx(), ny = mean.grid().ny(), width = width(mean.grid());
		Memory.requireRoom("The overlay on \"" + mean.name() + "\"", (double) width * ny * mean.grid().nz());
		final BufferedImage legend = legend(ny);
		final float[][] grey = Layouts.planes(mean.img()), u = Layouts.planes(uncertainty.img());
		final int[][] slices = new int[grey.length][width * ny];
		Parallel.loop(slices.length, k -> {
			for (int y = 0; y < ny; y++)
				for (int x = 0; x < nx; x++)
					slices[k][x + width * y] = colour(grey[k][x + nx * y], u[k][x + nx * y]);
			legend.getRGB(0, 0, width - nx, Math.min(ny, legend.getHeight()), slices[k], nx, width);
		});
		return slices;
	}

	private int colour(final float value, final float uncertain) {
		final int base = 0x010101 * window.grey(value);
		return uncertain < threshold ? base : ColourMap.blend(base, ColourMap.INFERNO.rgb(uncertain / most), opacity);
	}

	/** A bar with the colours from the threshold on and their values, beside slices of this height. */
	private BufferedImage legend(final int height) {
		final int h = Math.min(MOST_LEGEND, height), text = Math.max(LEAST_TEXT, h / 10), bar = text, top = 2 * text;
		final int length = Math.max(2, h - 3 * text);
		final BufferedImage image = new BufferedImage(5 * text, h, BufferedImage.TYPE_INT_RGB);
		final Graphics2D g = image.createGraphics();
		g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
		g.setFont(Drawing.FONT.deriveFont(Font.PLAIN, text));
		g.setColor(Color.WHITE);
		g.drawString("SD (" + unit + ")", 3, text);
		for (int i = 0; i < length; i++) {
			final double value = threshold + (most - threshold) * (1 - (double) i / (length - 1));
			// Over middle grey, as in most of a slice.
			g.setColor(new Color(ColourMap.blend(0x808080, ColourMap.INFERNO.rgb(value / most), opacity)));
			g.fillRect(3, top + i, bar, 1);
		}
		g.setColor(Color.WHITE);
		for (int tick = 0; tick <= 2; tick++)
			g.drawString((tick == 2 ? "≥ " : "") + GreyWindow.number(threshold + (most - threshold) * tick / 2), bar + 7, top +
				length - tick * length / 2 + text / 3);
		g.dispose();
		return image;
	}
}
