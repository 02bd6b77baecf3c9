package org.patchct.example;

import org.patchct.projector.*;
import org.patchct.recon.*;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.*;
import org.scijava.plugin.Plugin;

/** Landweber's iteration: x + A*(y - A x) / |A|^2, not below empty space. */
@Plugin(type = Reconstructor.class, name = "Landweber")
public class Landweber implements Reconstructor {

	@Override
	public Volume reconstruct(Projections scan, Grid grid, RunSettings run, Progress progress) {
		Projector a = Projectors.create(grid, scan.geometry(), run.device());
		float step = (float) (1 / a.normSquared());
		Columns y = scan.normalised(), x = a.newVolume(), residual = a.newProjections(), update = a.newVolume();
		for (int i = 0; i < 50; i++) {
			progress.checkCancelled();
			progress.update("Landweber", i / 50.0);
			a.forward(x, residual);
			a.adjoint(residual.combine(-1, 1, y), update); // -1 * residual + 1 * y
			x.add(step, update).clampBelow(0);
		}
		return Layouts.denormalised(scan.name(), x, grid, scan.intensity());
	}

	@Override
	public String description() {
		return "Landweber, 50 iterations";
	}
}
