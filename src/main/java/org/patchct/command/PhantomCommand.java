package org.patchct.command;

import ij.ImagePlus;

import org.patchct.imagej.Images;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.SheppLogan;
import org.patchct.volume.Thorax;
import org.patchct.volume.Volume;
import org.scijava.ItemIO;
import org.scijava.command.Command;
import org.scijava.plugin.Parameter;
import org.scijava.plugin.Plugin;

/** Makes a phantom. */
@Plugin(type = Command.class, menuPath = CtCommand.MENU + "CT Phantom...",
	headless = true,
	description = "Makes a volume to try things on: a random thorax, titled \"Thorax SEED\", or the 3-D Shepp-Logan " +
		"phantom, titled \"Shepp-Logan\".")
public class PhantomCommand extends CtCommand {

	/** Width of the space that the phantoms stand in, mm: a chest with some air around it. */
	static final double WIDTH = 400;

	/** What there is to choose from. */
	public enum Phantom {
		THORAX("Thorax"), SHEPP_LOGAN("Shepp-Logan");

		private final String label;

		Phantom(final String label) {
			this.label = label;
		}

		Volume volume(final int size, final long seed, final Progress progress) {
			final Grid grid = Grid.cube(size, WIDTH / size);
			return this == THORAX ? Thorax.create(grid, seed, progress).named("Thorax " + seed) : SheppLogan.volume(grid,
				progress);
		}

		@Override
		public String toString() {
			return label;
		}
	}

	@Parameter(label = "Phantom", persist = false,
		description = "Thorax (random, in Hounsfield units) or Shepp-Logan (attenuation, 1/mm).")
	private Phantom phantom = Phantom.THORAX;

	@Parameter(label = "Size (voxels)", min = "8", max = "1024", persist = false,
		description = "8 to 1024 along each side.")
	private int size = 128;

	@Parameter(label = "Random seed", persist = false, description = "Any whole number; another seed is another thorax.")
	private long seed = 1;

	@Parameter(type = ItemIO.OUTPUT)
	private ImagePlus result;

	@Override
	protected void execute() {
		withProgress(progress -> result = Images.toImagePlus(phantom.volume(size, seed, progress)));
	}
}
