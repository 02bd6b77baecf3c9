package org.patchct.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.patchct.evaluate.Comparison.Row;
import org.patchct.io.Csv;
import org.patchct.io.WholeFile;

/** The results of one volume as text. */
public final class ComparisonTable {

	private static final String HEADER =
		"method,views,psnr_db,ssim,ssim_axial,ssim_coronal,ssim_sagittal,seconds,device";

	private ComparisonTable() { }

	/** Writes the rows with their header as CSV; what failed has empty cells. */
	static void write(final List<Row> rows, final Path file) {
		final StringBuilder csv = new StringBuilder(HEADER + "\n");
		for (final Row row : rows) {
			final Scores s = row.scores();
			csv.append(s == null ? csv(row.method(), row.scan().column(), "", "", "", "", "", "", "") : csv(row.method(), row
				.scan().column(), number("%.4f", s.psnr()), number("%.6f", s.ssim()), number("%.6f", s.axial().ssim()), number(
					"%.6f", s.coronal().ssim()), number("%.6f", s.sagittal().ssim()), number("%.3f", row.seconds()), row
						.device()));
		}
		WholeFile.write(file, temporary -> Files.writeString(temporary, csv));
	}

	/** The table as lines of text for a log. */
	public static String text(final List<Row> rows) {
		int width = "method".length();
		for (final Row row : rows)
			width = Math.max(width, row.method().length());
		final String format = "%-" + width + "s  %6s  %9s  %6s  %6s  %7s  %8s  %7s  %9s  %s%n";
		final StringBuilder text = new StringBuilder(String.format(format, "method", "views", "PSNR (dB)", "SSIM", "axial",
			"coronal", "sagittal", "z-cons.", "seconds", "device"));
		for (final Row row : rows) {
			final Scores s = row.scores();
			text.append(s == null ? String.format(format, row.method(), row.scan().column(), "failed", "", "", "", "", "", "",
				"") : String.format(format, row.method(), row.scan().column(), number("%.2f", s.psnr()), number("%.4f", s
					.ssim()), number("%.4f", s.axial().ssim()), number("%.4f", s.coronal().ssim()), number("%.4f", s.sagittal()
						.ssim()), number("%.3f", s.zConsistency()), number("%.1f", row.seconds()), row.device()));
		}
		return text.toString().stripTrailing();
	}

	/** A line of CSV (RFC 4180). */
	static String csv(final Object... fields) {
		return Stream.of(fields).map(field -> Csv.field(field.toString())).collect(Collectors.joining(",", "", "\n"));
	}

	static String number(final String format, final double value) {
		return String.format(Locale.ROOT, format, value);
	}
}
