package org.patchct.evaluate;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * Colours of absolute errors: black for none, brighter for more, and pale yellow from {@code most} on.
 *
 * @param most the end of the scale
 * @param unit of the errors
 */
record ErrorScale(double most, String unit) {

	/** This share of the errors of the method in the middle is within the scale, so that others go dark or saturate. */
	private static final double SHARE = 0.95;

	private static final int SAMPLED = 1_000_000;

	private static final int BAR = 14, TEXT = 13;

	/** A scale that suits the errors of several methods in one case, ending at 1, 2 or 5 times a power of ten. */
	static ErrorScale of(final List<float[]> errors, final String unit) {
		final double[] ends = errors.stream().mapToDouble(ErrorScale::end).sorted().toArray();
		final double end = ends.length == 0 ? 0 : ends[ends.length / 2];
		if (!(end > 0)) return new ErrorScale(1, unit);
		final double power = Math.pow(10, Math.floor(Math.log10(end)));
		final double digit = end / power;
		return new ErrorScale(power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10), unit);
	}

	/** A scale that suits the magnitudes of a volume's values, judged by about {@value #SAMPLED} of them. */
	static ErrorScale of(final Volume volume) {
		final float[][] planes = Layouts.planes(volume.img());
		final long stride = 1 + volume.grid().voxels() / SAMPLED;
		final float[] errors = new float[(int) ((volume.grid().voxels() + stride - 1) / stride)];
		for (int i = 0; i < errors.length; i++) {
			final long at = i * stride;
			errors[i] = Math.abs(planes[(int) (at / planes[0].length)][(int) (at % planes[0].length)]);
		}
		return of(List.of(errors), volume.intensity().unit());
	}

	private static double end(final float[] errors) {
		final float[] sorted = errors.clone();
		Arrays.sort(sorted);
		return sorted[(int) (SHARE * (sorted.length - 1))];
	}

	/** The errors of a slice of {@code width} columns as colours. */
	BufferedImage image(final float[] errors, final int width) {
		final BufferedImage image = new BufferedImage(width, errors.length / width, BufferedImage.TYPE_INT_RGB);
		for (int i = 0; i < errors.length; i++)
			image.setRGB(i % width, i / width, ColourMap.INFERNO.rgb(errors[i] / most));
		return image;
	}

	/** The scale as a bar with its labels, centred in a box. */
	void draw(final Graphics2D g, final int left, final int top, final int width, final int height) {
		final int from = top + 2 * TEXT, length = height - 3 * TEXT, x = left + width / 2 - 2 * BAR;
		for (int i = 0; i < length; i++) {
			g.setColor(new Color(ColourMap.INFERNO.rgb(1 - (double) i / (length - 1))));
			g.fillRect(x, from + i, BAR, 1);
		}
		g.setColor(Drawing.INK);
		g.setFont(Drawing.FONT.deriveFont(Font.PLAIN, TEXT));
		Drawing.centred(g, "|error| (" + unit + ")", left + width / 2, top + TEXT);
		for (int tick = 0; tick <= 2; tick++) {
			final int y = from + length - 1 - tick * (length - 1) / 2;
			g.drawLine(x + BAR, y, x + BAR + 4, y);
			g.drawString((tick == 2 ? "≥ " : "") + GreyWindow.number(most * tick / 2), x + BAR + 8, y + TEXT / 2 - 1);
		}
	}
}
