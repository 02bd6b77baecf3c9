package org.patchct.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.patchct.evaluate.PriorEvaluation;
import org.patchct.io.Nifti;
import org.patchct.network.Prior;
import org.patchct.task.Progress;
import org.patchct.volume.Resampling;

/**
 * How well a prior denoises several volumes beside total variation: {@code main(prior file, size, volume files…)} prints
 * the table of {@link PriorEvaluation} for each, and the mean of all.
 */
public final class DenoisingTable {

	private static final long SEED = 2026;

	private DenoisingTable() { }

	public static void main(final String... args) {
		try (Prior prior = Prior.open(Path.of(args[0]), "auto")) {
			final List<List<PriorEvaluation.Row>> tables = new ArrayList<>();
			for (final String file : List.of(args).subList(2, args.length)) {
				tables.add(PriorEvaluation.measure(prior, Resampling.toCubic(Nifti.read(Path.of(file)), Integer.parseInt(
					args[1])), SEED, Progress.SILENT));
				print(Path.of(file).getFileName().toString(), tables.get(tables.size() - 1));
			}
			final List<PriorEvaluation.Row> means = new ArrayList<>();
			for (int i = 0; i < tables.get(0).size(); i++) {
				final int level = i;
				final List<PriorEvaluation.Row> rows = tables.stream().map(table -> table.get(level)).toList();
				means.add(new PriorEvaluation.Row(rows.get(0).t(), rows.get(0).sigma(), rows.stream().mapToDouble(
					PriorEvaluation.Row::noisy).average().getAsDouble(), rows.stream().mapToDouble(PriorEvaluation.Row::tv)
						.average().getAsDouble(), rows.stream().mapToDouble(PriorEvaluation.Row::prior).average().getAsDouble()));
			}
			print("mean", means);
		}
	}

	private static void print(final String name, final List<PriorEvaluation.Row> rows) {
		System.out.print(name + "\n" + PriorEvaluation.csv(rows));
		System.out.println(PriorEvaluation.verdict(rows));
	}
}
