package org.patchct.imagej;

import java.awt.GraphicsEnvironment;
import java.util.List;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.plugin.PlugIn;
import ij.plugin.frame.Recorder;

import org.scijava.Cancelable;
import org.scijava.Context;
import org.scijava.ItemIO;
import org.scijava.command.CommandInfo;
import org.scijava.command.CommandService;
import org.scijava.module.Module;
import org.scijava.module.ModuleException;
import org.scijava.module.ModuleItem;
import org.scijava.module.ModuleRunner;
import org.scijava.module.process.AbstractPostprocessorPlugin;
import org.scijava.module.process.AbstractPreprocessorPlugin;
import org.scijava.module.process.InitPreprocessor;

/**
 * Runs a SciJava command in plain ImageJ 1.x: asks for its inputs in an ImageJ dialog (or takes them from the macro),
 * records them, and shows its images. Named in plugins.config with the command's class as its argument; Fiji runs the
 * same commands by itself.
 */
public final class CommandRunner implements PlugIn {

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
		}
		catch (final ModuleException e) {
			throw new IllegalStateException(e);
		}
		final InitPreprocessor init = new InitPreprocessor();
		init.setContext(context);
		new ModuleRunner(context, module, List.of(init, new Dialog()), List.of(new Show())).run();
		// Macro.abort is what stops a macro, and the macro that called it.
		if (((Cancelable) module).isCanceled()) Macro.abort();
	}

	/** Asks for what the macro has not set, and records the answers. */
	private static final class Dialog extends AbstractPreprocessorPlugin {

		@Override
		public void process(final Module module) {
			if (MacroOptions.unattended()) return;
			final String title = module.getInfo().getMenuPath().getLeaf().getName();
			if (!CommandDialog.ask(module, title)) {
				cancel("");
				return;
			}
			if (IJ.recording()) for (final ModuleItem<?> item : Inputs.of(module)) {
				final String text = Inputs.text(module, item);
				if (!text.isEmpty()) Recorder.recordOption(item.getName(), text);
			}
		}
	}

	private static final class Show extends AbstractPostprocessorPlugin {

		@Override
		public void process(final Module module) {
			for (final ModuleItem<?> item : module.getInfo().outputs()) {
				if (item.getIOType() != ItemIO.OUTPUT || !(item.getValue(module) instanceof ImagePlus image)) continue;
				// Without a display the command itself has registered its images with the macro.
				if (GraphicsEnvironment.isHeadless()) WindowManager.setTempCurrentImage(image);
				else image.show();
			}
		}
	}
}
