package org.patchct.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.patchct.io.Csv;
import org.patchct.io.WholeFile;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Reconstructs simulated scans of one reference with several methods and several numbers of views, and scores the
 * results. The scans are made from the reference on a grid finer than the one reconstructed, and the truth that
 * results are scored against is that fine grid averaged over the coarse voxels (see {@link Protocol#oversample}).
 */
public final class Comparison {

	public static final String CSV = "comparison.csv", FIGURE = "comparison.png";

	private static final String HEADER =
		"method,views,psnr_db,ssim,ssim_axial,ssim_coronal,ssim_sagittal,seconds,device";

	/**
	 * One result.
	 *
	 * @param method name of the method
	 * @param views number of views
	 * @param scores against the reference
	 * @param seconds that the reconstruction took
	 * @param device where it ran, without the reason
	 */
	public record Row(String method, int views, Scores scores, double seconds, String device) { }

	/** Takes the volumes that the comparison makes; writing image files is the business of ImageJ's side. */
	@FunctionalInterface
	public interface Sink {

		/**
		 * Writes a volume.
		 *
		 * @param file where to, ending in .tif
		 * @param recipe how the volume was made, in lines of a key and a value
		 */
		void write(Volume volume, Path file, Map<String, String> recipe);
	}

	private final Map<String, Reconstructor> methods;

	private final Protocol protocol;

	private final RunSettings run;

	private final GreyWindow window;

	/**
	 * @param methods what to compare, by name, in the order of the table
	 * @param protocol how to simulate the scans
	 * @param run device, seed (also of the noise) and prior
	 * @param window grey values of the figure; null for a usual one
	 */
	public Comparison(final Map<String, Reconstructor> methods, final Protocol protocol, final RunSettings run,
		final GreyWindow window)
	{
		this.methods = methods;
		this.protocol = protocol;
		this.run = run;
		this.window = window;
	}

	/**
	 * Runs everything and writes {@value #CSV}, {@value #FIGURE} and one volume a result, {@code METHOD_VIEWSv.tif},
	 * beside the reference on the grid of the results. Files are whole at all times, and those of finished results stay
	 * when the rest fails or is cancelled.
	 *
	 * @param reference the truth, any grid
	 * @param output folder, made if missing
	 * @return the table, in the order of views, then methods
	 * @throws InvalidInputException if the folder cannot be written to or a method cannot use its input
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public List<Row> run(final Volume reference, final Path output, final Sink sink, final Progress progress) {
		WholeFile.requireFolder(output);
		progress.update("Preparing the reference", 0);
		final Volume fine = Simulation.object(reference, protocol.size(), protocol.oversample());
		final Volume truth = Resampling.binned(fine, protocol.oversample());
		final Columns truthColumns = Layouts.normalised(truth);
		sink.write(truth.named("Reference"), output.resolve("Reference.tif"), Map.of("Method", "Reference " + reference
			.name() + " resampled to " + truth.grid()));
		final ComparisonFigure figure = new ComparisonFigure(reference.name(), truth, window == null ? GreyWindow.usual(truth
			.intensity()) : window, describe());
		final List<Row> rows = new ArrayList<>();
		final int runs = protocol.views().size() * methods.size();
		for (final int views : protocol.views()) {
			final ParallelBeam beam = ParallelBeam.covering(truth.grid(), ScanGeometry.evenAngles(views, 0, protocol.range()));
			final double from = (double) rows.size() / runs;
			final Progress scanning = progress.part(from, from + 0.1 / runs);
			final Projections scan = Simulation.scan(fine, protocol.oversample(), beam, protocol.noise(), run.seed(), run
				.device(), scanning);
			for (final Map.Entry<String, Reconstructor> method : methods.entrySet()) {
				final String name = method.getKey();
				progress.checkCancelled();
				final double start = (double) rows.size() / runs;
				final long nanos = System.nanoTime();
				final Volume result = method.getValue().reconstruct(scan, truth.grid(), run, progress.part(start + 0.1 / runs,
					start + 0.95 / runs).named(name + ", " + views + " views"));
				final double seconds = (System.nanoTime() - nanos) / 1e9;
				final Columns columns = Layouts.normalised(result);
				final Scores scores = Metrics.compare(columns, truthColumns, progress);
				rows.add(new Row(name, views, scores, seconds, method.getValue().device(run).replaceFirst(" .*", "")));
				final Map<String, String> recipe = new LinkedHashMap<>(method.getValue().recipe(scan, run));
				recipe.put("Method", method.getValue().description());
				recipe.put("Seed", String.valueOf(run.seed()));
				recipe.put("Device", method.getValue().device(run));
				recipe.put("Scan", scan.geometry() + "; " + describe());
				recipe.put("Seconds", String.format(Locale.ROOT, "%.1f", seconds));
				sink.write(result.named(name + " (" + views + " views)"), output.resolve(fileName(name, views)), recipe);
				writeTable(rows, output.resolve(CSV));
				figure.add(name, views, result, scores);
				figure.write(output.resolve(FIGURE));
			}
		}
		progress.update("Done", 1);
		return rows;
	}

	private String describe() {
		final double photons = protocol.noise().photons();
		return "views over " + GreyWindow.number(protocol.range()) + " degrees, " + (photons == 0 ? "no noise" : GreyWindow
			.number(photons) + " photons per bin") + ", projected from " + (protocol.oversample() == 1 ? "the same grid"
				: "a grid " + protocol.oversample() + " times finer") + ", seed " + run.seed();
	}

	/** METHOD_VIEWSv.tif */
	static String fileName(final String method, final int views) {
		return WholeFile.name(method) + "_" + views + "v.tif";
	}

	private static void writeTable(final List<Row> rows, final Path file) {
		final StringBuilder csv = new StringBuilder(HEADER + "\n");
		for (final Row row : rows) {
			final Scores s = row.scores();
			csv.append(String.format(Locale.ROOT, "%s,%d,%.4f,%.6f,%.6f,%.6f,%.6f,%.3f,%s\n", Csv.field(row.method()), row
				.views(), s.psnr(), s.ssim(), s.axial().ssim(), s.coronal().ssim(), s.sagittal().ssim(), row.seconds(), Csv.field(
					row.device())));
		}
		WholeFile.write(file, temporary -> Files.writeString(temporary, csv));
	}

	/** The table as lines of text for a log. */
	public static String table(final List<Row> rows) {
		int width = "method".length();
		for (final Row row : rows)
			width = Math.max(width, row.method().length());
		final String format = "%-" + width + "s  %6s  %9s  %6s  %6s  %7s  %8s  %9s  %s%n";
		final StringBuilder text = new StringBuilder(String.format(format, "method", "views", "PSNR (dB)", "SSIM", "axial",
			"coronal", "sagittal", "seconds", "device"));
		for (final Row row : rows) {
			final Scores s = row.scores();
			text.append(String.format(format, row.method(), row.views(), number("%.2f", s.psnr()), number("%.4f", s.ssim()),
				number("%.4f", s.axial().ssim()), number("%.4f", s.coronal().ssim()), number("%.4f", s.sagittal().ssim()),
				number("%.1f", row.seconds()), row.device()));
		}
		return text.toString().stripTrailing();
	}

	private static String number(final String format, final double value) {
		return String.format(Locale.ROOT, format, value);
	}
}
