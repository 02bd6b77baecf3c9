package org.patchct.volume;

import org.patchct.task.Parallel;

/**
 * The solvers' layout of a volume or of projections: {@code nx · ny} columns, each a {@code float[nz]}, z fastest. In
 * parallel beam every slice has the same weights, so projection is a sum of scaled columns, long vector operations that
 * HotSpot compiles to SIMD code.
 * <p>
 * A volume keeps column (x, y) at {@code data[x + nx·y]}, indexed by slice. Projections keep column (detector bin u, view
 * a) at {@code data[u + nu·a]}, indexed by detector row.
 * </p>
 * <p>
 * The arithmetic is parallel and its result does not depend on the number of threads. Not safe for concurrent writers.
 * </p>
 */
public final class Columns implements Vector<Columns> {

	private final int nx, ny, nz;

	private final float[][] data;

	/** A block of zeros. */
	public Columns(final int nx, final int ny, final int nz) {
		this.nx = nx;
		this.ny = ny;
		this.nz = nz;
		data = new float[Math.multiplyExact(nx, ny)][nz];
	}

	/** Zeros of the shape of a volume on {@code grid}. */
	public static Columns of(final Grid grid) {
		return new Columns(grid.nx(), grid.ny(), grid.nz());
	}

	@Override
	public Columns zeros() {
		return new Columns(nx, ny, nz);
	}

	public int nx() {
		return nx;
	}

	public int ny() {
		return ny;
	}

	public int nz() {
		return nz;
	}

	/** The columns themselves, not a copy. */
	public float[][] data() {
		return data;
	}

	/** Column (x, y) itself, not a copy. */
	public float[] column(final int x, final int y) {
		return data[x + nx * y];
	}

	public Columns copy() {
		return zeros().set(this);
	}

	@Override
	public Columns set(final Columns other) {
		requireSameShape(other);
		forColumns(i -> System.arraycopy(other.data[i], 0, data[i], 0, nz));
		return this;
	}

	@Override
	public Columns fill(final float value) {
		forColumns(i -> java.util.Arrays.fill(data[i], value));
		return this;
	}

	@Override
	public Columns scale(final float a) {
		forColumns(i -> {
			final float[] t = data[i];
			for (int k = 0; k < t.length; k++)
				t[k] *= a;
		});
		return this;
	}

	@Override
	public Columns multiply(final Columns other) {
		requireSameShape(other);
		forColumns(i -> {
			final float[] t = data[i], o = other.data[i];
			for (int k = 0; k < t.length; k++)
				t[k] *= o[k];
		});
		return this;
	}

	@Override
	public Columns add(final float a, final Columns other) {
		requireSameShape(other);
		forColumns(i -> {
			final float[] t = data[i], o = other.data[i];
			for (int k = 0; k < t.length; k++)
				t[k] += a * o[k];
		});
		return this;
	}

	@Override
	public Columns combine(final float a, final float b, final Columns other) {
		requireSameShape(other);
		forColumns(i -> {
			final float[] t = data[i], o = other.data[i];
			for (int k = 0; k < t.length; k++)
				t[k] = a * t[k] + b * o[k];
		});
		return this;
	}

	/** this ← a · this + b, element by element */
	public Columns affine(final float a, final float b) {
		forColumns(i -> {
			final float[] t = data[i];
			for (int k = 0; k < t.length; k++)
				t[k] = a * t[k] + b;
		});
		return this;
	}

	@Override
	public Columns clampBelow(final float floor) {
		forColumns(i -> {
			final float[] t = data[i];
			for (int k = 0; k < t.length; k++)
				t[k] = Math.max(t[k], floor);
		});
		return this;
	}

	@Override
	public Columns addMagnitude(final float a, final Columns other) {
		requireSameShape(other);
		forColumns(i -> {
			final float[] t = data[i], o = other.data[i];
			for (int k = 0; k < t.length; k++)
				t[k] += a * Math.abs(o[k]);
		});
		return this;
	}

	@Override
	public Columns addToNegativePart(final Columns other) {
		requireSameShape(other);
		forColumns(i -> {
			final float[] t = data[i], o = other.data[i];
			for (int k = 0; k < t.length; k++)
				t[k] = o[k] + Math.min(t[k], 0);
		});
		return this;
	}

	@Override
	public double dot(final Columns other) {
		requireSameShape(other);
		final double[] sums = new double[data.length];
		forColumns(i -> {
			final float[] t = data[i], o = other.data[i];
			double sum = 0;
			for (int k = 0; k < t.length; k++)
				sum += (double) t[k] * o[k];
			sums[i] = sum;
		});
		double sum = 0;
		for (final double s : sums)
			sum += s;
		return sum;
	}

	@Override
	public double norm() {
		return Math.sqrt(dot(this));
	}

	/** Runs {@code body} for every column index, in parallel, in chunks. */
	public void forColumns(final java.util.function.IntConsumer body) {
		// About 64 k voxels a task keeps the hand-out cheap beside the work.
		final int chunk = Math.max(1, 65536 / Math.max(1, nz));
		final int tasks = (data.length + chunk - 1) / chunk;
		Parallel.loop(tasks, task -> {
			final int end = Math.min(data.length, (task + 1) * chunk);
			for (int i = task * chunk; i < end; i++)
				body.accept(i);
		});
	}

	private void requireSameShape(final Columns o) {
		if (o.nx != nx || o.ny != ny || o.nz != nz) throw new IllegalArgumentException("Shapes differ: " + this + " and " +
			o);
	}

	@Override
	public String toString() {
		return nx + " x " + ny + " x " + nz;
	}
}
