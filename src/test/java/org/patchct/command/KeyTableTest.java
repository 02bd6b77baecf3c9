package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.patchct.imagej.Help;
import org.scijava.Context;
import org.scijava.command.CommandInfo;
import org.scijava.command.CommandService;

/** What the README says of the commands is what they are. */
class KeyTableTest {

	private static Context context;

	private static CommandService commands;

	@BeforeAll
	static void findCommands() {
		context = new Context();
		commands = context.service(CommandService.class);
	}

	@AfterAll
	static void disposeContext() {
		context.dispose();
	}

	@Test
	void readmeHasTheKeysOfTheCommands() throws Exception {
		final String readme = Files.readString(KeyTable.README).replace("\r\n", "\n");
		assertEquals(KeyTable.updated(readme, KeyTable.sections(commands)), readme, "run KeyTable, which says how");
	}

	@Test
	void helpLeadsToASectionOfTheReadme() throws Exception {
		final String readme = Files.readString(KeyTable.README);
		for (final CommandInfo command : commands.getCommands()) {
			if (!command.getDelegateClassName().startsWith("org.patchct.")) continue;
			final String label = command.getMenuPath().getLeaf().getName();
			assertTrue(readme.contains("\n### " + label + "\n"), label);
		}
		assertEquals("https://github.com/patchct/PatchCT#ct-admm-tv", Help.url("CT ADMM-TV..."));
		assertEquals("https://github.com/patchct/PatchCT#ct-thorax-scan-20-views", Help.url("CT Thorax Scan (20 views)"));
	}

	@Test
	void citationIsThatOfTheReadme() throws Exception {
		assertTrue(Files.readString(KeyTable.README).replaceAll("\n> ", " ").contains(CiteCommand.PAPER));
	}
}
