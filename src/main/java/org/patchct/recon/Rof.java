package org.patchct.recon;

import java.util.List;

import org.patchct.task.Progress;
import org.patchct.volume.Columns;
import org.patchct.volume.ColumnsTotalVariation;
import org.patchct.volume.Grid;

/** Total-variation denoising (Rudin, Osher and Fatemi 1992), what a learned denoiser is measured against. */
public final class Rof {

	/** On a CT volume four times as many gained less than 0.1 dB at every noise level, or lost. */
	private static final int ITERATIONS = 60;

	/** 1/‖∇‖², which is at most 12 in three dimensions; steps below twice that converge. */
	private static final float STEP = 1 / 12f;

	private Rof() { }

	/**
	 * min ½‖u − f‖² + weight·TV(u), isotropic, by projected gradient steps on the dual (Chambolle 2005, "Total variation
	 * minimization and a class of binary MRF models"): u = f − ∇*p, p ← Π(p + τ∇u) with Π onto |p| ≤ weight.
	 *
	 * @param noisy f, any units; not changed
	 * @param grid its voxels; differences along longer ones count less, as in ADMM-TV
	 * @param weight in the units of {@code noisy}, about the noise's standard deviation
	 * @return u
	 * @throws org.patchct.task.CancelledException if the user cancelled
	 */
	public static Columns denoise(final Columns noisy, final Grid grid, final double weight, final Progress progress) {
		final ColumnsTotalVariation tv = new ColumnsTotalVariation(grid);
		final float radius = (float) weight;
		final Columns u = noisy.copy();
		// v is p before its projection, and p = v − shrink(v).
		final List<Columns> v = List.of(noisy.zeros(), noisy.zeros(), noisy.zeros());
		for (int i = 0; i < ITERATIONS; i++) {
			progress.checkCancelled();
			tv.split(u.scale(STEP), v, radius);
			u.set(noisy);
			// ∇*p as half the difference of ∇*v and ∇*(2 shrink(v) − v).
			tv.addTarget(v, 0, -0.5f, u);
			tv.addTarget(v, radius, 0.5f, u);
		}
		return u;
	}
}
