package org.patchct.scan;

import java.util.ArrayList;
import java.util.List;

import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;

/** Which direction of a stack of images runs over the views. */
public enum ViewOrder {

		/** Each image is a radiograph (bin, row), one a view. */
		PROJECTIONS("Projections"),
		/** Each image is a sinogram (bin, view), one a detector row. */
		SINOGRAMS("Sinograms"),
		/** Each image is a sinogram (view, bin), one a detector row. */
		TRANSPOSED("Transposed sinograms");

	private final String label;

	ViewOrder(final String label) {
		this.label = label;
	}

	@Override
	public String toString() {
		return label;
	}

	/** Detector bins of data in this order. */
	public int bins(final Planes data) {
		return this == TRANSPOSED ? data.height() : data.width();
	}

	/** Detector rows of data in this order. */
	public int rows(final Planes data) {
		return this == PROJECTIONS ? data.height() : data.count();
	}

	/** Views of data in this order. */
	public int views(final Planes data) {
		return switch (this) {
			case PROJECTIONS -> data.count();
			case SINOGRAMS -> data.height();
			case TRANSPOSED -> data.width();
		};
	}

	/**
	 * The order that fits the number of angles, if one does only. Otherwise the size of flats tells; else a single image is
	 * taken for a sinogram and a stack for radiographs.
	 *
	 * @param data the stack
	 * @param angles number of view angles, 0 if not known
	 * @param flats images without object, or null
	 * @throws InvalidInputException if no direction of the stack is as long as there are angles
	 */
	public static ViewOrder recognise(final Planes data, final int angles, final Planes flats) {
		final List<ViewOrder> fitting = new ArrayList<>();
		for (final ViewOrder order : values())
			if (angles == 0 || order.views(data) == angles) fitting.add(order);
		if (fitting.isEmpty()) throw new InvalidInputException(data.name() + " holds " + data.size() +
			" values, and there are " + angles +
			" view angles: one of the three sizes must be the number of angles. Give other angles.");
		if (fitting.size() == 1) return fitting.get(0);
		if (flats != null && flats.width() == data.width()) {
			if (flats.height() == data.height() && fitting.contains(PROJECTIONS)) return PROJECTIONS;
			if (flats.count() == data.count() && fitting.contains(SINOGRAMS)) return SINOGRAMS;
		}
		if (data.count() == 1) fitting.remove(PROJECTIONS);
		return fitting.get(0);
	}

	/**
	 * Reads a stack as radiographs.
	 *
	 * @return values of bin u, row v at {@code [view][u + bins·v]}
	 * @throws InvalidInputException if the file is damaged
	 */
	public float[][] read(final Planes data, final Progress progress) {
		final int bins = bins(data), rows = rows(data), views = views(data);
		final float[][] radiographs = new float[views][];
		if (this != PROJECTIONS) for (int view = 0; view < views; view++)
			radiographs[view] = new float[bins * rows];
		for (int k = 0; k < data.count(); k++) {
			progress.checkCancelled();
			progress.update("Reading", (double) k / data.count());
			final float[] plane = data.read(k);
			if (this == PROJECTIONS) radiographs[k] = plane;
			else for (int view = 0; view < views; view++)
				for (int u = 0; u < bins; u++)
					radiographs[view][u + bins * k] = this == SINOGRAMS ? plane[u + bins * view] : plane[view + views * u];
		}
		return radiographs;
	}
}
