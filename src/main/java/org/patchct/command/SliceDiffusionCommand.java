package org.patchct.command;

import org.patchct.diffusion.PriorChoice;
import org.patchct.diffusion.SliceDiffusion;
import org.patchct.network.Prior;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;

/** What the reconstruction commands with a prior of slices share. */
abstract class SliceDiffusionCommand extends DiffusionCommand {

	@Override
	protected abstract SliceDiffusion reconstructor();

	@Override
	protected String method() {
		return reconstructor().name();
	}

	@Override
	protected PriorChoice choice(final Projections scan) {
		return reconstructor().prior(settings().prior(), scan.intensity());
	}

	@Override
	protected Volume reconstruct(final Projections scan, final Prior open, final Progress progress) {
		return reconstructor().reconstruct(scan, scan.grid(), open, settings(), progress);
	}
}
