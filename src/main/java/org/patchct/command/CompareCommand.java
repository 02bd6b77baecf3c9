package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;
import ij.measure.ResultsTable;

import java.awt.GraphicsEnvironment;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.patchct.evaluate.Comparison;
import org.patchct.evaluate.GreyWindow;
import org.patchct.evaluate.Methods;
import org.patchct.evaluate.Protocol;
import org.patchct.imagej.Images;
import org.patchct.imagej.Tiff;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.NoiseModel;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Volume;
import org.scijava.ItemVisibility;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Compares reconstruction methods on simulated scans of a reference volume. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Compare Methods...",
	headless = true,
	description = "Simulates scans of a reference volume, reconstructs them with several methods, and writes a table " +
		"(comparison.csv), a figure (comparison.png) and the volumes (METHOD_VIEWSv.tif).")
public class CompareCommand extends CtCommand {

	@Parameter(visibility = ItemVisibility.MESSAGE, persist = false)
	private final String warning = NOT_FOR_DIAGNOSIS;

	@Parameter(label = "Reference (file, DICOM folder or title of an image)", style = FileWidget.FILE_AND_DIRECTORY_STYLE,
		required = false, persist = false,
		description = "The truth: the title of an open image, or the path of a file or DICOM folder; the active image if " +
			"left out.")
	private File reference;

	@Parameter(label = "Numbers of views", persist = false,
		description = "One or more whole numbers from 1 to 100000, separated by commas.")
	private String views = "8,20,60";

	@Parameter(label = "Angular range (degrees)", min = "0", max = "360", persist = false,
		description = "Greater than 0, at most 360.")
	private double range = 180;

	@Parameter(label = "Methods", persist = false,
		description = "Names separated by commas: FBP, SIRT, ADMM-TV, FBP-UNet, DDS, DiffusionMBIR, DiffusionBlend, Patch diffusion.")
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
			"mouse-microct, of which each method takes its kind.")
	private File prior;

	@Parameter(label = "Grey window of the figure (empty: usual)", required = false, persist = false,
		description = "Values of black and white, such as -160,240.")
	private String window = "";

	@Parameter(label = "Output folder", style = FileWidget.DIRECTORY_STYLE, required = false, persist = false,
		description = "Is made if missing; files of an earlier comparison in it are replaced.")
	private File output;

	@Override
	protected void prepare() {
		reference = orActiveImage(reference);
		output = orHomeFolder(output, "CT comparison");
	}

	@Override
	protected void execute() {
		final Map<String, Reconstructor> chosen = Methods.find(pluginService, methods);
		final Protocol protocol = new Protocol(Protocol.parseViews(views), range, size, oversample, new NoiseModel(noise,
			0));
		final RunSettings settings = new RunSettings(device, seed, prior == null ? null : prior.toPath());
		final Comparison comparison = new Comparison(chosen, protocol, settings, GreyWindow.parse(window));
		if (output == null) throw new InvalidInputException(NO_OUTPUT_FOLDER);
		final Path folder = output.toPath().toAbsolutePath();
		withProgress(progress -> {
			final List<Comparison.Row> rows = comparison.run(reference(reference, progress), folder, CompareCommand::save,
				progress);
			IJ.log(Comparison.table(rows));
			IJ.log("Written to " + folder);
			if (!GraphicsEnvironment.isHeadless()) show(rows, folder);
		});
	}

	private static void save(final Volume volume, final Path file, final String recipe) {
		final ImagePlus image = Images.toImagePlus(volume);
		Images.recipe(image, Map.of("Method", recipe));
		Tiff.save(image, file);
	}

	private static void show(final List<Comparison.Row> rows, final Path folder) {
		final ResultsTable table = new ResultsTable();
		for (final Comparison.Row row : rows) {
			table.addRow();
			table.addValue("method", row.method());
			table.addValue("views", row.views());
			table.addValue("PSNR (dB)", row.scores().psnr());
			table.addValue("SSIM", row.scores().ssim());
			table.addValue("seconds", row.seconds());
			table.addValue("device", row.device());
		}
		table.show("CT Comparison");
		IJ.open(folder.resolve(Comparison.FIGURE).toString());
	}
}
