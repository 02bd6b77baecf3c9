package org.patchct.command;

import ij.IJ;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.patchct.evaluate.Methods;
import org.patchct.network.TorchEngine;
import org.patchct.projector.cuda.CudaDevices;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.scijava.command.Command;
import org.scijava.plugin.Plugin;
import org.scijava.util.VersionUtils;

/** Logs what a bug report needs. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT System Info",
	headless = true,
	description = "Logs versions, memory, devices and installed methods, for bug reports.")
public class SystemInfoCommand extends CtCommand {

	@Override
	protected void execute() {
		final List<String> lines = new ArrayList<>();
		lines.add("PatchCT " + VersionUtils.getVersion(SystemInfoCommand.class));
		lines.add("ImageJ " + IJ.getFullVersion() + ", SciJava " + VersionUtils.getVersion(org.scijava.Context.class));
		lines.add("Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + "), " + System
			.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
		final Runtime runtime = Runtime.getRuntime();
		lines.add(String.format(Locale.ROOT, "Memory: %d MB used, Java may use %d MB", runtime.totalMemory() - runtime
			.freeMemory() >> 20, runtime.maxMemory() >> 20));
		lines.add("Processor: " + Parallel.threads() + " threads");
		CudaDevices.report().forEach(gpu -> lines.add("GPU for projections: " + gpu));
		lines.add("PyTorch: " + torch());
		lines.add("Methods: " + String.join(", ", Methods.names(pluginService)));
		lines.forEach(IJ::log);
	}

	private static String torch() {
		try {
			return "device auto is " + TorchEngine.choose("auto").description();
		}
		catch (final InvalidInputException e) {
			return "not usable. " + e.getMessage();
		}
	}
}
