package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.patchct.diffusion.PriorChoice;
import org.patchct.evaluate.Methods;
import org.patchct.imagej.BatchFolder;
import org.patchct.imagej.BatchFolder.Part;
import org.patchct.imagej.BatchFolder.Row;
import org.patchct.imagej.BatchFolder.Status;
import org.patchct.imagej.Images;
import org.patchct.imagej.MacroOptions;
import org.patchct.imagej.Tiff;
import org.patchct.imagej.Versions;
import org.patchct.recon.Fbp;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.scijava.MenuEntry;
import org.scijava.command.Command;
import org.scijava.command.CommandInfo;
import org.scijava.command.CommandService;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.util.Types;
import org.scijava.widget.FileWidget;

/** Reconstructs every file of a folder. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Batch Reconstruct...",
	headless = true,
	description = "Reconstructs every file of a folder into another: projections as they are, volumes after scanning them. " +
		"Finished results are skipped and bad files named at the end, so that a batch that was stopped or killed is simply " +
		"started again. Writes NAME_METHOD.tif, and for each part a log and a table, batch_METHOD.log and batch_METHOD.csv.")
public class BatchCommand extends CtCommand {

	public static final String NO_INPUT = "No input folder was given: name one with input=[folder].";

	/** How many of the files that failed a message names. */
	private static final int NAMED = 10;

	/** Keys that change no result. */
	private static final Set<String> NOT_OF_THE_RECIPE = Set.of("device", "plot");

	@Parameter(label = "Folder of scans", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "TIFF files of projections with their geometry, volumes of any format, and folders of DICOM slices.")
	private File input;

	@Parameter(label = "Folder for the results", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "Made if it is missing.")
	private File output;

	@Parameter(label = "Method", persist = false,
		description = "FBP, SIRT, ADMM-TV, Patch diffusion, or the name of any other method that is installed.")
	private String method = Fbp.NAME;

	@Parameter(label = "Options of the method", required = false, persist = false,
		description = "Keys of the method's command, such as options=[iterations=50 device=cpu].")
	private String options = "";

	@Parameter(label = "Scan of volumes", required = false, persist = false,
		description = "Keys of CT Simulate Projections..., such as scan=[views=20 noise=1e5]; for volumes only.")
	private String scan = "views=60";

	@Parameter(label = "Part of the files", persist = false,
		description = "N/M: the Nth of M parts of the sorted list of files, for several computers that share the folders; 1/1 " +
			"for all. Parts may run at the same time.")
	private String part = "1/1";

	@Override
	protected void prepare() {
		getInfo().getMutableInput("method", String.class).setChoices(Methods.names(pluginService));
	}

	@Override
	protected void execute() {
		if (input == null) throw new InvalidInputException(NO_INPUT);
		if (output == null) throw new InvalidInputException(NO_OUTPUT_FOLDER);
		// Made once here to refuse what no file could be reconstructed with.
		final ReconstructCommand reconstruct = reconstruct();
		final SimulateCommand simulate = step(SimulateCommand.class, keys("scan", scan));
		reconstruct.reconstructor();
		final BatchFolder batch = new BatchFolder(input.toPath(), output.toPath(), reconstruct.method(), recipe(reconstruct,
			simulate), Part.parse(part), IJ::log);
		withProgress(progress -> report(batch, batch.run(this::reconstruct, progress)));
	}

	/** The command of the method, "CT Method...", with its options; for methods without one, that for all others. */
	private ReconstructCommand reconstruct() {
		final Map<String, String> keys = keys("options", options);
		for (final CommandInfo info : context().service(CommandService.class).getCommands()) {
			final MenuEntry label = info.getMenuPath().getLeaf();
			if (label == null || !label.getName().equalsIgnoreCase("CT " + method + "...")) continue;
			final Class<?> type = Types.load(info.getDelegateClassName());
			if (type != null && ReconstructCommand.class.isAssignableFrom(type)) return step(type.asSubclass(
				ReconstructCommand.class), keys);
		}
		keys.put("method", method);
		return step(OtherMethodCommand.class, keys);
	}

	private Map<String, String> keys(final String key, final String text) {
		final Map<String, String> keys = MacroOptions.parse(text);
		if (keys.containsKey("image")) throw new InvalidInputException(key + "=[" + text +
			"]: the image is each file in turn. Leave out its key.");
		return keys;
	}

	/** Everything that the results depend on besides their files. The device and the plot may change from run to run. */
	private String recipe(final ReconstructCommand reconstruct, final SimulateCommand simulate) {
		final Path prior = reconstruct.settings().prior();
		final String digest = prior == null ? "" : "; prior's checksum " + PriorChoice.of(prior, null).digest();
		return reconstruct.title() + " " + text(reconstruct.options()) + "; volumes by " + simulate.title() + " " + text(
			simulate.options()) + digest + "; PatchCT " + Versions.patchCt();
	}

	private static String text(final Map<String, String> options) {
		return options.entrySet().stream().filter(option -> !NOT_OF_THE_RECIPE.contains(option.getKey()) && !option
			.getValue().isEmpty()).map(Map.Entry::toString).collect(Collectors.joining(" "));
	}

	private Map<String, ImagePlus> reconstruct(final Path file, final Progress progress) {
		ImagePlus image;
		if (Images.isScan(file)) image = Tiff.open(file);
		else {
			image = step(OpenVolumeCommand.class, Map.of("path", file.toString())).perform(null, progress.part(0, 0.1)).get(
				BatchFolder.RESULT);
			image = step(SimulateCommand.class, keys("scan", scan)).perform(image, progress.part(0.1, 0.2)).get(
				BatchFolder.RESULT);
		}
		return reconstruct().perform(image, progress.part(0.2, 1));
	}

	private static void report(final BatchFolder batch, final List<Row> rows) {
		final List<Row> failed = rows.stream().filter(row -> row.status() == Status.FAILED).toList();
		if (failed.isEmpty()) return;
		throw new InvalidInputException(failed.size() + " of " + rows.size() + " files failed, the others are done:\n" +
			failed.stream().limit(NAMED).map(row -> row.file() + ": " + row.message()).collect(Collectors.joining("\n")) +
			(failed.size() > NAMED ? "\nand more, in " + batch.table() : ""));
	}
}
