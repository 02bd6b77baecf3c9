package org.patchct.projector;

import org.patchct.projector.cpu.CpuConeProjector;
import org.patchct.projector.cpu.CpuSliceProjector;
import org.patchct.projector.cuda.CudaDevices;
import org.patchct.projector.cuda.CudaException;
import org.patchct.projector.cuda.CudaProjector;
import org.patchct.scan.ConeBeam;
import org.patchct.scan.DivergentBeam;
import org.patchct.scan.FanBeam;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.ScanGeometry;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;

/** Chooses the projector for a geometry and a device. */
public final class Projectors {

	private Projectors() { }

	/**
	 * The projector of a scan. A GPU that cannot be used, or fails later, is replaced by the processor, the results being
	 * the same; {@link Projector#device} and {@link #device} say so.
	 *
	 * @param device "auto" (the first GPU if it can be used, else the processor), "cpu" or "cuda:N"
	 * @throws InvalidInputException if no projector knows the geometry, or grid and detector do not fit each other
	 */
	public static Projector create(final Grid grid, final ScanGeometry geometry, final String device) {
		requireFit(grid, geometry);
		if (device.equals("cpu")) return onProcessor(grid, geometry);
		try {
			return new FallbackProjector(new CudaProjector(grid, geometry, number(device)), () -> onProcessor(grid, geometry));
		}
		catch (final CudaException e) {
			return onProcessor(grid, geometry);
		}
	}

	/**
	 * What projectors for a device run on, and why: "cpu", "cuda:0 (NVIDIA H200)", "cpu (not cuda:0: no NVIDIA driver was
	 * found)".
	 */
	public static String device(final String device) {
		if (device.equals("cpu")) return device;
		final int number = number(device);
		try {
			return CudaDevices.describe(number);
		}
		catch (final CudaException e) {
			return instead("cuda:" + number, e);
		}
	}

	/** The processor in place of a GPU. */
	static String instead(final String gpu, final CudaException reason) {
		return "cpu (not " + gpu + ": " + reason.getMessage() + ")";
	}

	/** N of "cuda:N"; "auto" and "cuda" mean the first GPU. */
	private static int number(final String device) {
		return device.startsWith("cuda:") ? Integer.parseInt(device.substring("cuda:".length())) : 0;
	}

	/** Before a projector is made, whichever it will be. */
	private static void requireFit(final Grid grid, final ScanGeometry geometry) {
		if (!(geometry instanceof ParallelBeam || geometry instanceof FanBeam || geometry instanceof ConeBeam))
			throw new InvalidInputException("No projector for this scan geometry: " + geometry +
				". Supported: parallel, fan and cone beam.");
		if (geometry instanceof DivergentBeam beam) beam.requireSourceOutside(grid);
		if (!(geometry instanceof ConeBeam) && (geometry.rows() != grid.nz() || Math.abs(geometry.rowPitch() - grid
			.dz()) > 1e-4 * grid.dz())) throw new InvalidInputException(
				"In parallel and fan beams every detector row is a slice: the detector has " + geometry.rows() + " rows of " +
					geometry.rowPitch() + " mm but the volume " + grid.nz() + " slices of " + grid.dz() +
					" mm. Choose the volume's slices to match.");
	}

	private static Projector onProcessor(final Grid grid, final ScanGeometry geometry) {
		return geometry instanceof ConeBeam cone ? new CpuConeProjector(grid, cone) : new CpuSliceProjector(grid, geometry);
	}
}
