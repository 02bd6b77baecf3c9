package org.patchct.command;

import java.util.ArrayList;
import java.util.List;

import org.patchct.diffusion.FbpUNet;
import org.patchct.diffusion.PriorChoice;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.scan.Projections;
import org.patchct.task.Progress;
import org.patchct.volume.Volume;
import org.scijava.command.Command;
import org.scijava.plugin.Plugin;

/** Filtered back-projection with a network behind it. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT FBP-UNet...",
	headless = true,
	description = "Filtered back-projection, corrected slice by slice by a network trained for the number of views: takes " +
		"seconds. The result is titled \"FBP-UNet of SCAN (N views)\". Not for diagnosis: a network can invent detail.")
public class FbpUNetCommand extends PriorCommand {

	@Override
	protected String method() {
		return FbpUNet.NAME;
	}

	@Override
	protected FbpUNet reconstructor() {
		return new FbpUNet();
	}

	@Override
	protected PriorChoice choice(final Projections scan) {
		return FbpUNet.network(settings().prior(), scan.geometry(), scan.intensity());
	}

	@Override
	protected List<String> warnings(final PriorSettings network, final Projections scan) {
		final String difference = FbpUNet.warning(network, scan);
		final List<String> warnings = new ArrayList<>(super.warnings(network, scan));
		if (difference != null) warnings.add(difference);
		return warnings;
	}

	@Override
	protected Volume reconstruct(final Projections scan, final Prior open, final Progress progress) {
		return reconstructor().reconstruct(scan, scan.grid(), open, settings(), progress);
	}
}
