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
import java.util.Objects;

import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * The figure of a comparison: a block of rows for each case, a column for each method and one for the reference, and in
 * each the middle axial slice with an {@link Inset}, its absolute errors in colours, and the middle sagittal slice, in one
 * grey window and on one scale, with their scores. Only slices are kept, no volumes.
 */
final class ComparisonFigure {

	/** Pixels of a panel's wider in-plane side: the voxels where there are enough, within these limits. */
	private static final int MIN_PANEL = 240, MAX_PANEL = 512;

	/** A long volume's sagittal slice may be this much higher than a panel is wide; longer ones are scaled down. */
	private static final double MAX_HEIGHT = 1.5;

	private static final int GAP = 8, MARGIN = 14, LABELS = 52, TEXT = 22, HEAD = 34;

	/** Slices of a result; scores are null for the reference. */
	private record Panel(BufferedImage axial, float[] errors, BufferedImage sagittal, Scores scores) { }

	private final String caption;

	private final GreyWindow window;

	private final int axialWidth, axialHeight, sagittalWidth, sagittalHeight;

	private final Panel reference;

	/** The reference's middle axial slice. */
	private final float[] truth;

	private final String unit;

	private final Inset inset;

	private final List<String> methods = new ArrayList<>();

	/** Case → method → panel, null for a method that failed. */
	private final Map<ScanCase, Map<String, Panel>> panels = new LinkedHashMap<>();

	ComparisonFigure(final String name, final Volume reference, final GreyWindow window, final String protocol) {
		this.window = window;
		final Grid grid = reference.grid();
		caption = name + ", " + grid + "; grey window " + window + " " + reference.intensity().unit() + "; " + protocol +
			". Middle slices; below each: mean PSNR (dB) / SSIM over all slices of that orientation. Framed: enlarged in the " +
			"corner.";
		final double lx = grid.nx() * grid.dx(), ly = grid.ny() * grid.dy(), lz = grid.nz() * grid.dz();
		final int panel = Math.max(MIN_PANEL, Math.min(MAX_PANEL, Math.max(grid.nx(), grid.ny())));
		final double scale = Math.min(panel / Math.max(lx, ly), MAX_HEIGHT * panel / lz);
		axialWidth = pixels(lx * scale);
		axialHeight = pixels(ly * scale);
		sagittalWidth = axialHeight;
		sagittalHeight = pixels(lz * scale);
		truth = Layouts.planes(reference.img())[grid.nz() / 2];
		unit = reference.intensity().unit();
		this.reference = panel(reference, null);
		inset = new Inset(this.reference.axial, axialWidth, axialHeight);
	}

	private static int pixels(final double length) {
		return (int) Math.max(1, Math.round(length));
	}

	/** Adds a result on the reference's grid. */
	void add(final String method, final ScanCase scan, final Volume result, final Scores scores) {
		put(method, scan, panel(result, scores));
	}

	/** Leaves a gap for a method that has no result. */
	void fail(final String method, final ScanCase scan) {
		put(method, scan, null);
	}

	private void put(final String method, final ScanCase scan, final Panel panel) {
		if (!methods.contains(method)) methods.add(method);
		panels.computeIfAbsent(scan, s -> new LinkedHashMap<>()).put(method, panel);
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
		final float[] errors = new float[nx * ny];
		for (int i = 0; i < errors.length; i++)
			errors[i] = Math.abs(planes[z][i] - truth[i]);
		// The last slice, the one nearest the head in radiological order, is on top.
		final BufferedImage sagittal = new BufferedImage(ny, nz, BufferedImage.TYPE_BYTE_GRAY);
		for (int k = 0; k < nz; k++)
			for (int j = 0; j < ny; j++)
				sagittal.getRaster().setSample(j, nz - 1 - k, 0, window.grey(planes[k][x + nx * j]));
		return new Panel(axial, errors, sagittal, scores);
	}

