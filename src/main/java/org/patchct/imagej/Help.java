package org.patchct.imagej;

import java.util.Locale;

import ij.IJ;
import ij.gui.HTMLDialog;

import java.awt.GraphicsEnvironment;

import org.scijava.module.Module;
import org.scijava.module.ModuleItem;
import org.scijava.util.POM;

/** Help on a command: what it does and what its keys mean, and where that is on the web. */
public final class Help {

	private Help() { }

	/** Shows the help on a command in a window, without a display in the log. */
	public static void show(final Module command) {
		if (GraphicsEnvironment.isHeadless()) IJ.log(html(command).replaceAll("<[^>]+>", "\n").replaceAll("\n+", "\n"));
		else new HTMLDialog(label(command), html(command));
	}

	/** What the command does and what each input means, with its macro key; needs no network. */
	static String html(final Module command) {
		final StringBuilder html = new StringBuilder("<html><h3>" + escaped(label(command)) + "</h3>" + escaped(command
			.getInfo().getDescription()));
		if (!project().isEmpty()) html.append("<p>On the web: <a href=\"" + url(label(command)) + "\">" + url(label(
			command)) + "</a></p>");
		html.append("<dl>");
		for (final ModuleItem<?> item : Inputs.of(command))
			html.append("<dt><b>" + escaped(item.getLabel()) + "</b> (" + item.getName() + ")</dt><dd>" + escaped(item
				.getDescription()) + "</dd>");
		return html.append("</dl></html>").toString();
	}

	/** Address of the project; empty where its description is not on the class path. */
	public static String project() {
		final POM pom = POM.getPOM(Help.class, "org.patchct", "PatchCT_");
		return pom == null ? "" : pom.getProjectURL();
	}

	/** Address of the README's section on a command. */
	public static String url(final String label) {
		return project() + "#" + anchor(label);
	}

	/** What GitHub makes of a heading: "CT ADMM-TV..." is at #ct-admm-tv. */
	static String anchor(final String heading) {
		return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-');
	}

	private static String label(final Module command) {
		return command.getInfo().getMenuPath().getLeaf().getName();
	}

	private static String escaped(final String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}
}
