package org.patchct.volume;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

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

	/**
	 * Columns of which the sums are taken in 32 bits, so that their rounding is about that of a voxel. In 64 bits throughout
	 * Java 17 makes no SIMD code of them, and they take five times as long.
	 */
	private static final int SUMMED = 16;

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

	/** What each column, an array of its own, takes besides its values in 32-bit voxels: 24 bytes of head and reference. */
	public static final int ARRAY = 6;

	/** Memory of a block in 32-bit voxels. */
	public static double memory(final int nx, final int ny, final int nz) {
		return (double) nx * ny * (nz + ARRAY);
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
		forColumns(i -> Arrays.fill(data[i], value));
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
		return sum((i, sums) -> {
			final float[] t = data[i], o = other.data[i];
			for (int k = 0; k < t.length; k++)
				sums[k] += t[k] * o[k];
		});
	}

	@Override
	public double descend(final float a, final Columns p, final Columns q, final Columns x) {
		requireSameShape(p);
		requireSameShape(q);
		requireSameShape(x);
		return sum((i, sums) -> {
			final float[] r = data[i], ps = p.data[i], qs = q.data[i], xs = x.data[i];
			for (int k = 0; k < r.length; k++)
				xs[k] += a * ps[k];
			for (int k = 0; k < r.length; k++)
				r[k] -= a * qs[k];
			for (int k = 0; k < r.length; k++)
				sums[k] += r[k] * r[k];
		});
	}

	/** Adds what a column contributes to the sum of each slice. */
	@FunctionalInterface
	interface Term {

		void add(int column, float[] sums);
	}

	/**
	 * A sum over all voxels, taken slice by slice first, which HotSpot compiles to SIMD code, unlike a sum along a column,
	 * whose order Java prescribes.
	 */
	double sum(final Term term) {
		return sum(() -> term);
	}

	/** The same with a term for each task, which may have arrays of its own: made for each column, they cost time. */
	double sum(final Supplier<Term> terms) {
		final double[] parts = new double[tasks()];
		Parallel.loop(parts.length, task -> {
			final Term term = terms.get();
			final float[] sums = new float[nz];
			final int end = Math.min(data.length, (task + 1) * chunk());
			for (int from = task * chunk(); from < end; from += SUMMED) {
				Arrays.fill(sums, 0);
				for (int i = from; i < Math.min(end, from + SUMMED); i++)
					term.add(i, sums);
				for (final float sum : sums)
					parts[task] += sum;
			}
		});
		double sum = 0;
		for (final double part : parts)
			sum += part;
		return sum;
	}

	@Override
	public double norm() {
		return Math.sqrt(dot(this));
	}

	/** Runs {@code body} for every column index, in parallel, in chunks. */
	public void forColumns(final IntConsumer body) {
		forColumns(() -> body);
	}

	/** The same with a body for each chunk, which may have arrays of its own: made for each column, they cost time. */
	void forColumns(final Supplier<IntConsumer> bodies) {
		final int chunk = chunk();
		Parallel.loop(tasks(), task -> {
			final IntConsumer body = bodies.get();
			final int end = Math.min(data.length, (task + 1) * chunk);
			for (int i = task * chunk; i < end; i++)
				body.accept(i);
		});
	}

	/** Columns of a task: about 64 k voxels keep the hand-out cheap beside the work. */
	private int chunk() {
		return Math.max(1, 65536 / Math.max(1, nz));
	}

	private int tasks() {
		return (data.length + chunk() - 1) / chunk();
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
