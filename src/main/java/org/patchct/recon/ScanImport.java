package org.patchct.recon;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.recon.ImportSettings.Axis;
import org.patchct.recon.ImportSettings.Values;
import org.patchct.scan.BadPixels;
import org.patchct.scan.Binning;
import org.patchct.scan.FlatField;
import org.patchct.scan.OppositeViews;
import org.patchct.scan.Planes;
import org.patchct.scan.Projections;
import org.patchct.scan.RingRemoval;
import org.patchct.scan.ScanPlan;
import org.patchct.scan.ViewAngles;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Memory;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensities;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * A measured scan on its way to projections: flats and darks, bad pixels, joining of pixels, logarithm, rings, and the
 * axis of rotation, in this order.
 */
public final class ScanImport {

	/** Positions of the axis to either side of the chosen one that {@link #preview} shows. */
	public static final int PREVIEW_REACH = 5;

	/** Views and pixels along the side, at most, of the slice whose densest material sets the window. */
	private static final int WINDOW_VIEWS = 180, WINDOW_SIDE = 192;

	private final ScanPlan plan;

	private final ImportSettings settings;

	private final Binning binning;

	private final Map<String, String> recipe = new LinkedHashMap<>();

	private TrialSlices slices;

	/** Where the axis falls, in joined bins. */
	private double centre;

	private Projections projections;

	/**
	 * Reads a scan and makes projections of it.
	 *
	 * @throws InvalidInputException if the file is damaged, does not fit into memory, or its parts do not fit together
	 */
	public ScanImport(final ScanPlan plan, final ImportSettings settings, final Progress progress) {
		this.plan = plan;
		this.settings = settings;
		final int bins = plan.bins(), rows = plan.rows();
		binning = Binning.of(settings.binning(), bins, rows);
		if (binning.bins() < 2) throw new InvalidInputException("A detector of " + bins + " bins cannot be joined by " +
			settings.binning() + ": at least 2 bins must remain.");
		// Values as measured, and once more while pixels are joined.
		Memory.requireRoom(plan.raw().data().name(), (1 + 1.0 / settings.binning()) * bins * rows * plan.angles().length);
		final float[][] radiographs = sorted(plan.order().read(plan.raw().data(), progress.part(0, 0.4)));
		recipe.put("Imported", plan.toString());
		toLineIntegrals(radiographs, progress);
		if (settings.rings() > 0) {
			final int width = Math.max(3, settings.rings() / settings.binning());
			RingRemoval.remove(radiographs, binning.bins(), width, progress.part(0.5, 0.8));
			recipe.put("Ring removal", "sorting, median over " + width + " bins");
		}
		final double[] angles = ViewAngles.withinFirstTurn(sortedAngles());
		slices = new TrialSlices(settings.beam(), radiographs, binning, angles);
		centre = findCentre(progress.part(0.8, 1));
		recipe.put("Axis of rotation", String.format(Locale.ROOT, "bin %.2f of the detector", centre()));
		projections = new Projections(plan.raw().name(), Layouts.wrap(radiographs, binning.bins(), binning.rows()), settings
			.beam().geometry(binning, centre, angles), settings.beam().grid(binning), intensity(progress));
	}

	/** Line integrals with their geometry. Reconstructions are linear attenuations, 1/mm. */
	public Projections projections() {
		return projections;
	}

	/** Where the axis of rotation falls on the detector, in original bins counted from 0. */
	public double centre() {
		return binning.original(centre);
	}

	/** What was done, as lines "key: value". */
	public Map<String, String> recipe() {
		return recipe;
	}

	/**
	 * Where {@link #preview} assumes the axis: from {@value #PREVIEW_REACH} original bins before to as many after the chosen
	 * position, in steps of one.
	 */
	public double[] previewCentres() {
		return IntStream.rangeClosed(-PREVIEW_REACH, PREVIEW_REACH).mapToDouble(i -> centre() + i).toArray();
	}

