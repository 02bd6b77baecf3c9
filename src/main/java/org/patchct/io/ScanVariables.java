package org.patchct.io;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.patchct.task.InvalidInputException;

/** Which of a file's arrays are the measured values, the flats, the darks and the angles, judged by name and size. */
final class ScanVariables {

	private static final Pattern FLATS = Pattern.compile(".*(flat|white|openbeam|open_beam).*"), DARKS = Pattern.compile(
		".*dark.*"), ANGLES = Pattern.compile(".*(theta|angle).*");

	/** DataExchange (De Carlo et al., Journal of Synchrotron Radiation 21:1224, 2014) keeps measured values here. */
	private static final String EXCHANGE_DATA = "/exchange/data";

	private final String file;

	/** Sizes by name, without those of length 1. */
	private final Map<String, List<Long>> sizes = new TreeMap<>();

	/** @param file what to call the file in messages */
	ScanVariables(final String file) {
		this.file = file;
	}

	/** Adds an array of numbers; its size may be in any order. */
	void add(final String name, final long[] size) {
		sizes.put(name, java.util.Arrays.stream(size).filter(n -> n != 1).boxed().toList());
	}

	/**
	 * The measured values: the array of that name, or DataExchange's, or the largest image or stack that is nothing else.
	 *
	 * @param wanted a name, or null or empty for any
	 * @throws InvalidInputException if there is none
	 */
	String data(final String wanted) {
		if (wanted != null && !wanted.isBlank()) {
			for (final String name : sizes.keySet())
				if (name.equals(wanted) || name.equals("/" + wanted)) return name;
			throw new InvalidInputException(file + " has no array \"" + wanted + "\". " + listed());
		}
		if (sizes.containsKey(EXCHANGE_DATA)) return EXCHANGE_DATA;
		final Predicate<String> images = name -> sizes.get(name).size() == 2 || sizes.get(name).size() == 3;
		return sizes.keySet().stream().filter(images.and(name -> !matches(name, FLATS) && !matches(name, DARKS))).max(
			Comparator.comparingDouble(name -> sizes.get(name).stream().mapToDouble(n -> n).reduce(1, (a, b) -> a * b)))
			.orElseThrow(() -> new InvalidInputException(file + " holds no image or stack of numbers. " + listed()));
	}

	/** Images without object, or null. */
	String flats(final String data) {
		return beside(data, FLATS);
	}

	/** Images without beam, or null. */
	String darks(final String data) {
		return beside(data, DARKS);
	}

	/** View angles, or null. */
	String angles(final String data) {
		return sizes.keySet().stream().filter(name -> matches(name, ANGLES) && sizes.get(name).size() == 1 && !name.equals(
			data)).findFirst().orElse(null);
	}

	private String beside(final String data, final Pattern pattern) {
		return sizes.keySet().stream().filter(name -> matches(name, pattern) && !sizes.get(name).isEmpty() && sizes.get(name)
			.size() <= 3 && !name.equals(data)).findFirst().orElse(null);
	}

	private static boolean matches(final String name, final Pattern pattern) {
		return pattern.matcher(name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT)).matches();
	}

	private String listed() {
		return sizes.isEmpty() ? "It holds no arrays of numbers." : "It holds " + String.join(", ", sizes.keySet()) + ".";
	}
}
