package org.patchct.scan;

/** A stack of images in memory. */
public record ArrayPlanes(String name, int width, int height, float[][] planes) implements Planes {

	@Override
	public int count() {
		return planes.length;
	}

	@Override
	public float[] read(final int k) {
		return planes[k].clone();
	}

	/** Radiographs written in another order. */
	public static Planes written(final Planes radiographs, final ViewOrder order) {
		final int bins = radiographs.width(), rows = radiographs.height(), views = radiographs.count();
		if (order == ViewOrder.PROJECTIONS) return radiographs;
		final float[][] sinograms = new float[rows][bins * views];
		for (int view = 0; view < views; view++) {
			final float[] plane = radiographs.read(view);
			for (int v = 0; v < rows; v++)
				for (int u = 0; u < bins; u++)
					sinograms[v][order == ViewOrder.SINOGRAMS ? u + bins * view : view + views * u] = plane[u + bins * v];
		}
		final boolean upright = order == ViewOrder.SINOGRAMS;
		return new ArrayPlanes("sinograms", upright ? bins : views, upright ? views : bins, sinograms);
	}
}
