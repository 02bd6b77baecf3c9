package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

import ij.ImagePlus;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Inputs;
import org.patchct.imagej.MacroOptions;
import org.patchct.imagej.MacroText;
import org.patchct.imagej.MenuFile;
import org.scijava.Cancelable;
import org.scijava.Context;
import org.scijava.ItemVisibility;
import org.scijava.command.Command;
import org.scijava.command.CommandInfo;
import org.scijava.command.CommandService;
import org.scijava.module.MethodCallException;
import org.scijava.module.Module;
import org.scijava.module.ModuleException;
import org.scijava.module.ModuleItem;
import org.scijava.module.ModuleService;
import org.scijava.util.Types;

/** What every command promises, whatever it does. */
class CommandsTest {

	private static Context context;

	private static List<CommandInfo> commands;

	@BeforeAll
	static void findCommands() {
		context = new Context();
		commands = context.service(CommandService.class).getCommands().stream().filter(c -> c.getDelegateClassName()
			.startsWith("org.patchct.")).toList();
	}

	@AfterAll
	static void disposeContext() {
		context.dispose();
	}

	@Test
	void plainImageJHasTheSameMenuAsFiji() {
		final Map<String, String> fiji = new TreeMap<>(), plain = new TreeMap<>();
		for (final CommandInfo command : commands)
			fiji.put(command.getMenuPath().getMenuString(true), command.getDelegateClassName());
		for (final String[] entry : MenuFile.entries())
			if (entry[1].startsWith("org.patchct.imagej.CommandRunner")) plain.put(entry[0].replace(">", " > "), entry[1]
				.replaceFirst(".*\\(\"(.*)\"\\)", "$1"));
		assertEquals(fiji, plain);
	}

	@TestFactory
	List<DynamicTest> labelsAreUniqueInAllOfFiji() {
		return each(command -> assertTrue(label(command).startsWith("CT "), label(command)));
	}

	@TestFactory
	List<DynamicTest> commandsAreValidAndDescribed() {
		return each(command -> {
			assertTrue(command.isValid(), () -> command.getProblems().toString());
			assertTrue(command.getDescription().endsWith("."), command.getDescription());
			assertTrue(command.canRunHeadless(), "must be marked headless");
		});
	}

	@TestFactory
	List<DynamicTest> keysAreLowerCaseAndNoneIsTheEndOfAnother() {
		return each(command -> {
			for (final ModuleItem<?> a : inputs(command)) {
				assertTrue(a.getName().matches("[a-z]+"), a.getName());
				for (final ModuleItem<?> b : inputs(command))
					assertFalse(!a.getName().equals(b.getName()) && a.getName().endsWith(b.getName()), a.getName() +
						" ends with " + b.getName());
			}
		});
	}

	@TestFactory
	List<DynamicTest> nothingIsRememberedFromRunToRun() {
		return each(command -> {
			for (final ModuleItem<?> item : inputs(command))
				assertFalse(item.isPersisted(), item.getName());
			for (final ModuleItem<?> item : command.inputs())
				assertFalse(item.getVisibility() == ItemVisibility.MESSAGE && item.isPersisted(), item.getName());
		});
	}

	@TestFactory
	List<DynamicTest> inputsSayWhatTheyAreAndWhatIsAllowed() {
		return each(command -> {
			for (final ModuleItem<?> item : inputs(command)) {
				assertFalse(item.getLabel().isBlank(), item.getName());
				final String description = item.getDescription();
				assertTrue(description.endsWith("."), item.getName() + ": " + description);
				for (final Object limit : new Object[] { item.getMinimumValue(), item.getMaximumValue() })
					if (limit instanceof Number number && number.doubleValue() != 0) assertTrue(description.contains(String
						.valueOf(limit).replaceFirst("\\.0$", "")), item.getName() + " does not state its limit " + limit + ": " +
							description);
			}
		});
	}