	/** The middle slice for each of {@link #previewCentres}, so that the eye can judge. */
	public Volume preview(final Progress progress) {
		final TrialSlices middle = slices.reduced(1, slices.angles().length, 1);
		final Grid grid = settings.beam().grid(binning);
		final double[] centres = previewCentres();
		final float[][] planes = new float[centres.length][];
		for (int i = 0; i < planes.length; i++) {
			progress.checkCancelled();
			progress.update("Preview", (double) i / planes.length);
			planes[i] = Layouts.planes(middle.reconstruct(binning.joined(centres[i]), grid.nx(), grid.nx() * grid.dx(),
				progress))[0];
		}
		return new Volume("Axis of " + plan.raw().name(), Layouts.wrap(planes, grid.nx(), grid.ny()), new Grid(grid.nx(), grid
			.ny(), planes.length, grid.dx(), grid.dy(), 1), projections.intensity());
	}

	private float[][] sorted(final float[][] radiographs) {
		final int[] order = ViewAngles.increasing(plan.angles());
		final float[][] sorted = new float[order.length][];
		for (int i = 0; i < order.length; i++)
			sorted[i] = radiographs[order[i]];
		return sorted;
	}

	private double[] sortedAngles() {
		final double[] sorted = plan.angles().clone();
		Arrays.sort(sorted);
		return sorted;
	}

	private void toLineIntegrals(final float[][] radiographs, final Progress progress) {
		final int bins = plan.bins();
		final Planes flats = plan.raw().flats(), darks = plan.raw().darks();
		final Values values = settings.values() != Values.AUTOMATIC ? settings.values() : flats != null || FlatField
			.areIntensities(radiographs, bins) ? Values.INTENSITIES : Values.LINE_INTEGRALS;
		recipe.put("Measured values", values.toString());
		if (values == Values.LINE_INTEGRALS) {
			binning.apply(radiographs, bins);
			return;
		}
		final float[] dark = darks == null ? new float[radiographs[0].length] : FlatField.mean(darks, bins, plan.rows());
		final float[] flat = flats == null ? FlatField.openBeam(radiographs, dark) : FlatField.mean(flats, bins, plan
			.rows());
		final double least = FlatField.leastTransmission(flat, dark);
		final BadPixels bad = settings.badPixels() ? new BadPixels(flats == null ? FlatField.response(radiographs, dark)
			: FlatField.response(new float[][] { flat }, dark), bins) : null;
		progress.checkCancelled();
		FlatField.transmissions(radiographs, flat, dark);
		if (bad != null) {
			bad.mend(radiographs);
			recipe.put("Bad pixels", bad.count() + " replaced");
		}
		progress.checkCancelled();
		binning.apply(radiographs, bins);
		FlatField.logarithm(radiographs, least);
	}

	private double findCentre(final Progress progress) {
		final double middle = (binning.bins() - 1) / 2.0;
		if (settings.axis() == Axis.GIVEN) return binning.joined(settings.centre());
		if (settings.axis() == Axis.MIDDLE) return middle;
		if (settings.axis() != Axis.SHARPNESS) {
			final double found = OppositeViews.centre(slices.radiographs(), binning.bins(), slices.angles(), settings.beam()
				.midplane(settings.beam().pixel() * binning.factor()));
			if (!Double.isNaN(found)) return found;
		}
		if (settings.axis() == Axis.OPPOSITE_VIEWS) throw new InvalidInputException(
			"No views that see the object from opposite sides mirror each other, so they do not tell the axis of rotation. Let " +
				"it be found by sharpness, or give it.");
		return CentreSearch.centre(slices.halfTurn(), progress);
	}

	/** Attenuations, whose window reaches from nothing to the densest material of the middle slice. */
	private Intensity intensity(final Progress progress) {
		final Grid grid = settings.beam().grid(binning);
		final int n = Math.min(grid.nx(), WINDOW_SIDE);
		final Img<FloatType> slice = slices.reduced(1, WINDOW_VIEWS, 1).reconstruct(centre, n, grid.nx() * grid.dx(), progress);
		final double high = Intensities.grey(slice, Intensities.range(plan.raw().name(), slice)).high();
		return high > 0 ? new Intensity(Intensity.ATTENUATION.unit(), 0, high, high) : Intensity.ATTENUATION;
	}
}
