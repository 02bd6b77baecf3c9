package org.patchct.imagej;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import ij.ImagePlus;
import ij.WindowManager;

import org.patchct.task.InvalidInputException;
import org.scijava.Contextual;
import org.scijava.ItemVisibility;
import org.scijava.module.Module;
import org.scijava.module.ModuleException;
import org.scijava.module.ModuleItem;
import org.scijava.util.Types;

/**
 * Text to a command's inputs and back, strictly: what ImageJ and SciJava would quietly turn into 0, leave out or accept
 * outside its range is refused with a message that names the input, its key and what is allowed.
 */
public final class Inputs {

	private Inputs() { }

	/** The inputs a user sets, in order: no messages, services or context. */
	public static List<ModuleItem<?>> of(final Module module) {
		final List<ModuleItem<?>> items = new ArrayList<>();
		for (final ModuleItem<?> item : module.getInfo().inputs())
			if (item.getVisibility() != ItemVisibility.MESSAGE && convertible(Types.box(item.getType()))) items.add(item);
		return items;
	}

	private static boolean convertible(final Class<?> type) {
		return Number.class.isAssignableFrom(type) || type == Boolean.class || type == String.class || type == File.class ||
			type == ImagePlus.class || type.isEnum();
	}

	/**
	 * Sets an input from text.
	 *
	 * @throws InvalidInputException if the text is not of the input's type or the value not allowed
	 */
	public static void set(final Module module, final ModuleItem<?> item, final String text) {
		final Object value = parse(item, text.strip());
		check(item, value);
		module.setInput(item.getName(), value);
	}

	/**
	 * The texts that a macro gives the inputs' present values by, by their keys. Keys that are left out have a command's
	 * defaults in a macro, so an empty text is among them only where the default is another.
	 */
	public static Map<String, String> texts(final Module module) {
		final Map<String, String> texts = new LinkedHashMap<>();
		try {
			final Module fresh = module.getInfo().createModule();
			if (module instanceof Contextual known) known.context().inject(fresh);
			for (final ModuleItem<?> item : of(module)) {
				final String text = text(module, item);
				if (!text.isEmpty() || !text(fresh, item).isEmpty()) texts.put(item.getName(), text);
			}
		}
		catch (final ModuleException e) {
			throw new IllegalStateException(e);
		}
		return texts;
	}

	/** The text that {@link #set} turns into the input's present value; empty for none. */
	public static String text(final Module module, final ModuleItem<?> item) {
		final Object value = item.getValue(module);
		if (value == null) return "";
		if (value instanceof ImagePlus image) return image.getTitle();
		if (value instanceof Double || value instanceof Float) return number(((Number) value).doubleValue());
		return value.toString();
	}

	/**
	 * Checks a value's range or choice.
	 *
	 * @throws InvalidInputException if it is not allowed
	 */
	public static void check(final ModuleItem<?> item, final Object value) {
		if (value instanceof Number number) {
			final double v = number.doubleValue();
			final Number min = (Number) item.getMinimumValue(), max = (Number) item.getMaximumValue();
			if (!Double.isFinite(v) || min != null && v < min.doubleValue() || max != null && v > max.doubleValue())
				throw wrong(item, text(number), "it must be " + numbers(item) + ".");
		}
		final List<?> choices = item.getChoices();
		if (value != null && choices != null && !choices.isEmpty() && !choices.contains(value)) throw wrong(item, value
			.toString(), "it must be one of " + choices(choices) + ".");
	}

	private static Object parse(final ModuleItem<?> item, final String text) {
		final Class<?> type = Types.box(item.getType());
		if (type == String.class) return text;
		if (type == File.class) return text.isEmpty() ? null : new File(text);
		if (type == ImagePlus.class) return image(item, text);
		if (type.isEnum()) {
			for (final Object constant : type.getEnumConstants())
				if (text.equalsIgnoreCase(constant.toString()) || text.equals(((Enum<?>) constant).name())) return constant;
			throw wrong(item, text, "it must be one of " + choices(List.of(type.getEnumConstants())) + ".");
		}
		if (type == Boolean.class) {
			if (text.equalsIgnoreCase("true") || text.equals("1")) return true;
			if (text.equalsIgnoreCase("false") || text.equals("0")) return false;
			throw wrong(item, text, "it must be true or false.");
		}
		try {
			if (type == Integer.class) return Integer.valueOf(text);
			if (type == Long.class) return Long.valueOf(text);
			return type == Float.class ? (Object) Float.valueOf(text) : Double.valueOf(text);
		}
		catch (final NumberFormatException e) {
			throw wrong(item, text, "it must be " + numbers(item) + ".");
		}
	}

	private static String choices(final List<?> choices) {
		return choices.stream().map(Object::toString).collect(Collectors.joining(", "));
	}

	private static ImagePlus image(final ModuleItem<?> item, final String title) {
		final ImagePlus image = WindowManager.getImage(title);
		if (image != null) return image;
		final String[] titles = WindowManager.getImageTitles();
		throw wrong(item, title, "no open image has this title. " + (titles.length == 0 ? "No image is open."
			: "Open images: " + String.join(", ", titles) + "."));
	}

	/** What a number may be: "a whole number from 1 to 9". */
	public static String numbers(final ModuleItem<?> item) {
		final Class<?> type = Types.box(item.getType());
		final String kind = type == Double.class || type == Float.class ? "a number" : "a whole number";
		final Number min = (Number) item.getMinimumValue(), max = (Number) item.getMaximumValue();
		if (min != null && max != null) return kind + " from " + text(min) + " to " + text(max);
		if (min != null) return kind + " of at least " + text(min);
		return max == null ? kind : kind + " of at most " + text(max);
	}

	private static String text(final Number value) {
		return value instanceof Double || value instanceof Float ? number(value.doubleValue()) : value.toString();
	}

	/** Shortest text of a number: 180, 0.0001, 1e-9. */
	private static String number(final double value) {
		if (value == Math.rint(value) && Math.abs(value) < 1e9) return String.valueOf((long) value);
		return String.valueOf(value).replace(".0E", "e").replace('E', 'e');
	}

	private static InvalidInputException wrong(final ModuleItem<?> item, final String text, final String allowed) {
		return new InvalidInputException(item.getLabel() + ", " + item.getName() + "=" + (text.isEmpty() || text.contains(
			" ") ? "[" + text + "]" : text) + ": " + allowed);
	}
}