	/** Fiji's dialogs have a button for it. */
	@TestFactory
	List<DynamicTest> helpNamesTheKeys() {
		return each(command -> {
			final Module module = module(command);
			final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			final PrintStream out = System.out;
			System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
			try {
				module.getInfo().getInput("help").callback(module);
			}
			catch (final MethodCallException e) {
				throw new AssertionError(e);
			}
			finally {
				System.setOut(out);
			}
			final String text = bytes.toString(StandardCharsets.UTF_8);
			assertTrue(text.contains(label(command)) && text.contains("https://"), text);
			for (final ModuleItem<?> item : Inputs.of(module))
				assertTrue(text.contains(" (" + item.getName() + ")"), text);
		});
	}

	/** Fiji's dialogs have a button for it. */
	@TestFactory
	List<DynamicTest> changedInputsAreRestored() {
		return each(command -> {
			final Module module = module(command);
			try {
				module.initialize();
				final Map<String, Object> before = new TreeMap<>();
				for (final ModuleItem<?> item : Inputs.of(module)) {
					before.put(item.getName(), String.valueOf(item.getValue(module)));
					module.setInput(item.getName(), changed(item, item.getValue(module)));
					assertNotEquals(before.get(item.getName()), String.valueOf(item.getValue(module)), item.getName());
				}
				module.getInfo().getInput("defaults").callback(module);
				for (final ModuleItem<?> item : Inputs.of(module))
					assertEquals(before.get(item.getName()), String.valueOf(item.getValue(module)), item.getName());
			}
			catch (final MethodCallException e) {
				throw new AssertionError(e);
			}
		});
	}

	/** Another value of an input's type. */
	private static Object changed(final ModuleItem<?> item, final Object value) {
		final Class<?> type = Types.box(item.getType());
		if (type == Boolean.class) return !(Boolean) value;
		if (type == String.class) return (value + " changed").strip();
		if (type == File.class) return new File("changed");
		if (type == ImagePlus.class) return new ImagePlus("changed");
		if (item.getMaximumValue() != null) return value.equals(item.getMaximumValue()) ? item.getMinimumValue() : item
			.getMaximumValue();
		if (type == Integer.class) return (Integer) value + 1;
		if (type == Long.class) return (Long) value + 1;
		if (type == Double.class) return (Double) value + 1;
		return Stream.of(type.getEnumConstants()).filter(constant -> constant != value).findFirst().orElseThrow();
	}

	/** SciJava would cancel a command that lacks a required input without a word, and the macro would go on. */
	@TestFactory
	List<DynamicTest> nothingRequiredIsWithoutDefault() {
		return each(command -> {
			final Module module = module(command);
			for (final ModuleItem<?> item : Inputs.of(module))
				assertTrue(!item.isRequired() || item.getValue(module) != null, item.getName());
		});
	}

	/** With all of SciJava's own processors, as in Fiji. */
	@Test
	void scriptsRunCommandsThroughSciJava() throws Exception {
		final Module made = runByScript(PhantomCommand.class, "phantom", PhantomCommand.Phantom.SHEPP_LOGAN, "size", 9);
		assertEquals(9, ((ImagePlus) made.getOutput("result")).getStackSize());
		HeadlessMacro.closeImages();
		final Module refused = runByScript(FbpCommand.class);
		assertEquals(CtCommand.NO_IMAGE, ((Cancelable) refused).getCancelReason());
		assertNull(refused.getOutput("result"));
	}

	@Test
	void scriptsAreHeldToTheRangesToo() throws Exception {
		final Module refused = runByScript(PhantomCommand.class, "size", 7);
		assertEquals("Size (voxels), size=7: it must be a whole number from 8 to 1024.", ((Cancelable) refused)
			.getCancelReason());
	}

	private static Module runByScript(final Class<? extends Command> command, final Object... inputs) throws Exception {
		return context.service(ModuleService.class).run(context.service(CommandService.class).getCommand(command), true,
			inputs).get();
	}

