package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;

import javax.swing.JComboBox;
import javax.swing.JLabel;
import javax.swing.JPanel;

import org.junit.jupiter.api.Test;

/** Boxes of choices are found by their labels, as SciJava lays them out: each in a panel of its own. */
class FijiDialogTest {

	@Test
	void selectsInTheBoxAfterTheLabel() {
		final JPanel panel = new JPanel();
		final JComboBox<String> first = add(panel, "Beam"), second = add(panel, "Order"), third = add(panel, "Values");
		FijiDialog.select(panel, "Order", "b");
		assertEquals("a b a", first.getSelectedItem() + " " + second.getSelectedItem() + " " + third.getSelectedItem());
		FijiDialog.select(panel, "Order", "not there");
		FijiDialog.select(panel, "no such label", "b");
		assertEquals("a b a", first.getSelectedItem() + " " + second.getSelectedItem() + " " + third.getSelectedItem());
	}

	private static JComboBox<String> add(final JPanel panel, final String label) {
		final JComboBox<String> box = new JComboBox<>(new String[] { "a", "b" });
		final JPanel inner = new JPanel();
		inner.add(box);
		panel.add(new JLabel(label));
		panel.add(inner);
		return box;
	}
}
