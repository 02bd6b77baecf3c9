package org.patchct.recon;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.patchct.task.InvalidInputException;

/**
 * Settings of a method as text, read strictly: what is no number, no choice or no key is refused. Ranges are the business
 * of the method.
 */
public final class MethodSettings {

	private final Map<String, String> given;

	private final Set<String> known = new TreeSet<>();

	/** @param given values by key */
	public MethodSettings(final Map<String, String> given) {
		this.given = given;
	}

	/** A whole number. */
	public int integer(final String key, final int otherwise) {
		return (int) number(key, otherwise, "-?\\d{1,9}", "a whole number");
	}

	/** A number. */
	public double number(final String key, final double otherwise) {
		return number(key, otherwise, "-?(\\d+\\.?\\d*|\\.\\d+)([eE]-?\\d{1,3})?", "a number");
	}

	private double number(final String key, final double otherwise, final String form, final String kind) {
		final String text = text(key);
		if (text == null) return otherwise;
		if (!text.matches(form)) throw wrong(key, text, kind);
		return Double.parseDouble(text);
	}

	/** true or false. */
	public boolean flag(final String key, final boolean otherwise) {
		final String text = text(key);
		if (text == null) return otherwise;
		if (!text.matches("(?i)true|false")) throw wrong(key, text, "true or false");
		return Boolean.parseBoolean(text);
	}

	/** One of an enum's constants, by what it is shown as, upper and lower case alike. */
	public <E extends Enum<E>> E choice(final String key, final E otherwise) {
		final String text = text(key);
		if (text == null) return otherwise;
		final E[] all = otherwise.getDeclaringClass().getEnumConstants();
		return Stream.of(all).filter(value -> value.toString().equalsIgnoreCase(text)).findFirst().orElseThrow(() -> wrong(
			key, text, "one of " + Stream.of(all).map(Object::toString).collect(Collectors.joining(", "))));
	}

	/**
	 * To be called once all keys have been read.
	 *
	 * @throws InvalidInputException if another key was given
	 */
	public void requireNoOther() {
		for (final String key : given.keySet())
			if (!known.contains(key)) throw new InvalidInputException("there is no setting \"" + key + "\"; there " + (known
				.isEmpty() ? "are none" : known.size() == 1 ? "is " + known.iterator().next() : "are " + String.join(", ",
					known)) + ".");
	}

	private String text(final String key) {
		known.add(key);
		return given.get(key);
	}

	private static InvalidInputException wrong(final String key, final String text, final String allowed) {
		return new InvalidInputException(key + "=" + text + ": it must be " + allowed + ".");
	}
}
