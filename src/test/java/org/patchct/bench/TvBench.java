package org.patchct.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.patchct.io.Nifti;
import org.patchct.projector.Projector;
import org.patchct.projector.Projectors;
import org.patchct.recon.AdmmTv;
import org.patchct.recon.Fbp;
import org.patchct.recon.Simulation;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * PSNR of ADMM-TV for a range of λ on training volumes: the table that chooses the default.
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.bench.TvBench \
 *   -Dexec.args="../shared/data/ct 128 4,10,30 1e5,1e4"
 * </pre>
 */
public final class TvBench {

	/** Training volumes only: default settings must never be chosen on test volumes. */
	private static final List<String> VOLUMES = List.of("liver_crlm_1004", "limb_sts_012", "abdomen_ts");

	private static final double[] LAMBDAS = { 3e-5, 1e-4, 3e-4, 1e-3, 3e-3 };

	private TvBench() { }

	public static void main(final String[] args) {
		final Path folder = Path.of(args[0]);
		final int size = Integer.parseInt(args[1]);
		System.out.printf("%-16s %6s %8s %7s | %s%n", "volume", "views", "photons", "FBP", "ADMM-TV: lambda PSNR");
		for (final String name : VOLUMES) {
			final Volume original = Nifti.read(folder.resolve(name + ".nii.gz"));
			final Volume object = Resampling.toGrid(original, Resampling.toCubic(original, size).grid().refined(2));
			final Columns truth = Layouts.normalised(Resampling.binned(object, 2));
			for (final String views : args[2].split(","))
				for (final String photons : args[3].split(","))
					row(name, object, truth, Integer.parseInt(views), Double.parseDouble(photons));
		}
	}

	private static void row(final String name, final Volume object, final Columns truth, final int views,
		final double photons)
	{
		final ParallelBeam geometry = ParallelBeam.covering(Simulation.reconstructionGrid(object.grid(), 2), ScanGeometry
			.evenAngles(views, 0, 180));
		final Projections scan = Simulation.scan(object, 2, geometry, new NoiseModel(photons, 0), 1, "cpu", Progress.SILENT);
		final Projector projector = Projectors.create(scan.grid(), geometry, "cpu");
		final Columns fbp = new Fbp().reconstruct(projector, scan.normalised(), Progress.SILENT);
		System.out.printf(Locale.ROOT, "%-16s %6d %8.0e %7.2f |", name, views, photons, psnr(fbp, truth));
		for (final double lambda : LAMBDAS) {
			final Columns x = projector.newVolume();
			new AdmmTv(AdmmTv.Settings.DEFAULT.withLambda(lambda)).solve(projector, scan.normalised(), x, Progress.SILENT,
				AdmmTv.Listener.NONE);
			System.out.printf(Locale.ROOT, "  %.0e %.2f", lambda, psnr(x, truth));
		}
		System.out.println();
	}

	/** PSNR with data range 1, both clipped to [0, 1]. */
	static double psnr(final Columns x, final Columns truth) {
		double sum = 0;
		long n = 0;
		for (int i = 0; i < x.data().length; i++)
			for (int k = 0; k < x.nz(); k++, n++) {
				final double d = clip(x.data()[i][k]) - clip(truth.data()[i][k]);
				sum += d * d;
			}
		return -10 * Math.log10(sum / n);
	}

	private static double clip(final float v) {
		return Math.min(1, Math.max(0, v));
	}
}
