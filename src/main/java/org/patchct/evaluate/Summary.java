package org.patchct.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

import org.patchct.evaluate.Comparison.Row;
import org.patchct.io.WholeFile;

/**
 * Comparisons of several references in one: every score ({@value #RESULTS}), and means with standard deviations over the
 * references for a program ({@value #CSV}) and for a reader ({@value #TABLE}). The standard deviation is that of a sample,
 * with n − 1; there is none for a single reference.
 */
final class Summary {

	static final String RESULTS = "results.csv", CSV = "summary.csv", TABLE = "summary.md";

	/**
	 * A column.
	 *
	 * @param key in CSV files
	 * @param title for readers
	 * @param format of its means for readers
	 * @param value of a row
	 * @param cost what is least for the best mean
	 */
	private record Measure(String key, String title, String format, ToDoubleFunction<Row> value,
		DoubleUnaryOperator cost) { }

	private static final List<Measure> MEASURES = List.of(
		new Measure("psnr_db", "PSNR (dB)", "%.2f", row -> row.scores().psnr(), x -> -x),
		new Measure("ssim", "SSIM", "%.3f", row -> row.scores().ssim(), x -> -x),
		new Measure("ssim_axial", "axial", "%.3f", row -> row.scores().axial().ssim(), x -> -x),
		new Measure("ssim_coronal", "coronal", "%.3f", row -> row.scores().coronal().ssim(), x -> -x),
		new Measure("ssim_sagittal", "sagittal", "%.3f", row -> row.scores().sagittal().ssim(), x -> -x),
		new Measure("z_consistency", "z-consistency", "%.3f", row -> row.scores().zConsistency(), x -> Math.abs(x - 1)),
		new Measure("seconds", "seconds", "%.1f", Row::seconds, x -> x));

	/**
	 * A method on a case.
	 *
	 * @param rows of the references on which it did not fail
	 * @param of how many
	 */
	private record Cell(String method, ScanCase scan, List<Row> rows, int of) {

		double[] values(final Measure measure) {
			return rows.stream().mapToDouble(measure.value).toArray();
		}
	}

	private final Map<String, List<Row>> results;

	private final String protocol;

	/** The cells of each case, in the order of the methods. */
	private final Map<ScanCase, List<Cell>> cells = new LinkedHashMap<>();

	/**
	 * @param results rows by reference, with the same methods and cases in the same order
	 * @param protocol how the scans were made
	 */
	Summary(final Map<String, List<Row>> results, final String protocol) {
		this.results = results;
		this.protocol = protocol;
		for (final Row first : results.values().iterator().next()) {
			final List<Row> rows = results.values().stream().flatMap(List::stream).filter(row -> row.method().equals(first
				.method()) && row.scan().equals(first.scan()) && row.scores() != null).toList();
			cells.computeIfAbsent(first.scan(), scan -> new ArrayList<>()).add(new Cell(first.method(), first.scan(), rows,
				results.size()));
		}
	}

	/** Writes the three files and returns the text of {@value #TABLE}. */
	String write(final Path folder) {
		final String table = markdown();
		final Map<String, String> files = Map.of(RESULTS, results(), CSV, csv(), TABLE, table);
		files.forEach((name, text) -> WholeFile.write(folder.resolve(name), file -> Files.writeString(file, text)));
		return table;
	}

	private String results() {
		final StringBuilder text = new StringBuilder(line(List.of("volume", "method", "case", "views", "range_deg"), MEASURES
			.stream().map(Measure::key).toList(), List.of("device")));
		results.forEach((volume, rows) -> {
			for (final Row row : rows)
				text.append(line(List.of(volume, row.method()), scan(row.scan()), MEASURES.stream().map(measure -> row
					.scores() == null ? "" : number(measure.value.applyAsDouble(row))).toList(), List.of(row.device())));
		});
		return text.toString();
	}

