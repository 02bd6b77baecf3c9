package org.patchct.imagej;

import java.awt.Panel;
import java.awt.TextArea;
import java.awt.Toolkit;
import java.awt.datatransfer.StringSelection;

import ij.IJ;
import ij.gui.NonBlockingGenericDialog;

/** Text to read and to copy: in a window where somebody is there to close it, else in the log. */
public final class TextDialog {

	private static final int ROWS = 24, COLUMNS = 96;

	private TextDialog() { }

	/** Shows the text, until the user closes the window. */
	public static void show(final String title, final String text) {
		if (MacroOptions.unattended()) {
			text.lines().forEach(IJ::log);
			return;
		}
		final NonBlockingGenericDialog dialog = new NonBlockingGenericDialog(title);
		// Not the dialog's own text areas: they cannot be scrolled.
		final TextArea area = new TextArea(text, ROWS, COLUMNS, TextArea.SCROLLBARS_BOTH);
		area.setEditable(false);
		final Panel panel = new Panel();
		panel.add(area);
		dialog.addPanel(panel);
		dialog.addButton("Copy", event -> Toolkit.getDefaultToolkit().getSystemClipboard().setContents(new StringSelection(
			text), null));
		dialog.hideCancelButton();
		dialog.showDialog();
	}
}
