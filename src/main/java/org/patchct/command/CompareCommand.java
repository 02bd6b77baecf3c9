package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.measure.ResultsTable;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.patchct.evaluate.Benchmark;
import org.patchct.evaluate.Comparison;
import org.patchct.evaluate.ComparisonTable;
import org.patchct.evaluate.GreyWindow;
import org.patchct.evaluate.Methods;
import org.patchct.evaluate.Protocol;
import org.patchct.evaluate.ScanCase;
import org.patchct.imagej.Images;
import org.patchct.imagej.Provenance;
import org.patchct.imagej.References;
import org.patchct.imagej.Versions;
import org.patchct.imagej.VolumeStore;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.NoiseModel;
import org.patchct.task.InvalidInputException;
import org.scijava.ItemVisibility;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Compares reconstruction methods on simulated scans of a reference volume. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Compare Methods...",
	headless = true,
	description = "Simulates scans of a reference volume, reconstructs them with several methods, and writes a table " +
		"(comparison.csv), a figure (comparison.png) and the volumes (METHOD_VIEWSv.tif, METHOD_ANGLEdeg.tif), and over " +
		"several references a summary. Started again after an interruption, it keeps what is finished.")
public class CompareCommand extends CtCommand {

	/** Begins the message when something failed and the rest was done. */
	public static final String FAILED = "Not everything could be compared; the rest is finished. What failed:\n";

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = NOT_FOR_DIAGNOSIS;

	@Parameter(label = "Reference (file, folder or title of an image)", style = FileWidget.FILE_AND_DIRECTORY_STYLE,
		required = false, persist = false,
		description = "The truth: the title of an open image, the path of a file or DICOM folder, or for several a folder " +
			"of those or a list separated by semicolons; the active image if left out.")
	private File reference;

	@Parameter(label = "Numbers of views", persist = false,
		description = "One or more whole numbers from 1 to 100000, separated by commas; none if there are limited angles.")
	private String views = "8,20,60";

	@Parameter(label = "Angular range (degrees)", min = "0", max = "360", persist = false,
		description = "Greater than 0, at most 360.")
	private double range = 180;

	@Parameter(label = "Limited angles (degrees, may be empty)", required = false, persist = false,
		description = "Such as 90,120: whole degrees from 1 to 179, separated by commas. Each is a scan with a view every " +
			"degree.")
	private String limited = "";

	@Parameter(label = "Methods", persist = false,
		description = "Names separated by commas, such as FBP, SIRT iterations=50, Patch diffusion steps=50 " +
			"prior=FILE.safetensors, with settings if the defaults are not meant; all for every one.")
	private String methods = "FBP, ADMM-TV, Patch diffusion";

	@Parameter(label = "Size (voxels, 0: as is)", min = "0", max = "2048", persist = false,
		description = "The reference is resampled so that its longest side has this many voxels, up to " +
			"2048; 0 keeps its grid.")
	private int size = 128;

	@Parameter(label = "Oversampling", min = "1", max = "8", persist = false,
		description = "1 to 8: how many times finer the grid is that is projected than the one reconstructed; 1 makes the " +
			"data with the operator that inverts them.")
	private int oversample = 2;

	@Parameter(label = "Photons per bin (0: no noise)", min = "0", persist = false,
		description = "0, or at least 1: 1e6 is usual in the clinic, 1e4 low dose.")
	private double noise;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number.")
	private long seed;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = RunSettings.DEFAULT.device();

	@Parameter(label = "Prior (empty: the bundled one)", required = false, persist = false,
		description = "A .safetensors file written by CT Train Prior..., of the kind that the methods need, or body-ct or " +
			"mouse-microct, of which each method takes its kind; for the methods that have none of their own.")
	private File prior;

	@Parameter(label = "Grey window of the figure (empty: usual)", required = false, persist = false,
		description = "Values of black and white, such as -160,240.")
	private String window = "";

	@Parameter(label = "Output folder", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "Is made if missing; results of an earlier comparison in it are kept if they were made with the same " +
			"settings, and replaced if not.")
	private File output;

	@Override
	protected void prepare() {
		reference = orActiveImage(reference);
		output = orHomeFolder(output, "CT comparison");
	}

	@Override
	protected void execute() {
		final Map<String, Reconstructor> chosen = Methods.find(pluginService, methods);
		final Protocol protocol = new Protocol(ScanCase.parse(views, range, limited), size, oversample, new NoiseModel(noise,
			0));
		final RunSettings settings = new RunSettings(device, seed, prior == null ? null : prior.toPath());
		final Comparison comparison = new Comparison(chosen, protocol, settings, GreyWindow.parse(window));
		if (output == null) throw new InvalidInputException(NO_OUTPUT_FOLDER);
		final Path folder = output.toPath().toAbsolutePath();
		if (reference == null) throw new InvalidInputException(NO_REFERENCE);
		final List<Benchmark.Reference> references = References.of(reference.getPath(), folder, context(), IJ::log);
		withProgress(progress -> {
			final Benchmark.Outcome outcome = new Benchmark(comparison).run(references, folder, new VolumeStore(this::note, IJ::log),
				progress, IJ::log);
			outcome.rows().forEach((name, rows) -> IJ.log((references.size() == 1 ? "" : name + "\n") + ComparisonTable.text(
				rows)));
			if (references.size() > 1) IJ.log(outcome.summary());
			IJ.log("Written to " + folder);
			if (!GraphicsEnvironment.isHeadless()) show(outcome, references.size() == 1, folder);
			if (!outcome.failures().isEmpty()) throw new InvalidInputException(FAILED + String.join("\n", outcome.failures()));
		});
	}

	private void note(final ImagePlus image) {
		Images.recipe(image, Map.of("Made by", Versions.line()));
		Provenance.note(image, WindowManager.getImage(reference.getPath()), line());
	}

	private static void show(final Benchmark.Outcome outcome, final boolean only, final Path folder) {
		final ResultsTable table = new ResultsTable();
		outcome.rows().forEach((volume, rows) -> {
			for (final Comparison.Row row : rows) {
				if (row.scores() == null) continue;
				table.addRow();
				table.addValue("volume", volume);
				table.addValue("method", row.method());
				table.addValue("case", row.scan().label());
				table.addValue("PSNR (dB)", row.scores().psnr());
				table.addValue("SSIM", row.scores().ssim());
				table.addValue("z-consistency", row.scores().zConsistency());
				table.addValue("seconds", row.seconds());
				table.addValue("device", row.device());
			}
		});
		table.show("CT Comparison");
		if (only) IJ.open(folder.resolve(Comparison.FIGURE).toString());
	}
}
