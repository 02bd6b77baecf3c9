package org.patchct.imagej;

import java.awt.GraphicsEnvironment;
import java.util.List;

import ij.measure.ResultsTable;
import ij.plugin.filter.Analyzer;

/** Tables of numbers for the user. */
final class Tables {

	private Tables() { }

	/** A column for each array of {@code columns}, all as long as the first. */
	static ResultsTable of(final List<String> headings, final List<double[]> columns) {
		final ResultsTable table = new ResultsTable();
		table.setPrecision(6);
		for (int row = 0; row < columns.get(0).length; row++) {
			table.addRow();
			for (int i = 0; i < headings.size(); i++)
				table.addValue(headings.get(i), columns.get(i)[row]);
		}
		return table;
	}

	/** Shows a table, or without a display makes it ImageJ's table of results, which macros read. */
	static void show(final ResultsTable table, final String title) {
		if (GraphicsEnvironment.isHeadless()) Analyzer.setResultsTable(table);
		else table.show(title);
	}
}
