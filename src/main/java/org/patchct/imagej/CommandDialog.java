package org.patchct.imagej;

import java.awt.Checkbox;
import java.awt.Choice;
import java.awt.Component;
import java.awt.TextField;
import java.awt.event.FocusAdapter;
import java.awt.event.FocusEvent;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Vector;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.gui.MultiLineLabel;

import org.patchct.task.InvalidInputException;
import org.scijava.ItemVisibility;
import org.scijava.module.Module;
import org.scijava.module.ModuleItem;
import org.scijava.util.Types;
import org.scijava.widget.FileWidget;

/**
 * Asks for a command's inputs in an ImageJ dialog made from their declarations. ImageJ's components have no tooltips, so
 * the lower part of the dialog says what the command does, and what the input means that has the focus or is pointed at.
 */
final class CommandDialog {

	private static final String RESTORE = "Restore Defaults";

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
		final Map<ModuleItem<?>, String> defaults = new LinkedHashMap<>();
		for (final ModuleItem<?> item : items)
			defaults.put(item, Inputs.text(module, item));
		final Map<ModuleItem<?>, String> values = new LinkedHashMap<>(defaults);
		while (show(module, title, values, defaults)) {
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

	/** @param values shown, and then those that the user gave */
	private static boolean show(final Module module, final String title, final Map<ModuleItem<?>, String> values,
		final Map<ModuleItem<?>, String> defaults)
	{
		final GenericDialog dialog = new GenericDialog(title);
		final Map<ModuleItem<?>, Component> components = new LinkedHashMap<>();
		final Map<ModuleItem<?>, Component> labels = new LinkedHashMap<>();
		for (final ModuleItem<?> item : module.getInfo().inputs()) {
			if (item.getVisibility() == ItemVisibility.MESSAGE) dialog.addMessage(Messages.wrapped(String.valueOf(item.getValue(
				module))));
			else if (values.containsKey(item)) {
				components.put(item, add(dialog, item, values.get(item)));
				if (!isBox(item)) labels.put(item, dialog.getLabel());
			}
		}
		explain(dialog, module.getInfo().getDescription(), components, labels);
		dialog.addButton(RESTORE, event -> components.forEach((item, component) -> fill(component, defaults.get(item))));
		dialog.addHelp(Help.html(module));
		dialog.showDialog();
		if (dialog.wasCanceled()) return false;
		// Not the dialog's own getters: they would record its labels beside the keys that the adapter records.
		values.replaceAll((item, before) -> text(components.get(item)));
		return true;
	}

	/** Adds a message that says what the command does, and then what the input means that the user is at. */
	private static void explain(final GenericDialog dialog, final String command,
		final Map<ModuleItem<?>, Component> components, final Map<ModuleItem<?>, Component> labels)
	{
		int lines = Messages.lines(command);
		for (final ModuleItem<?> item : components.keySet())
			lines = Math.max(lines, Messages.lines(item.getDescription()));
		// ImageJ lays the dialog out only once.
		final int most = lines;
		dialog.addMessage(Messages.wrapped(command, most));
		if (!(dialog.getMessage() instanceof MultiLineLabel message)) return;
		components.forEach((item, component) -> {
			final String meaning = Messages.wrapped(item.getDescription(), most);
			final MouseAdapter pointed = new MouseAdapter() {

				@Override
				public void mouseEntered(final MouseEvent event) {
					message.setText(meaning);
				}
			};
			component.addMouseListener(pointed);
			if (labels.containsKey(item)) labels.get(item).addMouseListener(pointed);
			component.addFocusListener(new FocusAdapter() {

				private boolean first = true;

				@Override
				public void focusGained(final FocusEvent event) {
					// A dialog that has just opened says what the command does.
					if (!first || item != components.keySet().iterator().next()) message.setText(meaning);
					first = false;
				}
			});
		});
	}

	private static void fill(final Component component, final String text) {
		if (component instanceof Checkbox box) box.setState(Boolean.parseBoolean(text));
		else if (component instanceof Choice choice) choice.select(text);
		else ((TextField) component).setText(text);
	}

	private static String text(final Component component) {
		if (component instanceof Checkbox box) return String.valueOf(box.getState());
		return component instanceof Choice choice ? choice.getSelectedItem() : ((TextField) component).getText();
	}

	private static Component add(final GenericDialog dialog, final ModuleItem<?> item, final String value) {
		final String label = item.getLabel();
		if (isBox(item)) dialog.addCheckbox(label, Boolean.parseBoolean(value));
		else if (isChoice(item)) dialog.addChoice(label, item.getType() == ImagePlus.class ? WindowManager.getImageTitles()
			: item.getChoices().stream().map(Object::toString).toArray(String[]::new), value);
		else if (item.getType() == File.class && FileWidget.DIRECTORY_STYLE.equals(item.getWidgetStyle())) dialog
			.addDirectoryField(label, value, PATH_COLUMNS);
		else if (item.getType() == File.class) dialog.addFileField(label, value, PATH_COLUMNS);
		else dialog.addStringField(label, value, Math.max(TEXT_COLUMNS, value.length() + 2));
		final Vector<?> components = isBox(item) ? dialog.getCheckboxes() : isChoice(item) ? dialog.getChoices() : dialog
			.getStringFields();
		return (Component) components.lastElement();
	}

	private static boolean isBox(final ModuleItem<?> item) {
		return Types.box(item.getType()) == Boolean.class;
	}

	private static boolean isChoice(final ModuleItem<?> item) {
		return item.getType() == ImagePlus.class || item.getChoices() != null && !item.getChoices().isEmpty();
	}
}
