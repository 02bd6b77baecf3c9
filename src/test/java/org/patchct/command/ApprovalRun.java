package org.patchct.command;

import java.awt.Button;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.TextField;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import ij.ImageJ;
import ij.WindowManager;
import ij.gui.MultiLineLabel;

import org.patchct.imagej.CommandRunner;

/**
 * A user at a display who imports a scan from the menu: gives the path in the command's dialog, and presses a button in
 * that and in each one that comes then. Prints what these say and the titles of the images that are open in the end.
 */
public final class ApprovalRun {

	/** Seconds to wait for a dialog, and for the command. */
	private static final int LONGEST = 30;

	private ApprovalRun() { }

	/** Arguments: the scan, and the button of each dialog. */
	public static void main(final String[] args) throws Exception {
		new ImageJ(ImageJ.NO_SHOW);
		final Thread command = new Thread(() -> new CommandRunner().run(ImportCommand.class.getName()));
		command.start();
		Dialog dialog = null;
		for (int i = 1; i < args.length; i++) {
			final Dialog shown = dialog = next(dialog);
			// The first field is the path.
			if (i == 1) EventQueue.invokeAndWait(() -> all(shown, TextField.class).get(0).setText(args[0]));
			else for (final MultiLineLabel label : all(shown, MultiLineLabel.class))
				System.out.println("asked: " + text(label));
			press(shown, args[i]);
		}
		command.join(TimeUnit.SECONDS.toMillis(LONGEST));
		for (final int id : WindowManager.getIDList() == null ? new int[0] : WindowManager.getIDList())
			System.out.println("open: " + WindowManager.getImage(id).getTitle());
		System.exit(command.isAlive() ? 1 : 0);
	}

	/** The dialog that shows, other than the one before. */
	private static Dialog next(final Dialog before) throws InterruptedException {
		final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST);
		while (System.nanoTime() < end) {
			for (final Window window : Window.getWindows())
				if (window instanceof Dialog dialog && window.isShowing() && window != before) return dialog;
			Thread.sleep(50);
		}
		throw new IllegalStateException("no dialog came after " + before);
	}

	private static void press(final Dialog dialog, final String label) throws Exception {
		for (final Button button : all(dialog, Button.class))
			if (button.getLabel().strip().equals(label)) {
				EventQueue.invokeAndWait(() -> button.dispatchEvent(new ActionEvent(button, ActionEvent.ACTION_PERFORMED, label)));
				return;
			}
		throw new IllegalStateException("no button " + label + " in " + dialog);
	}

	/** ImageJ's labels do not tell their text. */
	private static String text(final MultiLineLabel label) throws ReflectiveOperationException {
		final Field lines = MultiLineLabel.class.getDeclaredField("lines");
		lines.setAccessible(true);
		return String.join(" ", (String[]) lines.get(label));
	}

	private static <C extends Component> List<C> all(final Container container, final Class<C> type) {
		final List<C> found = new ArrayList<>();
		for (final Component component : container.getComponents()) {
			if (type.isInstance(component)) found.add(type.cast(component));
			if (component instanceof Container inner) found.addAll(all(inner, type));
		}
		return found;
	}
}
