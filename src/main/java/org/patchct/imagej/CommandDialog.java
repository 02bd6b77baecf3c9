package org.patchct.imagej;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.plugin.frame.Recorder;

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
		// The dialog would record its labels; the adapter records the keys that macros use.
		Recorder.suspendRecording();
		try {
			final GenericDialog dialog = new GenericDialog(title);
			for (final ModuleItem<?> item : module.getInfo().inputs()) {
				if (item.getVisibility() == ItemVisibility.MESSAGE) dialog.addMessage(Messages.wrapped(String.valueOf(item
					.getValue(module))));
				else if (values.containsKey(item)) add(dialog, item, values.get(item));
			}
			dialog.addHelp(help(module, title));
			dialog.showDialog();
			if (dialog.wasCanceled()) return false;
			values.replaceAll((item, before) -> next(dialog, item));
			return true;
		}
		finally {
			Recorder.resumeRecording();
		}
	}

	private static void add(final GenericDialog dialog, final ModuleItem<?> item, final String value) {
		final Class<?> type = Types.box(item.getType());
		final String label = item.getLabel();
		if (type == Boolean.class) dialog.addCheckbox(label, Boolean.parseBoolean(value));
		else if (type == ImagePlus.class) dialog.addChoice(label, WindowManager.getImageTitles(), value);
		else if (hasChoices(item)) dialog.addChoice(label, item.getChoices().stream().map(Object::toString).toArray(
			String[]::new), value);
		else if (type == File.class && FileWidget.DIRECTORY_STYLE.equals(item.getWidgetStyle())) dialog.addDirectoryField(
			label, value, PATH_COLUMNS);
		else if (type == File.class) dialog.addFileField(label, value, PATH_COLUMNS);
		else dialog.addStringField(label, value, Math.max(TEXT_COLUMNS, value.length() + 2));
	}

	private static String next(final GenericDialog dialog, final ModuleItem<?> item) {
		final Class<?> type = Types.box(item.getType());
		if (type == Boolean.class) return String.valueOf(dialog.getNextBoolean());
		return type == ImagePlus.class || hasChoices(item) ? dialog.getNextChoice() : dialog.getNextString();
	}

	private static boolean hasChoices(final ModuleItem<?> item) {
		return item.getChoices() != null && !item.getChoices().isEmpty();
	}

	/** What the command does and what each input means, with its macro key. */
	private static String help(final Module module, final String title) {
		final StringBuilder html = new StringBuilder("<html><h3>" + title + "</h3>" + module.getInfo().getDescription() +
			"<dl>");
		for (final ModuleItem<?> item : Inputs.of(module))
			html.append("<dt><b>" + item.getLabel() + "</b> (" + item.getName() + ")</dt><dd>" + item.getDescription() +
				"</dd>");
		return html.append("</dl></html>").toString();
	}
}