	private BufferedImage draw() {
		final int columns = methods.size() + 1, column = Math.max(axialWidth, sagittalWidth);
		final int block = axialHeight + GAP + axialHeight + TEXT + sagittalHeight + TEXT + GAP;
		final int width = 2 * MARGIN + LABELS + columns * column + (columns - 1) * GAP;
		final List<String> lines = Drawing.lines(caption, width - 2 * MARGIN);
		final int height = 2 * MARGIN + HEAD + panels.size() * block + lines.size() * TEXT;
		final BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
		final Graphics2D g = Drawing.onWhite(image);
		for (int c = 0; c < columns; c++)
			head(g, c < methods.size() ? methods.get(c) : "Reference", left(c, column) + column / 2, column);
		int top = MARGIN + HEAD;
		for (final Map.Entry<ScanCase, Map<String, Panel>> row : panels.entrySet()) {
			final ErrorScale scale = ErrorScale.of(row.getValue().values().stream().filter(Objects::nonNull).map(Panel::errors)
				.toList(), unit);
			g.setColor(Drawing.INK);
			g.setFont(Drawing.FONT.deriveFont(Font.BOLD, 16f));
			Drawing.upright(g, row.getKey().label(), MARGIN + 16, top + (block - GAP) / 2);
			g.setColor(Drawing.PALE);
			g.setFont(Drawing.FONT);
			Drawing.upright(g, "axial", MARGIN + 40, top + axialHeight / 2);
			Drawing.upright(g, "axial error", MARGIN + 40, top + axialHeight + GAP + axialHeight / 2);
			Drawing.upright(g, "sagittal", MARGIN + 40, top + 2 * axialHeight + GAP + TEXT + sagittalHeight / 2);
			for (int c = 0; c < columns; c++) {
				final String method = c < methods.size() ? methods.get(c) : null;
				final Panel panel = method == null ? reference : row.getValue().get(method);
				if (panel != null) draw(g, panel, scale, left(c, column), column, top);
				else if (row.getValue().containsKey(method)) Drawing.centred(g, "failed", left(c, column) + column / 2, top +
					axialHeight / 2);
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

	/** A method's name, and below it its settings if it has any. */
	private static void head(final Graphics2D g, final String method, final int x, final int width) {
		final String[] name = method.split(Methods.SETTING, 2);
		g.setColor(Drawing.INK);
		g.setFont(Drawing.FONT.deriveFont(Font.BOLD, 16f));
		Drawing.centred(g, name[0], x, MARGIN + (name.length == 1 ? 20 : 10), width);
		g.setFont(Drawing.FONT);
		if (name.length == 2) Drawing.centred(g, name[1], x, MARGIN + 27, width);
	}

	private static int left(final int column, final int width) {
		return MARGIN + LABELS + column * (width + GAP);
	}

	private void draw(final Graphics2D g, final Panel panel, final ErrorScale scale, final int left, final int column,
		final int top)
	{
		final int errors = top + axialHeight + GAP, below = errors + axialHeight + TEXT;
		final int axialLeft = left + (column - axialWidth) / 2;
		g.setColor(Color.BLACK);
		g.fillRect(left, top, column, axialHeight);
		g.fillRect(left, below, column, sagittalHeight);
		g.drawImage(panel.axial, axialLeft, top, axialWidth, axialHeight, null);
		inset.draw(g, panel.axial, axialLeft, top);
		g.drawImage(panel.sagittal, left + (column - sagittalWidth) / 2, below, sagittalWidth, sagittalHeight, null);
		if (panel == reference) {
			scale.draw(g, left, errors, column, axialHeight);
			return;
		}
		g.fillRect(left, errors, column, axialHeight);
		g.drawImage(scale.image(panel.errors, panel.axial.getWidth()), axialLeft, errors, axialWidth, axialHeight, null);
		g.setColor(Drawing.INK);
		Drawing.centred(g, text(panel.scores.axial()), left + column / 2, errors + axialHeight + 16);
		Drawing.centred(g, text(panel.scores.sagittal()), left + column / 2, below + sagittalHeight + 16);
	}

	private static String text(final Scores.Plane plane) {
		return String.format(Locale.ROOT, "%.2f dB / %.3f", plane.psnr(), plane.ssim());
	}
}
