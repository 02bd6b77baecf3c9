package org.patchct.volume;

import java.util.List;

/**
 * A gradient ∇ by forward differences, its adjoint and what ADMM makes of them for the total variation ‖∇x‖₂,₁. There are
 * two:
 * <ul>
 * <li>in 3-D, of three components, isotropic and zero across the border. Differences along an axis are divided by that
 * axis' voxel size in units of the smallest one, so that anisotropic voxels are smoothed equally in space;</li>
 * <li>along z alone, of one component, which goes round: the slice after the last is the first, as in the public codes of
 * DiffusionMBIR and DDS. Differences are not divided.</li>
 * </ul>
 *
 * @param <V> volumes
 */
public interface TotalVariation<V extends Vector<V>> {

	/**
	 * The splitting step of ADMM with scaled dual variable u: with v = ∇x + u, d ← shrink(v, threshold) and u ← v − d.
	 * Only v is stored between iterations, since d and u both follow from it.
	 *
	 * @param v the components of the previous v; overwritten
	 */
	void split(V x, List<V> v, float threshold);

	/** out ← out + weight · ∇*(d − u), d and u following from v as in {@link #split}. */
	void addTarget(List<V> v, float threshold, float weight, V out);

	/**
	 * out ← a · out + weight · (∇*∇x + c · x)
	 *
	 * @return ⟨x, out⟩ of the new out, which conjugate gradients need and which is cheap while both are at hand
	 */
	double addLaplacian(V x, float weight, float c, float a, V out);

	/** What differences along x, y and z are multiplied by. */
	static float[] weights(final Grid grid) {
		final double finest = Math.min(grid.dx(), Math.min(grid.dy(), grid.dz()));
		return new float[] { (float) (finest / grid.dx()), (float) (finest / grid.dy()), (float) (finest / grid.dz()) };
	}
}
