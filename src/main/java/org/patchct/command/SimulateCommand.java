package org.patchct.command;

import ij.IJ;
import ij.ImagePlus;

import org.patchct.imagej.Images;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Simulation;
import org.patchct.scan.Beam;
import org.patchct.scan.Detector;
import org.patchct.scan.NoiseModel;
import org.patchct.scan.ScanGeometry;
import org.patchct.scan.Projections;
import org.patchct.volume.Grid;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Simulates a scan of a volume. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Simulate Projections...",
	headless = true,
	description = "Scans a volume in parallel, fan or cone beam. The projections carry their geometry, also into a TIFF " +
		"file, and are titled \"Projections of VOLUME (N views)\".")
public class SimulateCommand extends CtCommand {

	@Parameter(label = "Volume", required = false, persist = false,
		description = "A stack; the active image if left out.")
	private ImagePlus image;

	@Parameter(label = "Beam", persist = false,
		description = "Parallel, Fan (a source for every slice) or Cone (one source, turning around the middle slice).")
	private Beam beam = Beam.PARALLEL;

	@Parameter(label = "Detector shape (fan, cone)", persist = false,
		description = "Flat, or Arc: bent around the source.")
	private Detector shape = Detector.FLAT;

	@Parameter(label = "Source to axis (mm, 0: automatic; fan, cone)", min = "0", persist = false,
		description = "More than the volume's corners reach; 0 for three times the longer side of a slice.")
	private double sourceaxis;

	@Parameter(label = "Source to detector (mm, 0: automatic; fan, cone)", min = "0", persist = false,
		description = "Above 0; 0 for one and a half times the distance from source to axis.")
	private double sourcedetector;

	@Parameter(label = "Detector bins (0: automatic)", min = "0", max = "16384", persist = false,
		description = "Bins in a row, up to 16384; 0 for as many as see the whole volume. Fewer cut the field of view.")
	private int bins;

	@Parameter(label = "Detector offset (bins)", persist = false,
		description = "By how many bins the axis, or the central ray of a fan or cone, falls beside the detector's centre. " +
			"In a full turn, a fan or cone whose detector reaches little beyond the axis on one side still sees all.")
	private double offset;

	@Parameter(label = "Number of views", min = "1", max = "100000", persist = false, description = "1 to 100000.")
	private int views = 60;

	@Parameter(label = "First angle (degrees)", persist = false, description = "Any number.")
	private double start;

	@Parameter(label = "Angular range (degrees, 0: automatic)", min = "0", max = "360", persist = false,
		description = "At most 360; 0 for 180 in parallel beam and 360 in fan and cone beam. The views are spread over it " +
			"evenly, the last one a step before its end. Parallel beam sees everything in 180, fans and cones in 180 and the " +
			"angle of the fan, best in 360.")
	private double range;

	@Parameter(label = "Size of the reconstruction (voxels, 0: as is)", min = "0", max = "2048", persist = false,
		description = "Voxels along the longest side of what is going to be reconstructed, up to 2048; 0 keeps the volume's " +
			"grid.")
	private int size;

	@Parameter(label = "Oversampling", min = "1", max = "8", persist = false,
		description = "1 to 8: how many times finer the grid is that is projected than the one to be reconstructed, so that " +
			"the data are not made by the operator that inverts them.")
	private int oversample = 1;

	@Parameter(label = "Photons per bin (0: no noise)", min = "0", persist = false,
		description = "0, or at least 1: 1e6 is usual in the clinic, 1e4 low dose.")
	private double noise;

	@Parameter(label = "Electronic noise (photons)", min = "0", persist = false,
		description = "Standard deviation, 0 or more; only with photon noise.")
	private double electronic;

	@Parameter(label = "Random seed", persist = false,
		description = "Any whole number; the same seed gives the same noise.")
	private long seed;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected boolean suits(final ImagePlus open) {
		return !Images.isScan(open);
	}

	@Override
	protected void execute() {
		final double[] angles = ScanGeometry.evenAngles(views, start, range == 0 ? beam.usualRange() : range);
		final NoiseModel model = new NoiseModel(noise, electronic);
		final Volume volume = Images.toVolume(require(image), IJ::log);
		final Grid fine = Resampling.cubic(volume.grid(), size).refined(oversample);
		final ScanGeometry covering = beam.covering(Simulation.reconstructionGrid(fine, oversample), sourceaxis,
			sourcedetector, shape, angles);
		final ScanGeometry geometry = covering.withBins(bins == 0 ? covering.bins() : bins, offset);
		if (geometry.limitedAngle() != null) IJ.log(geometry.limitedAngle());
		withProgress(progress -> {
			final Volume object = Simulation.object(volume, size, oversample, progress.part(0, 0.2));
			final Projections scan = Simulation.scan(object, oversample, geometry, model, seed, RunSettings.DEFAULT.device(),
				progress.part(0.2, 1));
			result = Images.toImagePlus(scan.named(Titles.projections(object.name(), views)));
		});
	}
}
