package org.patchct.command;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ij.ImagePlus;

import org.patchct.imagej.Inputs;
import org.patchct.imagej.MenuFile;
import org.scijava.Context;
import org.scijava.command.CommandService;
import org.scijava.module.Module;
import org.scijava.module.ModuleException;
import org.scijava.module.ModuleItem;
import org.scijava.util.Types;
import org.scijava.widget.FileWidget;

/**
 * Writes the README's section on the commands' keys anew from their declarations:
 * {@code mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.command.KeyTable}
 */
public final class KeyTable {

	static final Path README = Path.of("README.md");

	private static final String BEGIN = "<!-- Keys, written by org.patchct.command.KeyTable: do not edit. -->\n",
			END = "<!-- End of the keys. -->\n";

	private KeyTable() { }

	public static void main(final String... args) throws IOException {
		final String readme = Files.readString(README);
		try (Context context = new Context()) {
			Files.writeString(README, updated(readme, sections(context.service(CommandService.class))));
		}
	}

	/** The README with other text between the markers. */
	static String updated(final String readme, final String sections) {
		final int begin = readme.indexOf(BEGIN), end = readme.indexOf(END);
		if (begin < 0 || end < begin) throw new IllegalStateException("README.md lacks the markers\n" + BEGIN + END);
		return readme.substring(0, begin + BEGIN.length()) + "\n" + sections + "\n" + readme.substring(end);
	}

	/** A section for each command, in the order of the menu. */
	static String sections(final CommandService commands) {
		return MenuFile.entries().stream().filter(entry -> entry[1].startsWith("org.patchct.imagej.CommandRunner")).map(
			entry -> section(commands, entry[1].replaceFirst(".*\\(\"(.*)\"\\)", "$1"))).collect(Collectors.joining("\n"));
	}

	private static String section(final CommandService commands, final String type) {
		final Module command;
		try {
			command = commands.getCommand(type).createModule();
			commands.getContext().inject(command);
		}
		catch (final ModuleException e) {
			throw new IllegalStateException(e);
		}
		final StringBuilder text = new StringBuilder("### " + command.getInfo().getMenuPath().getLeaf().getName() + "\n\n" +
			escaped(command.getInfo().getDescription()) + "\n");
		final List<ModuleItem<?>> items = Inputs.of(command);
		if (!items.isEmpty()) text.append("\n| key | value | default | meaning |\n|---|---|---|---|\n");
		for (final ModuleItem<?> item : items)
			text.append("| `" + item.getName() + "` | " + escaped(values(item)) + " | " + standard(command, item) + " | " + escaped(
				item.getLabel() + ". " + item.getDescription()) + " |\n");
		return text.toString();
	}

	/** Type, range or choices. */
	private static String values(final ModuleItem<?> item) {
		final Class<?> type = Types.box(item.getType());
		if (type == ImagePlus.class) return "title of an open image";
		if (type == File.class) return FileWidget.DIRECTORY_STYLE.equals(item.getWidgetStyle()) ? "folder" : "path";
		if (type == String.class) return "text";
		if (type == Boolean.class) return "true, false";
		if (type.isEnum()) return Stream.of(type.getEnumConstants()).map(Object::toString).collect(Collectors.joining(", "));
		return Inputs.numbers(item);
	}

	private static String standard(final Module command, final ModuleItem<?> item) {
		final String text = Inputs.text(command, item);
		return text.isEmpty() ? "" : "`" + text + "`";
	}

	private static String escaped(final String text) {
		return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*");
	}
}
