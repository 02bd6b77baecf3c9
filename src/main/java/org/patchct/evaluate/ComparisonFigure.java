package org.patchct.evaluate;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * The figure of a comparison: a block of rows for each number of views, a column for each method and one for the
 * reference, and in each the middle axial and sagittal slice in one grey window and on one scale, with their scores.
 * Only slices are kept, no volumes.
 */
final class ComparisonFigure {

	/** Pixels of a panel's wider in-plane side: the voxels where there are enough, within these limits. */
	private static final int MIN_PANEL = 240, MAX_PANEL = 512;

	/** A long volume's sagittal slice may be this much higher than a panel is wide; longer ones are scaled down. */
	private static final double MAX_HEIGHT = 1.5;

	private static final int GAP = 8, MARGIN = 14, LABELS = 52, TEXT = 22, HEAD = 34;

	/** Both slices of a result; scores are null for the reference. */
	private record Panel(BufferedImage axial, BufferedImage sagittal, Scores scores) { }

	private final String caption;

	private final GreyWindow window;

	private final int axialWidth, axialHeight, sagittalWidth, sagittalHeight;

	private final Panel reference;

	private final List<String> methods = new ArrayList<>();

	/** Number of views → method → panel. */
	private final Map<Integer, Map<String, Panel>> panels = new LinkedHashMap<>();

	ComparisonFigure(final String name, final Volume reference, final GreyWindow window, final String protocol) {
		this.window = window;
		final Grid grid = reference.grid();
		caption = name + ", " + grid + "; grey window " + window + " " + reference.intensity().unit() + "; " + protocol +
			". Middle slices; below each: mean PSNR (dB) / SSIM over all slices of that orientation.";
		final double lx = grid.nx() * grid.dx(), ly = grid.ny() * grid.dy(), lz = grid.nz() * grid.dz();
		final int panel = Math.max(MIN_PANEL, Math.min(MAX_PANEL, Math.max(grid.nx(), grid.ny())));
		final double scale = Math.min(panel / Math.max(lx, ly), MAX_HEIGHT * panel / lz);
		axialWidth = pixels(lx * scale);
		axialHeight = pixels(ly * scale);
		sagittalWidth = axialHeight;
		sagittalHeight = pixels(lz * scale);
		this.reference = panel(reference, null);
	}

	private static int pixels(final double length) {
		return (int) Math.max(1, Math.round(length));
	}

	/** Adds a result on the reference's grid. */
	void add(final String method, final int views, final Volume result, final Scores scores) {
		if (!methods.contains(method)) methods.add(method);
		panels.computeIfAbsent(views, v -> new LinkedHashMap<>()).put(method, panel(result, scores));
	}

	/** Writes the figure as far as it goes, whole or not at all. */
	void write(final Path file) {
		Drawing.write(draw(), file);
	}

	private Panel panel(final Volume volume, final Scores scores) {
		final Grid grid = volume.grid();
		final float[][] planes = Layouts.planes(volume.img());
		final int nx = grid.nx(), ny = grid.ny(), nz = grid.nz(), x = nx / 2, z = nz / 2;
		final BufferedImage axial = new BufferedImage(nx, ny, BufferedImage.TYPE_BYTE_GRAY);
		for (int j = 0; j < ny; j++)
			for (int i = 0; i < nx; i++)
				axial.getRaster().setSample(i, j, 0, window.grey(planes[z][i + nx * j]));
		// The last slice, the one nearest the head in radiological order, is on top.
		final BufferedImage sagittal = new BufferedImage(ny, nz, BufferedImage.TYPE_BYTE_GRAY);
		for (int k = 0; k < nz; k++)
			for (int j = 0; j < ny; j++)
				sagittal.getRaster().setSample(j, nz - 1 - k, 0, window.grey(planes[k][x + nx * j]));
		return new Panel(axial, sagittal, scores);
	}

	private BufferedImage draw() {
		final int columns = methods.size() + 1, column = Math.max(axialWidth, sagittalWidth);
		final int block = axialHeight + TEXT + sagittalHeight + TEXT + GAP;
		final int width = 2 * MARGIN + LABELS + columns * column + (columns - 1) * GAP;
		final List<String> lines = Drawing.lines(caption, width - 2 * MARGIN);
		final int height = 2 * MARGIN + HEAD + panels.size() * block + lines.size() * TEXT;
		final BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
		final Graphics2D g = Drawing.onWhite(image);
		g.setColor(Drawing.INK);
		g.setFont(Drawing.FONT.deriveFont(Font.BOLD, 16f));
		for (int c = 0; c < columns; c++)
			Drawing.centred(g, c < methods.size() ? methods.get(c) : "Reference", left(c, column) + column / 2, MARGIN + 20);
		int top = MARGIN + HEAD;
		for (final Map.Entry<Integer, Map<String, Panel>> row : panels.entrySet()) {
			final int views = row.getKey();
			g.setColor(Drawing.INK);
			g.setFont(Drawing.FONT.deriveFont(Font.BOLD, 16f));
			Drawing.upright(g, views == 1 ? "1 view" : views + " views", MARGIN + 16, top + (block - GAP) / 2);
			g.setColor(Drawing.PALE);
			g.setFont(Drawing.FONT);
			Drawing.upright(g, "axial", MARGIN + 40, top + axialHeight / 2);
			Drawing.upright(g, "sagittal", MARGIN + 40, top + axialHeight + TEXT + sagittalHeight / 2);
			for (int c = 0; c < columns; c++) {
				final Panel panel = c < methods.size() ? row.getValue().get(methods.get(c)) : reference;
				if (panel != null) draw(g, panel, left(c, column), column, top);
			}
			top += block;
		}
		g.setColor(Drawing.PALE);
		g.setFont(Drawing.FONT);
		for (final String line : lines) {
			g.drawString(line, MARGIN, top + 15);
			top += TEXT;
		}
		g.dispose();
		return image;
	}

	private static int left(final int column, final int width) {
		return MARGIN + LABELS + column * (width + GAP);
	}

	private void draw(final Graphics2D g, final Panel panel, final int left, final int column, final int top) {
		final int below = top + axialHeight + TEXT;
		g.setColor(Color.BLACK);
		g.fillRect(left, top, column, axialHeight);
		g.fillRect(left, below, column, sagittalHeight);
		g.drawImage(panel.axial, left + (column - axialWidth) / 2, top, axialWidth, axialHeight, null);
		g.drawImage(panel.sagittal, left + (column - sagittalWidth) / 2, below, sagittalWidth, sagittalHeight, null);
		if (panel.scores == null) return;
		g.setColor(Drawing.INK);
		Drawing.centred(g, text(panel.scores.axial()), left + column / 2, top + axialHeight + 16);
		Drawing.centred(g, text(panel.scores.sagittal()), left + column / 2, below + sagittalHeight + 16);
	}

	private static String text(final Scores.Plane plane) {
		return String.format(Locale.ROOT, "%.2f dB / %.3f", plane.psnr(), plane.ssim());
	}
}
