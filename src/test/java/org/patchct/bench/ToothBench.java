package org.patchct.bench;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import javax.imageio.ImageIO;

import org.patchct.evaluate.Metrics;
import org.patchct.imagej.ScanOpener;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Fbp;
import org.patchct.recon.ImportSettings;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.ScanImport;
import org.patchct.scan.BeamSettings;
import org.patchct.scan.Projections;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanPlan;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * A measured parallel-beam scan, from all of its views and from every fourth: FBP and ADMM-TV against the FBP of all
 * views, each row by itself, inside the circle that the detector sees in every view. Writes a picture, a line of slices
 * for each row: FBP of all views, FBP and ADMM-TV of every fourth.
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.bench.ToothBench \
 *   -Dexec.args="../shared/data/projections/tooth.h5 640 tooth.png"
 * </pre>
 */
public final class ToothBench {

	private static final int EVERY = 4;

	private ToothBench() { }

	/** Arguments: the scan, pixels along a side of the slices, and the picture. */
	public static void main(final String[] args) throws IOException {
		final int size = Integer.parseInt(args[1]);
		try (RawScan raw = ScanOpener.open(Path.of(args[0]), null, null, null, null)) {
			final ScanImport scan = new ScanImport(ScanPlan.of(raw, null, 0, 180, false, false), ImportSettings.of(BeamSettings
				.parallel(1)), Progress.SILENT);
			final Projections all = scan.projections(), few = everyFourth(all);
			final int bins = all.geometry().bins();
			final Grid fine = all.grid();
			final double pixel = fine.dx() * fine.nx() / size;
			final Grid grid = new Grid(size, size, fine.nz(), pixel, pixel, fine.dz());
			final double radius = Math.min(scan.centre(), bins - 1 - scan.centre()) * fine.dx() / pixel;
			System.out.printf(Locale.ROOT, "axis at bin %.2f, %d views, then %d%n", scan.centre(), all.geometry().views(), few
				.geometry().views());
			final Volume reference = new Fbp().reconstruct(all, grid, RunSettings.DEFAULT, Progress.SILENT);
			final float[][][] columns = new float[3][][];
			columns[0] = Layouts.planes(reference.img());
			final List<Reconstructor> methods = List.of(new Fbp(), new AdmmTv());
			System.out.println("method,row,psnr_db,ssim,rmse_per_mm");
			for (int m = 0; m < methods.size(); m++) {
				final Volume result = methods.get(m).reconstruct(few, grid, RunSettings.DEFAULT, Progress.SILENT);
				columns[m + 1] = Layouts.planes(result.img());
				for (int row = 0; row < grid.nz(); row++)
					score(methods.get(m).description(), row, slice(result, row, radius), slice(reference, row, radius), radius);
			}
			picture(columns, size, reference.intensity().high(), args[2]);
		}
	}

	/** The same scan with a fourth of its views, evenly spread. */
	public static Projections everyFourth(final Projections all) {
		final double[] angles = all.geometry().angles();
		final float[][] planes = Layouts.planes(all.img());
		final int views = angles.length / EVERY;
		final double[] kept = new double[views];
		final float[][] radiographs = new float[views][];
		Arrays.setAll(kept, i -> angles[EVERY * i]);
		Arrays.setAll(radiographs, i -> planes[EVERY * i]);
		return new Projections(all.name(), Layouts.wrap(radiographs, all.geometry().bins(), all.geometry().rows()), all
			.geometry().withAngles(kept), all.grid(), all.intensity());
	}

	/** One slice, nothing outside a circle of {@code radius} pixels. */
	private static Volume slice(final Volume volume, final int row, final double radius) {
		final Grid grid = volume.grid();
		final int n = grid.nx();
		final float[] plane = Layouts.planes(volume.img())[row].clone();
		for (int i = 0; i < plane.length; i++)
			if (Math.hypot(i % n - (n - 1) / 2.0, i / n - (n - 1) / 2.0) > radius) plane[i] = 0;
		return new Volume(volume.name(), Layouts.wrap(new float[][] { plane }, n, n), new Grid(n, n, 1, grid.dx(), grid.dy(),
			grid.dz()), volume.intensity());
	}

	private static void score(final String method, final int row, final Volume result, final Volume reference,
		final double radius)
	{
		final double ssim = Metrics.compare(Layouts.normalised(result), Layouts.normalised(reference), Progress.SILENT)
			.axial().ssim();
		final float[] a = Layouts.planes(result.img())[0], b = Layouts.planes(reference.img())[0];
		double sum = 0;
		for (int i = 0; i < a.length; i++)
			sum += (a[i] - b[i]) * (a[i] - b[i]);
		final double rmse = Math.sqrt(sum / (Math.PI * radius * radius));
		System.out.printf(Locale.ROOT, "\"%s\",%d,%.2f,%.3f,%.6f%n", method, row, 20 * Math.log10(reference.intensity()
			.high() / rmse), ssim, rmse);
	}

	private static void picture(final float[][][] columns, final int n, final double white, final String file)
		throws IOException
	{
		final int rows = columns[0].length;
		final BufferedImage image = new BufferedImage(n * columns.length, n * rows, BufferedImage.TYPE_BYTE_GRAY);
		for (int c = 0; c < columns.length; c++)
			for (int row = 0; row < rows; row++)
				for (int i = 0; i < n * n; i++)
					image.getRaster().setSample(c * n + i % n, row * n + i / n, 0, (int) Math.rint(255 * Math.max(0, Math.min(1,
						columns[c][row][i] / white))));
		ImageIO.write(image, "png", Path.of(file).toFile());
	}
}
