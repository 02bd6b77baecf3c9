package org.patchct.command;

import ij.ImagePlus;

import java.util.LinkedHashMap;
import java.util.Map;

import org.patchct.imagej.Images;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.scan.Projections;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.plugin.Parameter;
import org.scijava.util.VersionUtils;

/** What the reconstruction commands share: projections in, a volume out. */
public abstract class ReconstructCommand extends CtCommand {

	@Parameter(label = "Projections", required = false, persist = false,
		description = "Projection stack with its geometry, as made by CT Simulate Projections...; the active image if " +
			"left out.")
	private ImagePlus image;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	/** Name of the method, for the title of the result. */
	protected abstract String method();

	/** The method with the command's settings. */
	protected abstract Reconstructor reconstructor();

	/** Device, seed and prior. */
	protected RunSettings settings() {
		return RunSettings.DEFAULT;
	}

	@Override
	protected final void execute() {
		final Projections scan = Images.toProjections(require(image));
		final Reconstructor reconstructor = reconstructor();
		final RunSettings settings = settings();
		withProgress(progress -> {
			final Volume volume = reconstructor.reconstruct(scan, scan.grid(), settings, progress);
			final String title = Titles.result(method(), scan.name(), scan.geometry().views());
			result = Images.toImagePlus(volume.named(title));
			Images.recipe(result, recipe(scan, reconstructor, settings));
		});
	}

	/** How the result was made, for Image > Show Info... */
	private static Map<String, String> recipe(final Projections scan, final Reconstructor reconstructor,
		final RunSettings settings)
	{
		final Map<String, String> lines = new LinkedHashMap<>();
		lines.put("Method", reconstructor.description());
		if (settings.prior() != null) lines.put("Prior", settings.prior().toString());
		lines.put("Seed", String.valueOf(settings.seed()));
		lines.put("Device", reconstructor.device(settings));
		lines.put("Scan", scan.name() + ", " + scan.geometry());
		lines.put("Made by", "PatchCT " + VersionUtils.getVersion(ReconstructCommand.class));
		return lines;
	}
}
