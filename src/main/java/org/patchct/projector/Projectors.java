package org.patchct.projector;

import org.patchct.projector.cpu.CpuConeProjector;
import org.patchct.projector.cpu.CpuSliceProjector;
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
	 * @param device "auto" or "cpu"; "cuda:N" is answered with the processor's projector, the results being the same
	 * @throws InvalidInputException if no projector knows the geometry, or grid and detector do not fit each other
	 */
	public static Projector create(final Grid grid, final ScanGeometry geometry, final String device) {
		if (geometry instanceof ParallelBeam || geometry instanceof FanBeam) return new CpuSliceProjector(grid, geometry);
		if (geometry instanceof ConeBeam cone) return new CpuConeProjector(grid, cone);
		throw new InvalidInputException("No projector for this scan geometry: " + geometry +
			". Supported: parallel, fan and cone beam.");
	}
}
