package org.patchct.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.patchct.recon.Reconstructor;
import org.patchct.task.InvalidInputException;
import org.scijava.InstantiableException;
import org.scijava.plugin.PluginInfo;
import org.scijava.plugin.PluginService;

/** The reconstruction methods that are installed, by the names of their SciJava plugins. */
public final class Methods {

	private Methods() { }

	/** Names of all methods, in alphabetical order. */
	public static List<String> names(final PluginService plugins) {
		return List.copyOf(installed(plugins).keySet());
	}

	/**
	 * Methods with their defaults.
	 *
	 * @param list names separated by commas, upper and lower case alike
	 * @return new methods in the order of the list, under their exact names; each once
	 * @throws InvalidInputException if the list is empty or names a method that is not installed
	 */
	public static Map<String, Reconstructor> find(final PluginService plugins, final String list) {
		final Map<String, PluginInfo<Reconstructor>> installed = installed(plugins);
		final Map<String, Reconstructor> methods = new LinkedHashMap<>();
		for (final String name : list.split(",")) {
			final String wanted = name.strip();
			if (wanted.isEmpty()) continue;
			final PluginInfo<Reconstructor> info = installed.get(wanted);
			if (info == null) throw new InvalidInputException("Method \"" + wanted + "\" is not installed. Known are: " +
				String.join(", ", installed.keySet()) + ".");
			try {
				methods.putIfAbsent(info.getName(), info.createInstance());
			}
			catch (final InstantiableException e) {
				throw new InvalidInputException("Method \"" + wanted + "\" cannot be started: " + e.getMessage() +
					". Its plugin is broken: update or remove it.", e);
			}
		}
		if (methods.isEmpty()) throw new InvalidInputException("No method was given. Known are: " + String.join(", ",
			installed.keySet()) + "; separate several by commas.");
		return methods;
	}

	private static Map<String, PluginInfo<Reconstructor>> installed(final PluginService plugins) {
		final Map<String, PluginInfo<Reconstructor>> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		for (final PluginInfo<Reconstructor> info : plugins.getPluginsOfType(Reconstructor.class))
			map.putIfAbsent(info.getName(), info);
		return map;
	}
}
