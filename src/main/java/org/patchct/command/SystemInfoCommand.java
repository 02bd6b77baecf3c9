package org.patchct.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.patchct.evaluate.Methods;
import org.patchct.imagej.Libraries;
import org.patchct.imagej.TextDialog;
import org.patchct.imagej.Versions;
import org.patchct.network.Prior;
import org.patchct.network.TorchEngine;
import org.patchct.projector.cuda.CudaDevices;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Parallel;
import org.scijava.command.Command;
import org.scijava.plugin.Plugin;

/** Tells what a bug report needs. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT System Info",
	headless = true,
	description = "Shows versions, memory, devices and drivers, libraries that do not fit, bundled priors and installed " +
		"methods, for bug reports.")
public class SystemInfoCommand extends CtCommand {

	@Override
	protected void execute() {
		final List<String> lines = new ArrayList<>();
		lines.add(Versions.line());
		lines.add("Java: " + System.getProperty("java.vendor") + ", " + System.getProperty("java.home"));
		lines.add("System: " + System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System
			.getProperty("os.arch"));
		final Runtime runtime = Runtime.getRuntime();
		lines.add(String.format(Locale.ROOT, "Memory: %d MB used, Java may use %d MB", runtime.totalMemory() - runtime
			.freeMemory() >> 20, runtime.maxMemory() >> 20));
		lines.add("Processor: " + Parallel.threads() + " threads");
		lines.add("CUDA: " + CudaDevices.versions());
		CudaDevices.report().forEach(gpu -> lines.add("GPU for projections: " + gpu));
		lines.add("Networks: " + orReason(() -> TorchEngine.version() + ", device auto is " + TorchEngine.choose("auto")
			.description()));
		lines.add("PyTorch library: " + TorchEngine.library());
		lines.add("Methods: " + String.join(", ", Methods.names(pluginService)));
		Prior.BUNDLED.stream().flatMap(Prior::bundledKinds).forEach(prior -> lines.add("Prior " + prior + ": " + orReason(
			() -> "SHA-256 " + Prior.bundledDigest(prior))));
		final Map<Boolean, List<String>> libraries = Libraries.report().stream().collect(Collectors.partitioningBy(line -> line
			.startsWith(Libraries.WARNING)));
		libraries.get(false).forEach(line -> lines.add("Library: " + line));
		// What is wrong comes first, where nobody has to look for it.
		lines.addAll(0, libraries.get(true));
		TextDialog.show(title(), String.join("\n", lines));
	}

	private static String orReason(final Supplier<String> text) {
		try {
			return text.get();
		}
		catch (final InvalidInputException e) {
			return "not usable. " + e.getMessage();
		}
	}
}
