package org.patchct.imagej;

import java.awt.Component;
import java.awt.Container;
import java.awt.Window;

import javax.swing.JComboBox;
import javax.swing.JDialog;
import javax.swing.JLabel;

import org.scijava.module.Module;
import org.scijava.module.ModuleItem;

/** What SciJava's dialogs for commands, which Fiji shows, do not do by themselves. */
public final class FijiDialog {

	private FijiDialog() { }

	/**
	 * Shows the present value of an input with choices. SciJava fills the box of an enum with texts and then looks for the
	 * constant among them (scijava-ui-swing 1.0.4, SwingObjectWidget), so that it stays as it is when the value is set.
	 */
	public static void show(final Module command, final ModuleItem<?> item) {
		final String title = command.getInfo().getMenuPath().getLeaf().getName();
		for (final Window window : Window.getWindows())
			if (window instanceof JDialog dialog && dialog.isShowing() && title.equals(dialog.getTitle())) select(dialog
				.getContentPane(), item.getLabel(), Inputs.text(command, item));
	}

	/** Selects the text in the box of choices that follows the label. */
	static void select(final Container container, final String label, final String text) {
		select(container, label, text, false);
	}

	/**
	 * @param labelled whether the label has come
	 * @return whether the label has come and the box has not
	 */
	private static boolean select(final Container container, final String label, final String text,
		final boolean labelled)
	{
		boolean next = labelled;
		for (final Component component : container.getComponents()) {
			if (component instanceof JLabel each) next |= label.equals(each.getText());
			else if (component instanceof JComboBox<?> box) {
				if (next) box.setSelectedItem(text);
				next = false;
			}
			else if (component instanceof Container inner) next = select(inner, label, text, next);
		}
		return next;
	}
}
