package org.patchct.projector;

import org.patchct.projector.cpu.CpuConeProjector;
import org.patchct.projector.cpu.CpuSliceProjector;
import org.patchct.projector.cuda.CudaDevices;
import org.patchct.projector.cuda.CudaException;
import org.patchct.projector.cuda.CudaProjector;
import org.patchct.scan.ConeBeam;
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
		final Projector processor = onProcessor(grid, geometry);
		if (device.equals("cpu")) return processor;
		try {
			return new FallbackProjector(new CudaProjector(grid, geometry, number(device)), processor);
		}
		catch (final CudaException e) {
			return processor;
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

	private static Projector onProcessor(final Grid grid, final ScanGeometry geometry) {
		if (geometry instanceof ParallelBeam || geometry instanceof FanBeam) return new CpuSliceProjector(grid, geometry);
		if (geometry instanceof ConeBeam cone) return new CpuConeProjector(grid, cone);
		throw new InvalidInputException("No projector for this scan geometry: " + geometry +
			". Supported: parallel, fan and cone beam.");
	}
}
