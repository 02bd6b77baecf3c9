package org.patchct.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

import org.patchct.evaluate.Comparison.Row;
import org.patchct.io.WholeFile;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;

/** A {@link Comparison} over one or several references, with a summary. */
public final class Benchmark {

	/**
	 * A reference that is opened when its turn comes.
	 *
	 * @param name in the summary
	 * @param folder of its comparison below that of the summary, unlike any other's; "" for the same
	 * @param open reads the volume
	 */
	public record Reference(String name, String folder, Function<Progress, Volume> open) { }

	/**
	 * What came out.
	 *
	 * @param rows of each reference that could be used, by name
	 * @param failures what failed, named, with the reasons; empty if nothing did
	 * @param summary means over the references in Markdown; empty if none could be used
	 */
	public record Outcome(Map<String, List<Row>> rows, List<String> failures, String summary) { }

	private final Comparison comparison;

	public Benchmark(final Comparison comparison) {
		this.comparison = comparison;
	}

	/**
	 * Compares on each reference and writes {@link Summary}'s files after each. A reference that cannot be used is left out,
	 * unless it is the only one.
	 *
	 * @param references at least one
	 * @param output folder, made if missing
	 * @param log told what fails as it happens, and what is kept of an earlier run
	 * @throws InvalidInputException if the folder cannot be written to, or the only reference cannot be used
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public Outcome run(final List<Reference> references, final Path output, final Comparison.Store store,
		final Progress progress, final Consumer<String> log)
	{
		WholeFile.requireFolder(output);
		final Map<String, List<Row>> rows = new LinkedHashMap<>();
		final List<String> failures = new ArrayList<>();
		final int n = references.size();
		String summary = "";
		for (int i = 0; i < n; i++) {
			final Reference reference = references.get(i);
			final Progress whole = progress.part((double) i / n, (i + 1.0) / n);
			final Progress part = n == 1 ? whole : whole.named(reference.name);
			try {
				final Volume volume = reference.open.apply(part.part(0, 0.02)).named(reference.name);
				final List<Row> found = comparison.run(volume, output.resolve(reference.folder), store, part.part(0.02, 1), log);
				rows.put(reference.name, found);
				for (final Row row : found)
					if (row.failure() != null) failures.add(row.method() + " with " + row.scan().label() + " of " + reference.name +
						": " + row.failure());
			}
			catch (final InvalidInputException e) {
				if (n == 1) throw e;
				log.accept("Left out " + reference.name + ": " + e.getMessage());
				failures.add(reference.name + ": " + e.getMessage());
				continue;
			}
			summary = new Summary(rows, comparison.describe()).write(output);
		}
		return new Outcome(rows, failures, summary);
	}
}