	/** The text that a recorder writes for the defaults must be read back as the defaults. */
	@TestFactory
	List<DynamicTest> defaultsSurviveRecording() {
		return each(command -> {
			final Module module = module(command);
			for (final ModuleItem<?> item : Inputs.of(module)) {
				final Object value = item.getValue(module);
				if (value == null) continue;
				Inputs.set(module, item, Inputs.text(module, item));
				assertEquals(value, item.getValue(module), item.getName());
			}
		});
	}

	/** What a recorder writes for other values, texts that were cleared among them, must be read back as these values. */
	@TestFactory
	List<DynamicTest> changesSurviveRecording() {
		return each(command -> {
			for (final boolean cleared : new boolean[] { false, true }) {
				final Module module = module(command), again = module(command);
				for (final ModuleItem<?> item : Inputs.of(module))
					if (item.getType() != ImagePlus.class) module.setInput(item.getName(), !cleared ? changed(item, item.getValue(
						module)) : item.getType() == String.class && item.getChoices() == null ? "" : item.getValue(module));
				final String line = MacroText.run(label(command), Inputs.texts(module));
				final Map<String, String> options = MacroOptions.parse(line.replaceFirst("^run\\(\"[^\"]*\"(, \")?", "").replaceFirst(
					"\"?\\);$", ""));
				for (final ModuleItem<?> item : Inputs.of(again))
					if (options.containsKey(item.getName()) && item.getType() != ImagePlus.class) Inputs.set(again, item, options.get(
						item.getName()));
				for (final ModuleItem<?> item : Inputs.of(module))
					assertEquals(item.getValue(module), item.getValue(again), item.getName() + " in " + line);
			}
		});
	}

	@TestFactory
	List<DynamicTest> wrongKeysStopMacros() {
		return each(command -> refused(command, "nonsense=1", command.getMenuPath().getLeaf().getName().replace("...", "") +
			" has no key nonsense"));
	}

	@TestFactory
	List<DynamicTest> wrongValuesStopMacros() {
		return each(command -> {
			for (final ModuleItem<?> item : inputs(command)) {
				final Class<?> type = Types.box(item.getType());
				final boolean number = Number.class.isAssignableFrom(type);
				if (number || type == Boolean.class || type.isEnum()) refused(command, item.getName() + "=wrong", item.getLabel() +
					", " + item.getName() + "=wrong: it must be " + (number ? Inputs.numbers(item) : ""));
				if (type == ImagePlus.class) refused(command, item.getName() + "=[not there]", item.getLabel() + ", " + item
					.getName() + "=[not there]: no open image has this title.");
				for (final Object limit : new Object[] { item.getMinimumValue(), item.getMaximumValue() }) {
					if (!(limit instanceof Number end)) continue;
					final double beyond = end.doubleValue() + (limit.equals(item.getMinimumValue()) ? -1 : 1);
					final String text = type == Double.class ? String.valueOf(beyond) : String.valueOf((long) beyond);
					refused(command, item.getName() + "=" + text, ": it must be " + Inputs.numbers(item) + ".");
				}
			}
		});
	}

	private static void refused(final CommandInfo command, final String options, final String message) {
		final HeadlessMacro.Result result = HeadlessMacro.run("print('before');\nrun('" + label(command) + "', '" + options +
			"');\nprint('went on');");
		assertFalse(result.ok(), options);
		assertTrue(result.err().contains(message) && result.err().contains(" in line 2"), result.err() + "\n does not say " +
			message);
		assertFalse(result.out().contains("went on"), options);
	}

	private static List<DynamicTest> each(final Consumer<CommandInfo> check) {
		final List<DynamicTest> tests = new ArrayList<>();
		for (final CommandInfo command : commands)
			tests.add(DynamicTest.dynamicTest(label(command), () -> check.accept(command)));
		return tests;
	}

	private static String label(final CommandInfo command) {
		return command.getMenuPath().getLeaf().getName();
	}

	private static List<ModuleItem<?>> inputs(final CommandInfo command) {
		return Inputs.of(module(command));
	}

	private static Module module(final CommandInfo command) {
		try {
			final Module module = command.createModule();
			context.inject(module);
			return module;
		}
		catch (final ModuleException e) {
			throw new AssertionError(e);
		}
	}
}
