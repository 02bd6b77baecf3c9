package org.patchct.evaluate;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import org.patchct.io.Checksum;
import org.patchct.io.WholeFile;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.Layouts;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Reconstructs simulated scans of one reference with several methods, and scores the results. The scans are made from the
 * reference on a grid finer than the one reconstructed, and the truth that results are scored against is that fine grid
 * averaged over the coarse voxels (see {@link Protocol#oversample}).
 * <p>
 * Each result is stored with all that it depends on: the method with its settings, the checksums of its prior and of the
 * truth, the scan and the seed. Where a stored result says the same, it is scored in place of a new one, so that a
 * comparison that was interrupted goes on where it stopped.
 * </p>
 */
public final class Comparison {

	public static final String CSV = "comparison.csv", FIGURE = "comparison.png";

	/** Lines of information that are stored with each result. */
	private static final String RECIPE = "Method", SECONDS = "Seconds", DEVICE = "Device";

	/**
	 * One result, or one failure.
	 *
	 * @param method name of the method
	 * @param scan what was reconstructed from
	 * @param scores against the reference; null if the method failed
	 * @param seconds that the reconstruction took
	 * @param device where it ran, without the reason
	 * @param failure why there is no result; null if there is one
	 */
	public record Row(String method, ScanCase scan, Scores scores, double seconds, String device, String failure) { }

	/** Keeps the volumes that the comparison makes; image files are the business of ImageJ's side. */
	@FunctionalInterface
	public interface Store {

		/**
		 * A stored volume.
		 *
		 * @param line the value of a line that was stored with it, or null
		 */
		record Saved(Volume volume, UnaryOperator<String> line) { }

		/**
		 * Writes a volume, whole or not at all.
		 *
		 * @param file where to, ending in .tif
		 * @param lines how the volume was made, by title
		 */
		void write(Volume volume, Path file, Map<String, String> lines);

		/** What {@link #write} wrote, or null if there is no such file or it is damaged. */
		default Saved read(final Path file) {
			return null;
		}
	}

	private record Result(Volume volume, double seconds, String device) { }

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
	 * Runs everything and writes {@value #CSV}, {@value #FIGURE} and one volume a result, METHOD_VIEWSv.tif or
	 * METHOD_ANGLEdeg.tif, beside the reference on the grid of the results. Files are whole at all times, and those of
	 * finished results stay when the rest fails or is cancelled. A method that fails leaves a row without scores, and the
	 * others go on.
	 *
	 * @param reference the truth, any grid
	 * @param output folder, made if missing
	 * @param log told of results that are kept or made anew, and of failures
	 * @return the table, in the order of cases, then methods
	 * @throws InvalidInputException if the folder cannot be written to or the reference cannot be used
	 * @throws CancelledException if the user cancelled
	 */
	public List<Row> run(final Volume reference, final Path output, final Store store, final Progress progress,
		final Consumer<String> log)
	{
		WholeFile.requireFolder(output);
		progress.update("Preparing the reference", 0);
		return new Run(reference, output, store, progress, log).all();
	}

	/** The work on one reference. */
	private final class Run {

		private final Volume fine, truth;

		private final Columns truthColumns;

		private final String name, checksum;

		private final Path output;

		private final Store store;

		private final Progress progress;

		private final Consumer<String> log;

		private final ComparisonFigure figure;

		private final List<Row> rows = new ArrayList<>();

		/** The present case's detector, and its scan once a method needs it. */
		private ParallelBeam beam;

		private Projections scan;

		Run(final Volume reference, final Path output, final Store store, final Progress progress,
			final Consumer<String> log)
		{
			this.output = output;
			this.store = store;
			this.progress = progress;
			this.log = log;
			name = reference.name();
			fine = Simulation.object(reference, protocol.size(), protocol.oversample(), progress.quiet());
			truth = Resampling.binned(fine, protocol.oversample());
			truthColumns = Layouts.normalised(truth);
			checksum = Checksum.of(truth);
			figure = new ComparisonFigure(name, truth, window == null ? GreyWindow.usual(truth.intensity()) : window,
				describe());
		}

		List<Row> all() {
			store.write(truth.named("Reference"), output.resolve("Reference.tif"), Map.of(RECIPE, "Reference " + name +
				" resampled to " + truth.grid()));
			final int runs = protocol.cases().size() * methods.size();
			for (final ScanCase scanCase : protocol.cases()) {
				beam = ParallelBeam.covering(truth.grid(), scanCase.angles());
				scan = null;
				for (final Map.Entry<String, Reconstructor> method : methods.entrySet()) {
					progress.checkCancelled();
					final String what = method.getKey() + ", " + scanCase.label();
					final Progress part = progress.part((double) rows.size() / runs, (rows.size() + 0.95) / runs).named(what);
					final Path file = output.resolve(fileName(method.getKey(), scanCase));
					try {
						add(method.getKey(), method.getValue(), scanCase, file, part);
					}
					catch (final Failure e) {
						log.accept(what + " of " + name + " failed: " + e.getMessage());
						rows.add(new Row(method.getKey(), scanCase, null, Double.NaN, "", e.getMessage()));
						figure.fail(method.getKey(), scanCase);
					}
				}
			}
			write();
			progress.update("Done", 1);
			return rows;
		}

		/** Adds the result of one method. */
		private void add(final String method, final Reconstructor reconstructor, final ScanCase scanCase, final Path file,
			final Progress part) throws Failure
		{
			WholeFile.removeLeftovers(file);
			final Map<String, String> lines = new LinkedHashMap<>(Failure.of(() -> reconstructor.recipe(beam, truth.intensity(),
				run), log));
			final String recipe = Failure.of(() -> recipe(reconstructor, lines, scanCase.range()), log);
			final Result stored = stored(file, recipe);
			final Result result = stored != null ? stored : Failure.of(() -> reconstruct(reconstructor, part), log);
			final Scores scores = Failure.of(() -> Metrics.compare(Layouts.normalised(result.volume), truthColumns, progress),
				log);
			rows.add(new Row(method, scanCase, scores, result.seconds, result.device, null));
			figure.add(method, scanCase, result.volume, scores);
			if (stored != null) {
				log.accept("Kept " + file + ": it was made with the same settings");
				return;
			}
			lines.put(RECIPE, recipe);
			lines.put("Seed", String.valueOf(run.seed()));
			lines.put(SECONDS, String.valueOf(result.seconds));
			lines.put(DEVICE, result.device);
			store.write(result.volume.named(method + " (" + scanCase.label() + ")"), file, lines);
			write();
		}

		private Result reconstruct(final Reconstructor method, final Progress part) {
			if (scan == null) scan = Simulation.scan(fine, protocol.oversample(), beam, protocol.noise(), run.seed(), run
				.device(), part.part(0, 0.1));
			final long nanos = System.nanoTime();
			final Volume volume = method.reconstruct(scan, truth.grid(), run, part.part(0.1, 1));
			return new Result(volume, (System.nanoTime() - nanos) / 1e9, method.device(run).replaceFirst(" .*", ""));
		}

		/** The result that an earlier run stored, or null if it has to be made. */
		private Result stored(final Path file, final String recipe) {
			final Store.Saved saved = store.read(file);
			if (saved == null) return null;
			final String before = saved.line.apply(RECIPE), seconds = saved.line.apply(SECONDS);
			if (recipe.equals(before) && seconds != null) return new Result(saved.volume, Double.parseDouble(seconds),
				saved.line.apply(DEVICE));
			log.accept("Made anew: " + file + ". Before: " + before + ". Now: " + recipe);
			return null;
		}

		/** Everything that a result depends on. */
		private String recipe(final Reconstructor method, final Map<String, String> depends, final double range) {
			return method.description() + depends.entrySet().stream().map(line -> "; " + line.getKey() + " " + line.getValue())
				.collect(Collectors.joining()) + "; " + beam + " over " + range + " degrees; " + conditions() + "; reference " +
				checksum;
		}

		private void write() {
			ComparisonTable.write(rows, output.resolve(CSV));
			figure.write(output.resolve(FIGURE));
		}
	}

	/** What all scans have in common. */
	private String conditions() {
		final double photons = protocol.noise().photons(), sigma = protocol.noise().electronicSigma();
		return (photons == 0 ? "no noise" : new BigDecimal(photons).stripTrailingZeros().toPlainString() +
			" photons per bin") + (sigma == 0 ? "" : " and electronic noise of " + sigma) + ", projected from " + (protocol
			.oversample() == 1 ? "the same grid" : "a grid " + protocol.oversample() + " times finer") + ", seed " + run
				.seed();
	}

	/** The scans in words. */
	String describe() {
		return protocol.scans() + ", " + conditions();
	}

	/** METHOD_VIEWSv.tif or METHOD_ANGLEdeg.tif */
	static String fileName(final String method, final ScanCase scan) {
		return WholeFile.name(method) + "_" + scan.code() + ".tif";
	}
}
