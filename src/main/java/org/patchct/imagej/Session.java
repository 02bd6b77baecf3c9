package org.patchct.imagej;

import java.util.Hashtable;
import java.util.List;

import ij.IJ;
import ij.ImageJ;
import ij.Menus;

import java.awt.Menu;
import java.awt.MenuItem;

import org.scijava.Context;

/** The running ImageJ: its SciJava context and its menus. */
final class Session {

	private Session() { }

	private static final class Holder {

		static final Context CONTEXT = create();

		private static Context create() {
			final Thread thread = Thread.currentThread();
			final ClassLoader before = thread.getContextClassLoader();
			// SciJava looks for plugins with the thread's loader; ImageJ's own threads do not see the plugins folder.
			thread.setContextClassLoader(Session.class.getClassLoader());
			try {
				return IJ.runPlugIn("org.scijava.Context", "") instanceof Context context ? context : new Context();
			}
			finally {
				thread.setContextClassLoader(before);
			}
		}
	}

	/** Fiji's SciJava context, or in plain ImageJ one that lives as long as the JVM. */
	static Context context() {
		return Holder.CONTEXT;
	}

	/** Adds commands to the table that {@code run("…")} looks them up in. */
	static void addCommands(final List<PluginsConfig.Entry> entries) {
		// The first macro is what makes ImageJ build its table when it has no window.
		if (Menus.getCommands() == null) IJ.runMacro("");
		@SuppressWarnings("unchecked")
		final Hashtable<String, String> commands = Menus.getCommands();
		for (final PluginsConfig.Entry entry : entries)
			commands.put(entry.label(), entry.plugin());
	}

	/** Opens ImageJ's window with the given items in its menu bar. */
	static void openWindow(final List<PluginsConfig.Entry> entries) {
		final ImageJ window = new ImageJ(ImageJ.STANDALONE);
		addCommands(entries);
		for (final PluginsConfig.Entry entry : entries) {
			final String[] path = entry.menu().split(">");
			Menu menu = null;
			for (final String name : path)
				menu = menu == null ? Menus.getImageJMenu(name) : submenu(menu, name);
			final MenuItem item = new MenuItem(entry.label());
			item.addActionListener(window);
			menu.add(item);
		}
	}

	private static Menu submenu(final Menu menu, final String name) {
		for (int i = 0; i < menu.getItemCount(); i++)
			if (menu.getItem(i) instanceof Menu existing && existing.getLabel().equals(name)) return existing;
		final Menu created = new Menu(name);
		menu.add(created);
		return created;
	}
}
