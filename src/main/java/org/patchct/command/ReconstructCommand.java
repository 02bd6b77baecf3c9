package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import org.patchct.imagej.Images;
import org.patchct.imagej.IterationMonitor;
import org.patchct.imagej.Versions;
import org.patchct.recon.Estimate;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.task.CancelledException;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.plugin.Parameter;

/** What the reconstruction commands share: projections in, a volume out. */
public abstract class ReconstructCommand extends CtCommand {

	/** Runs of this length, s, are worth a line in the log. */
	private static final double LONG = 20;

	@Parameter(label = "Projections", required = false, persist = false,
		description = "Projection stack with its geometry, as made by CT Simulate Projections...; the active image if " +
			"left out.")
	private ImagePlus image;

	@Parameter(label = "Device", persist = false, description = "auto, cpu, or cuda:N with N the number of a GPU, from 0.")
	private String device = RunSettings.DEFAULT.device();

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected final boolean suits(final ImagePlus open) {
		return Images.isScan(open);
	}

	/** Name of the method, for the title of the result. */
	protected abstract String method();

	/** The method with the command's settings. */
	protected abstract Reconstructor reconstructor();

	/** Device, seed and prior. */
	protected RunSettings settings() {
		return new RunSettings(device, RunSettings.DEFAULT.seed(), RunSettings.DEFAULT.prior());
	}

	@Override
	protected final void execute() {
		final Projections scan = Images.toProjections(require(image));
		final Reconstructor reconstructor = reconstructor();
		if (scan.geometry().limitedAngle() != null) IJ.log(scan.geometry().limitedAngle());
		withProgress(progress -> {
			final long start = System.nanoTime();
			final String title = Titles.result(method(), scan.name(), scan.geometry().views());
			final IterationMonitor monitor = new IterationMonitor(progress, title, scan, plotted());
			try (monitor) {
				result = Images.toImagePlus(reconstruct(scan, monitor).named(title));
			}
			catch (final CancelledException e) {
				result = cancelled(title, scan, monitor.last());
				describe(scan, reconstructor, start);
				throw e;
			}
			describe(scan, reconstructor, start);
		});
	}

	private void describe(final Projections scan, final Reconstructor reconstructor, final long start) {
		if (images().isEmpty()) return;
		final Map<String, String> recipe = recipe(scan, reconstructor, (System.nanoTime() - start) / 1e9);
		images().values().forEach(image -> Images.recipe(image, recipe));
	}

	/** Whether to plot the residuals of the iterations. */
	protected boolean plotted() {
		return false;
	}

	/** What a cancelled run leaves, as an image that says so; null if nothing. */
	private static ImagePlus cancelled(final String title, final Projections scan, final IterationMonitor.Last last) {
		if (last == null) return null;
		final String where = "cancelled at iteration " + last.number() + " of " + last.total();
		final ImagePlus image = Images.toImagePlus(new Volume(title + " (" + where + ")", last.volume(), scan.grid(), scan
			.intensity()));
		Images.recipe(image, Map.of("Unfinished", where));
		return image;
	}

	/** Does the work. */
	protected Volume reconstruct(final Projections scan, final Progress progress) {
		announce(reconstructor().estimate(scan, scan.grid(), settings(), progress));
		return reconstructor().reconstruct(scan, scan.grid(), settings(), progress);
	}

	/** Tells what the run will take: in the status, and in the log if it is long. */
	protected final void announce(final Estimate estimate) {
		if (Double.isNaN(estimate.seconds())) return;
		final String text = title() + " will take " + estimate;
		if (estimate.seconds() >= LONG) IJ.log(text);
		IJ.showStatus(text);
	}

	/** A result as an image, titled after what it shows and the scan. */
	protected static ImagePlus image(final String what, final Projections scan, final Volume volume) {
		return Images.toImagePlus(volume.named(Titles.result(what, scan.name(), scan.geometry().views())));
	}

	/** How the result was made, for Image > Show Info... */
	private Map<String, String> recipe(final Projections scan, final Reconstructor reconstructor, final double seconds) {
		final Map<String, String> lines = new LinkedHashMap<>();
		lines.put("Method", reconstructor.description());
		lines.put("Seed", String.valueOf(settings().seed()));
		lines.put("Device", reconstructor.device(settings()));
		lines.putAll(reconstructor.recipe(scan.geometry(), scan.intensity(), settings()));
		lines.put("Scan", scan.name() + ", " + scan.geometry());
		lines.put("Seconds", String.format(Locale.ROOT, "%.1f", seconds));
		lines.put("Made by", Versions.line());
		return lines;
	}
}
