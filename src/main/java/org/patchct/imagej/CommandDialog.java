package org.patchct.imagej;

import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.TextField;
import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;

import org.patchct.task.InvalidInputException;
import org.scijava.ItemVisibility;
import org.scijava.module.Module;
import org.scijava.module.ModuleItem;
import org.scijava.util.Types;
import org.scijava.widget.FileWidget;

/** Asks for a command's inputs in an ImageJ dialog made from their declarations. */
final class CommandDialog {

	private static final int TEXT_COLUMNS = 14, PATH_COLUMNS = 28;

	private CommandDialog() { }

	/**
	 * Shows the dialog until its values are allowed or the user gives up, and sets the module's inputs.
	 *
	 * @return whether the user pressed OK
	 */
	static boolean ask(final Module module, final String title) {
		final List<ModuleItem<?>> items = new ArrayList<>();
		for (final ModuleItem<?> item : Inputs.of(module))
			if (!module.isInputResolved(item.getName())) items.add(item);
		if (items.isEmpty()) return true;
		final Map<ModuleItem<?>, String> values = new LinkedHashMap<>();
		for (final ModuleItem<?> item : items)
			values.put(item, Inputs.text(module, item));
		while (show(module, title, values)) {
			try {
				for (final ModuleItem<?> item : items)
					Inputs.set(module, item, values.get(item));
				return true;
			}
			catch (final InvalidInputException e) {
				IJ.showMessage(title, Messages.wrapped(e.getMessage()));
			}
		}
		return false;
	}

	private static boolean show(final Module module, final String title, final Map<ModuleItem<?>, String> values) {
		final GenericDialog dialog = new GenericDialog(title);
		for (final ModuleItem<?> item : module.getInfo().inputs()) {
			if (item.getVisibility() == ItemVisibility.MESSAGE) dialog.addMessage(Messages.wrapped(String.valueOf(item.getValue(
				module))));
			else if (values.containsKey(item)) add(dialog, item, values.get(item));
		}
		dialog.addHelp(Help.html(module));
		dialog.showDialog();
		if (dialog.wasCanceled()) return false;
		// Not the dialog's own getters: they would record its labels beside the keys that the adapter records.
		final Iterator<?> fields = iterator(dialog.getStringFields()), choices = iterator(dialog.getChoices());
		final Iterator<?> boxes = iterator(dialog.getCheckboxes());
		values.replaceAll((item, before) -> isBox(item) ? String.valueOf(((Checkbox) boxes.next()).getState()) : isChoice(
			item) ? ((Choice) choices.next()).getSelectedItem() : ((TextField) fields.next()).getText());
		return true;
	}

	/** ImageJ has no list where a dialog has no such field. */
	private static Iterator<?> iterator(final List<?> components) {
		return components == null ? Collections.emptyIterator() : components.iterator();
	}

	private static void add(final GenericDialog dialog, final ModuleItem<?> item, final String value) {
		final String label = item.getLabel();
		if (isBox(item)) dialog.addCheckbox(label, Boolean.parseBoolean(value));
		else if (isChoice(item)) dialog.addChoice(label, item.getType() == ImagePlus.class ? WindowManager.getImageTitles()
			: item.getChoices().stream().map(Object::toString).toArray(String[]::new), value);
		else if (item.getType() == File.class && FileWidget.DIRECTORY_STYLE.equals(item.getWidgetStyle())) dialog
			.addDirectoryField(label, value, PATH_COLUMNS);
		else if (item.getType() == File.class) dialog.addFileField(label, value, PATH_COLUMNS);
		else dialog.addStringField(label, value, Math.max(TEXT_COLUMNS, value.length() + 2));
	}

	private static boolean isBox(final ModuleItem<?> item) {
		return Types.box(item.getType()) == Boolean.class;
	}

	private static boolean isChoice(final ModuleItem<?> item) {
		return item.getType() == ImagePlus.class || item.getChoices() != null && !item.getChoices().isEmpty();
	}
}
