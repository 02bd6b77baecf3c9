package org.patchct.projector.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.patchct.projector.cpu.PlaneRays;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.Detector;
import org.patchct.scan.DivergentBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.volume.Grid;

/**
 * A scan as the kernels know it: the structures of {@code projector.cu} and {@code vectors.cu}, worked out in double
 * precision and laid out as C++ lays them out.
 */
final class Tables {

	private static final int RAY_BYTES = 32, VIEW_BYTES = 16, SCAN_BYTES = 136, PART_BYTES = 24, SHAPE_BYTES = 28;

	/** One unit of the kernels' fixed-point positions, and where they stop: far outside of any grid. */
	private static final double ONE = 1L << 40, FARTHEST = 1 << 22;

	private static final int PARALLEL = 0, FLAT = 1, ARC = 2;

	private final Grid grid;

	private final ScanGeometry geometry;

	private final boolean planar;

	/**
	 * @throws CudaException if there are no kernels for the geometry, or it has too many rays
	 */
	Tables(final Grid grid, final ScanGeometry geometry) {
		if (!(geometry instanceof ParallelBeam || geometry instanceof DivergentBeam)) throw new CudaException(
			"it has no kernels for this scan geometry");
		this.grid = grid;
		this.geometry = geometry;
		planar = !(geometry instanceof ConeBeam);
		if ((long) geometry.bins() * geometry.views() * RAY_BYTES > Integer.MAX_VALUE) throw new CudaException(
			"the scan has too many rays, " + geometry.bins() + " bins x " + geometry.views() + " views");
	}

	/** Whether rays stay in their slice, so that detector row k knows slice k alone. */
	boolean planar() {
		return planar;
	}

	int rayBytes() {
		return geometry.bins() * geometry.views() * RAY_BYTES;
	}

	int viewBytes() {
		return geometry.views() * VIEW_BYTES;
	}

	/** {@code struct Scan}. */
	byte[] scan() {
		final ByteBuffer bytes = allocate(SCAN_BYTES);
		final double[] beam = beam();
		for (final double value : beam)
			bytes.putDouble(value);
		for (final double value : beam)
			bytes.putFloat((float) value);
		bytes.putInt(grid.nx()).putInt(grid.ny()).putInt(grid.nz()).putInt(geometry.bins()).putInt(geometry.rows());
		bytes.putInt(!(geometry instanceof DivergentBeam beams) ? PARALLEL : beams.detector() == Detector.FLAT ? FLAT : ARC);
		return bytes.array();
	}

	private double[] beam() {
		final double centre = (geometry.bins() - 1) / 2.0;
		if (geometry instanceof ParallelBeam parallel) return new double[] { grid.dx(), grid.dy(), grid.dz(), 0, 0, 1 /
			geometry.binPitch(), centre + parallel.axisOffset(), 0, 0 };
		final DivergentBeam beam = (DivergentBeam) geometry;
		return new double[] { grid.dx(), grid.dy(), grid.dz(), beam.sourceToAxis(), beam.axisOffset(), beam
			.sourceToDetector() / geometry.binPitch(), centre + beam.detectorOffset(), beam.sourceToDetector() / geometry
				.rowPitch(), (geometry.rows() - 1) / 2.0 + (beam instanceof ConeBeam cone ? cone.rowOffset() : 0) };
	}

	/** {@code struct Part}. */
	static byte[] part(final int firstView, final int views, final int firstSlice, final int slices,
		final int volumeStride, final int projectionStride)
	{
		return allocate(PART_BYTES).putInt(firstView).putInt(views).putInt(firstSlice).putInt(slices).putInt(volumeStride)
			.putInt(projectionStride).array();
	}

	/**
	 * {@code struct Shape}.
	 *
	 * @param weights of the differences along x, y and z
	 */
	static byte[] shape(final int nx, final int columns, final int length, final int stride, final float[] weights) {
		return allocate(SHAPE_BYTES).putInt(nx).putInt(columns).putInt(length).putInt(stride).putFloat(weights[0]).putFloat(
			weights[1]).putFloat(weights[2]).array();
	}

	/** {@code struct View} of every view. */
	byte[] views() {
		final ByteBuffer bytes = allocate(viewBytes());
		for (final double angle : geometry.angles())
			bytes.putDouble(Math.cos(Math.toRadians(angle))).putDouble(Math.sin(Math.toRadians(angle)));
		return bytes.array();
	}

	/** {@code struct Ray} of every bin of every view. */
	byte[] rays() {
		final ByteBuffer bytes = allocate(rayBytes());
		for (final PlaneRays view : PlaneRays.of(grid, geometry))
			for (int u = 0; u < geometry.bins(); u++) {
				bytes.putLong(fixed(view.position(u, 0))).putLong(fixed(view.slope(u))).putFloat(view.length(u));
				bytes.putInt(view.first(u)).putInt(view.last(u)).putInt(view.alongY(u) ? 1 : 0);
			}
		return bytes.array();
	}

	private static long fixed(final double position) {
		return Math.round(Math.max(-FARTHEST, Math.min(FARTHEST, position)) * ONE);
	}

	private static ByteBuffer allocate(final int size) {
		return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
	}
}
