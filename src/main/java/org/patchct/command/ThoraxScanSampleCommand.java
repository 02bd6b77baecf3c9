package org.patchct.command;

import ij.ImagePlus;

import java.util.Map;

import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** A sample scan that needs no download: what there is to reconstruct. */
@Plugin(type = Command.class, menuPath = CtCommand.SAMPLES + "CT Thorax Scan (20 views)",
	headless = true,
	description = "Projections of the sample CT Thorax from 20 views with the noise of 100000 photons, for 64 x 64 x 64 " +
		"voxels: too few for FBP, enough for the other methods.")
public class ThoraxScanSampleCommand extends CtCommand {

	/** The thorax's grid is twice as fine as that of the reconstruction, so that no operator inverts its own data. */
	private static final Map<String, String> SCAN = Map.of("views", "20", "size", "64", "oversample", "2", "noise", "1e5");

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		withProgress(progress -> {
			final ImagePlus thorax = step(ThoraxSampleCommand.class, Map.of()).perform(null, progress.part(0, 0.5)).get(
				"result");
			result = step(SimulateCommand.class, SCAN).perform(thorax, progress.part(0.5, 1)).get("result");
		});
	}
}