	private String csv() {
		final StringBuilder text = new StringBuilder(line(List.of("method", "case", "views", "range_deg", "volumes"), MEASURES
			.stream().flatMap(measure -> List.of(measure.key + "_mean", measure.key + "_sd").stream()).toList()));
		for (final List<Cell> row : cells.values())
			for (final Cell cell : row)
				text.append(line(List.of(cell.method), scan(cell.scan), List.of(String.valueOf(cell.rows.size())), MEASURES
					.stream().map(cell::values).flatMap(values -> List.of(number(mean(values)), number(deviation(values))).stream())
					.toList()));
		return text.toString();
	}

	/** Case, views and range. */
	private static List<String> scan(final ScanCase scan) {
		return List.of(scan.code(), String.valueOf(scan.views()), GreyWindow.number(scan.range()));
	}

	@SafeVarargs
	private static String line(final List<String>... parts) {
		return ComparisonTable.csv(Arrays.stream(parts).flatMap(List::stream).toArray());
	}

	/** Six significant digits; nothing where there is no number. */
	private static String number(final double value) {
		return Double.isNaN(value) ? "" : Double.isInfinite(value) ? "inf" : ComparisonTable.number("%.6g", value);
	}

	private String markdown() {
		final int n = results.size();
		final StringBuilder text = new StringBuilder((n == 1 ? "One volume: " : n + " volumes: ") + String.join(", ", results
			.keySet()) + ". Scans: " + protocol + ".\n\n" + (n == 1 ? "" : "Mean ± standard deviation over the volumes. ") +
			"The best mean of each case is bold; z-consistency is best at 1.\n\n| case | method |");
		for (final Measure measure : MEASURES)
			text.append(' ').append(measure.title).append(" |");
		text.append("\n|---|---|").append("--:|".repeat(MEASURES.size())).append('\n');
		cells.forEach((scan, row) -> {
			for (final Cell cell : row) {
				text.append("| ").append(scan.label()).append(" | ").append(cell.method.replace("|", "\\|")).append(cell.rows
					.size() == cell.of ? "" : " (" + cell.rows.size() + " of " + cell.of + " volumes)").append(" |");
				for (final Measure measure : MEASURES)
					text.append(' ').append(text(cell, measure, best(row, measure))).append(" |");
				text.append('\n');
			}
		});
		return text.toString();
	}

	/** The least cost of the methods that did not fail on a volume, as far as the digits shown tell. */
	private static double best(final List<Cell> row, final Measure measure) {
		return row.stream().filter(cell -> cell.rows.size() == cell.of).mapToDouble(cell -> cost(cell, measure)).filter(
			cost -> !Double.isNaN(cost)).min().orElse(Double.NaN);
	}

	private static double cost(final Cell cell, final Measure measure) {
		final double mean = mean(cell.values(measure));
		return measure.cost.applyAsDouble(Double.isFinite(mean) ? Double.parseDouble(ComparisonTable.number(measure.format,
			mean)) : mean);
	}

	private static String text(final Cell cell, final Measure measure, final double best) {
		final double[] values = cell.values(measure);
		final double mean = mean(values), deviation = deviation(values);
		if (Double.isNaN(mean)) return "";
		final String text = Double.isInfinite(mean) ? "∞" : ComparisonTable.number(measure.format, mean) + (Double.isNaN(
			deviation) ? "" : " ± " + ComparisonTable.number(measure.format, deviation));
		return cell.rows.size() == cell.of && cost(cell, measure) == best ? "**" + text + "**" : text;
	}

	private static double mean(final double[] values) {
		return Arrays.stream(values).average().orElse(Double.NaN);
	}

	private static double deviation(final double[] values) {
		final double mean = mean(values);
		return values.length < 2 || Double.isInfinite(mean) ? Double.NaN : Math.sqrt(Arrays.stream(values).map(x -> (x -
			mean) * (x - mean)).sum() / (values.length - 1));
	}
}
