package org.patchct.command;

import java.io.File;
import java.util.Locale;

import ij.IJ;
import ij.ImagePlus;

import org.patchct.imagej.Images;
import org.patchct.imagej.MacroOptions;
import org.patchct.imagej.Messages;
import org.patchct.imagej.ScanOpener;
import org.patchct.recon.ImportSettings;
import org.patchct.recon.ScanImport;
import org.patchct.scan.Beam;
import org.patchct.scan.BeamSettings;
import org.patchct.scan.Detector;
import org.patchct.scan.Projections;
import org.patchct.scan.RawScan;
import org.patchct.scan.ScanPlan;
import org.patchct.scan.ViewOrder;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;
import org.scijava.widget.FileWidget;

/** Turns what a scanner wrote into projections. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Import Projections...",
	headless = true,
	description = "Makes projections of a measured scan: flat and dark fields, bad pixels, logarithm, ring removal and the " +
		"axis of rotation. Shows what it recognised before it reads. The result is titled \"Projections of SCAN (N views)\".")
public class ImportCommand extends CtCommand {

	public static final String NO_PATH = "No scan was given: name one with path=[file or folder].";

	/** Which direction of the data runs over the views. */
	public enum Order {
			AUTOMATIC("Automatic", null), PROJECTIONS(ViewOrder.PROJECTIONS), SINOGRAMS(ViewOrder.SINOGRAMS), TRANSPOSED(
				ViewOrder.TRANSPOSED);

		private final String label;

		private final ViewOrder order;

		Order(final ViewOrder order) {
			this(order.toString(), order);
		}

		Order(final String label, final ViewOrder order) {
			this.label = label;
			this.order = order;
		}

		@Override
		public String toString() {
			return label;
		}
	}

	@Parameter(label = "Scan (file or folder)", style = FileWidget.FILE_AND_DIRECTORY_STYLE, required = false,
		persist = false, description = "A TIFF stack, a folder of TIFF files, an HDF5 file such as DataExchange's, or a " +
			"MATLAB file.")
	private File path;

	@Parameter(label = "Array in the file (empty: find it)", required = false, persist = false,
		description = "Which array of an HDF5 or MATLAB file holds the measured values, for example exchange/data.")
	private String array = "";

	@Parameter(label = "Flat fields", style = FileWidget.FILE_AND_DIRECTORY_STYLE, required = false, persist = false,
		description = "TIFF stack or folder of images without object; none if left out, or those in the file.")
	private File flats;

	@Parameter(label = "Dark fields", style = FileWidget.FILE_AND_DIRECTORY_STYLE, required = false, persist = false,
		description = "TIFF stack or folder of images without beam; none if left out, or those in the file.")
	private File darks;

	@Parameter(label = "View angles (text file)", required = false, persist = false,
		description = "One number for each view, in degrees or radians; if left out those in the file, or even ones.")
	private File angles;

	@Parameter(label = "First angle (degrees)", persist = false, description = "Any number; only where no angles are given.")
	private double start;

	@Parameter(label = "Angular range (degrees, 0: automatic)", min = "0", max = "360", persist = false,
		description = "At most 360; 0 for 180 in parallel beam and 360 in fan and cone beam. The views are spread over it " +
			"evenly where no angles are given.")
	private double range;

	@Parameter(label = "Last view at the end of the range", persist = false,
		description = "Otherwise it is one step before the end; only where no angles are given.")
	private boolean inclusive;

	@Parameter(label = "Object turned the other way", persist = false,
		description = "Takes all angles negative, for scanners whose angles increase clockwise.")
	private boolean reverse;

	@Parameter(label = "Order", persist = false,
		description = "Projections: an image a view; Sinograms: an image a detector row, its lines the views; Transposed " +
			"sinograms: its columns the views.")
	private Order order = Order.AUTOMATIC;

	@Parameter(label = "Measured values", persist = false,
		description = "Intensities, or Line integrals if the logarithm has been taken; Automatic looks at the border of the " +
			"detector.")
	private ImportSettings.Values values = ImportSettings.Values.AUTOMATIC;

	@Parameter(label = "Detector pixel (mm, 0: as in the file, or 1)", min = "0", persist = false,
		description = "Distance of neighbouring pixels, 0 or more.")
	private double pixel;

	@Parameter(label = "Beam", persist = false,
		description = "Parallel; or Fan, each detector row seeing a slice; or Cone.")
	private Beam beam = Beam.PARALLEL;

	@Parameter(label = "Detector shape (fan, cone)", persist = false,
		description = "Flat, or Arc: a cylinder about the source with bins at equal angles.")
	private Detector shape = Detector.FLAT;

	@Parameter(label = "Source to axis (mm; fan, cone)", min = "0", persist = false,
		description = "Distance, greater than 0 in fan and cone beam.")
	private double sourceaxis;

	@Parameter(label = "Source to detector (mm; fan, cone)", min = "0", persist = false,
		description = "Distance, greater than 0 in fan and cone beam.")
	private double sourcedetector;

	@Parameter(label = "Replace bad pixels", persist = false,
		description = "Replaces dead and hot pixels by their neighbours; not where line integrals are given.")
	private boolean badpixels = true;

	@Parameter(label = "Ring removal (bins, 0: none)", min = "0", max = "999", persist = false,
		description = "0 for none, else 3 to 999: more than twice as many bins as the widest ring; 21 is usual.")
	private int rings;

	@Parameter(label = "Join pixels", min = "1", max = "64", persist = false,
		description = "1 to 64: this many pixels along each direction become one.")
	private int binning = 1;

	@Parameter(label = "Find the axis of rotation", persist = false,
		description = "Automatic; Opposite views: from views half a turn apart; Sharpness: where slices come out best; " +
			"Middle of the detector; Given.")
	private ImportSettings.Axis method = ImportSettings.Axis.AUTOMATIC;

	@Parameter(label = "Axis of rotation (bin; if Given)", persist = false,
		description = "Any number: where the axis falls on the detector as measured, its first bin being 0; only if Given.")
	private double centre;

	@Parameter(label = "Preview the axis", persist = false,
		description = "Also opens \"Axis of SCAN\": the middle slice for positions of the axis around the one that is used.")
	private boolean preview;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus slices;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		if (path == null) throw new InvalidInputException(NO_PATH);
		try (RawScan raw = ScanOpener.open(path.toPath(), array, flats, darks, angles)) {
			final ScanPlan plan = ScanPlan.of(raw, order.order, start, range == 0 ? beam.usualRange() : range, inclusive,
				reverse);
			final double size = pixel > 0 ? pixel : raw.pixel() > 0 ? raw.pixel() : 1;
			final ImportSettings settings = new ImportSettings(values, badpixels, rings, binning, method, centre,
				new BeamSettings(beam, shape, size, sourceaxis, sourcedetector));
			approve(plan + "; pixels of " + size + " mm.");
			withProgress(progress -> {
				final ScanImport scan = new ScanImport(plan, settings, progress.part(0, preview ? 0.7 : 1));
				final Projections found = scan.projections();
				result = Images.toImagePlus(found.named(Titles.projections(raw.name(), found.geometry().views())));
				Images.recipe(result, scan.recipe());
				scan.recipe().forEach((key, value) -> IJ.log(key + ": " + value));
				if (preview) slices = labelled(scan.preview(progress.part(0.7, 1)), scan.previewCentres());
			});
		}
	}

	private static ImagePlus labelled(final Volume slices, final double[] centres) {
		final ImagePlus image = Images.toImagePlus(slices);
		for (int k = 0; k < centres.length; k++)
			image.getStack().setSliceLabel(String.format(Locale.ROOT, "axis at bin %.2f", centres[k]), k + 1);
		return image;
	}

	/** Lets the user look at what was recognised, where there is one to look. */
	private void approve(final String recognised) {
		if (!MacroOptions.unattended() && !IJ.showMessageWithCancel(title(), Messages.wrapped(recognised +
			"\n \nOK reads the scan. Cancel, and set order, angles, or flats and darks, if this is not right.")))
			throw new CancelledException();
	}
}
