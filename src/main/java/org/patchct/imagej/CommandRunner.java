package org.patchct.imagej;

import java.awt.GraphicsEnvironment;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.plugin.PlugIn;
import ij.plugin.frame.Recorder;

import org.scijava.Cancelable;
import org.scijava.Context;
import org.scijava.command.CommandInfo;
import org.scijava.command.CommandService;
import org.scijava.module.Module;
import org.scijava.module.ModuleException;
import org.scijava.module.ModuleItem;

/**
 * Runs a SciJava command in plain ImageJ 1.x: asks for its inputs in an ImageJ dialog (or lets it take them from the
 * macro), records them, and shows its images. Named in plugins.config with the command's class as its argument; Fiji
 * runs the same commands by itself.
 */
public final class CommandRunner implements PlugIn {

	/**
	 * Runs the command on this thread. SciJava's own runner is not used: it announces each step on the event thread and
	 * waits there, where ImageJ waits for the macro to end once the user has pressed Escape.
	 */
	@Override
	public void run(final String commandClass) {
		final Context context = Session.context();
		final CommandInfo info = context.service(CommandService.class).getCommand(commandClass);
		if (info == null) {
			IJ.error("PatchCT", "The command " + commandClass + " is not on the class path: reinstall the plugin's jar.");
			return;
		}
		final Module module;
		try {
			module = info.createModule();
			context.inject(module);
			module.initialize();
		}
		catch (final ModuleException e) {
			throw new IllegalStateException(e);
		}
		if (!MacroOptions.unattended()) {
			if (!CommandDialog.ask(module, info.getMenuPath().getLeaf().getName())) return;
			record(module);
		}
		module.run();
		// Macro.abort is what stops a macro, and the macro that called it.
		if (((Cancelable) module).isCanceled()) Macro.abort();
		else show(module);
	}

	private static void record(final Module module) {
		if (IJ.recording()) Inputs.texts(module).forEach(Recorder::recordOption);
	}

	private static void show(final Module module) {
		for (final ModuleItem<?> item : module.getInfo().outputs()) {
			// Without a display the command itself has registered its images with the macro.
			if (item.getValue(module) instanceof ImagePlus image && !GraphicsEnvironment.isHeadless()) image.show();
		}
	}
}
