package org.patchct.evaluate;

import java.io.File;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Volume;
import org.scijava.InstantiableException;
import org.scijava.plugin.PluginInfo;
import org.scijava.plugin.PluginService;

/** The reconstruction methods that are installed, by the names of their SciJava plugins. */
public final class Methods {

	/** Stands for every method that is installed. */
	public static final String ALL = "all";

	/** The blanks before "key=". */
	static final String SETTING = "\\s+(?=\\w+=)";

	private Methods() { }

	/** Names of all methods, in alphabetical order. */
	public static List<String> names(final PluginService plugins) {
		return List.copyOf(installed(plugins).keySet());
	}

	/**
	 * Methods by name, with settings of their own if some follow the name: "FBP, SIRT iterations=50, SIRT iterations=200".
	 * Besides the method's settings there is prior=FILE for a prior that the other methods are not given.
	 *
	 * @param list separated by commas, upper and lower case alike in the names; {@value #ALL} for all that are installed
	 * @return new methods in the order of the list, each once, under their exact names with their settings
	 * @throws InvalidInputException if the list is empty, names a method that is not installed, or gives settings that a
	 *           method does not have
	 */
	public static Map<String, Reconstructor> find(final PluginService plugins, final String list) {
		final Map<String, PluginInfo<Reconstructor>> installed = installed(plugins);
		final Map<String, Reconstructor> methods = new LinkedHashMap<>();
		final Map<String, Map<String, String>> known = new HashMap<>();
		final String wanted = list.strip().equalsIgnoreCase(ALL) ? String.join(",", installed.keySet()) : list;
		for (final String text : wanted.split(",")) {
			if (text.isBlank()) continue;
			final String[] words = text.strip().split(SETTING);
			final PluginInfo<Reconstructor> info = installed.get(words[0]);
			if (info == null) throw new InvalidInputException("Method \"" + words[0] + "\" is not installed. Known are: " +
				String.join(", ", installed.keySet()) + ".");
			final Map<String, String> settings = new LinkedHashMap<>();
			final StringBuilder name = new StringBuilder(info.getName());
			for (int i = 1; i < words.length; i++) {
				final String[] pair = words[i].split("=", 2);
				settings.put(pair[0].toLowerCase(Locale.ROOT), pair[1].strip());
				// Of a prior's path only the end, since this names files and columns.
				name.append(' ').append(pair[0]).append('=').append(new File(pair[1].strip()).getName());
			}
			final Map<String, String> same = known.putIfAbsent(name.toString(), settings);
			if (same == null) methods.put(name.toString(), create(info, name, settings));
			else if (!same.equals(settings)) throw new InvalidInputException("Two methods are called \"" + name +
				"\": give the files of their priors different names.");
		}
		if (methods.isEmpty()) throw new InvalidInputException("No method was given. Known are: " + String.join(", ",
			installed.keySet()) + "; separate several by commas.");
		return methods;
	}

	private static Reconstructor create(final PluginInfo<Reconstructor> info, final CharSequence name,
		final Map<String, String> settings)
	{
		final Map<String, String> own = new LinkedHashMap<>(settings);
		final String prior = own.remove("prior");
		try {
			final Reconstructor method = own.isEmpty() ? info.createInstance() : info.createInstance().with(own);
			return prior == null ? method : new WithPrior(method, Path.of(prior));
		}
		catch (final InstantiableException e) {
			throw new InvalidInputException("Method \"" + info.getName() + "\" cannot be started: " + e.getMessage() +
				". Its plugin is broken: update or remove it.", e);
		}
		catch (final InvalidInputException e) {
			throw new InvalidInputException("Method \"" + name + "\": " + e.getMessage(), e);
		}
	}

	/** A method that is given another prior than the rest. */
	private record WithPrior(Reconstructor method, Path prior) implements Reconstructor {

		private RunSettings own(final RunSettings run) {
			return new RunSettings(run.device(), run.seed(), prior);
		}

		@Override
		public Volume reconstruct(final Projections projections, final Grid grid, final RunSettings run,
			final Progress progress)
		{
			return method.reconstruct(projections, grid, own(run), progress);
		}

		@Override
		public Map<String, String> recipe(final ScanGeometry geometry, final Intensity intensity, final RunSettings run) {
			return method.recipe(geometry, intensity, own(run));
		}

		@Override
		public String device(final RunSettings run) {
			return method.device(own(run));
		}

		@Override
		public String description() {
			return method.description();
		}
	}

	private static Map<String, PluginInfo<Reconstructor>> installed(final PluginService plugins) {
		final Map<String, PluginInfo<Reconstructor>> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		for (final PluginInfo<Reconstructor> info : plugins.getPluginsOfType(Reconstructor.class))
			map.putIfAbsent(info.getName(), info);
		return map;
	}
}
