package org.patchct.diffusion;

import org.patchct.projector.Projector;
import org.patchct.volume.Columns;

/** A scan as a matrix of doubles, and volumes as arrays of them, for computing again what the program computes. */
final class DenseScan {

	private final int nz;

	private final double[][] a;

	DenseScan(final Projector projector) {
		nz = projector.grid().nz();
		final Columns unit = projector.newVolume(), y = projector.newProjections();
		a = new double[unit.data().length * nz][];
		for (int i = 0; i < a.length; i++) {
			unit.fill(0).data()[i / nz][i % nz] = 1;
			projector.forward(unit, y);
			a[i] = flat(y);
		}
	}

	static double[] flat(final Columns columns) {
		final double[] values = new double[columns.data().length * columns.nz()];
		for (int i = 0; i < values.length; i++)
			values[i] = columns.data()[i / columns.nz()][i % columns.nz()];
		return values;
	}

	/** The values of a field over a volume of this shape. */
	static double[] gaussians(final NoiseField field, final Columns shape) {
		return flat(field.mixInto(shape.zeros(), 0, 1));
	}

	static double dot(final double[] x, final double[] y) {
		double sum = 0;
		for (int i = 0; i < x.length; i++)
			sum += x[i] * y[i];
		return sum;
	}

	/** x + s · y */
	static double[] plus(final double[] x, final double s, final double[] y) {
		final double[] sum = new double[x.length];
		for (int i = 0; i < x.length; i++)
			sum[i] = x[i] + s * y[i];
		return sum;
	}

	double[] forward(final double[] x) {
		double[] y = new double[a[0].length];
		for (int i = 0; i < x.length; i++)
			y = plus(y, x[i], a[i]);
		return y;
	}

	double[] adjoint(final double[] y) {
		final double[] x = new double[a.length];
		for (int i = 0; i < x.length; i++)
			x[i] = dot(a[i], y);
		return x;
	}

	/** Differences along z that go round. */
	double[] axial(final double[] x) {
		final double[] d = new double[x.length];
		for (int i = 0; i < x.length; i++)
			d[i] = x[i / nz * nz + (i + 1) % nz] - x[i];
		return d;
	}

	double[] axialAdjoint(final double[] d) {
		final double[] x = new double[d.length];
		for (int i = 0; i < d.length; i++) {
			x[i] -= d[i];
			x[i / nz * nz + (i + 1) % nz] += d[i];
		}
		return x;
	}

	/** Some conjugate-gradient iterations for (A*A + rho Dz*Dz) x = b. */
	double[] solve(final double rho, final double[] b, final double[] start, final int iterations) {
		double[] x = start.clone(), r = plus(b, -1, normal(rho, x)), p = r;
		for (int i = 0; i < iterations; i++) {
			final double[] q = normal(rho, p);
			final double rr = dot(r, r), step = rr / dot(p, q);
			x = plus(x, step, p);
			r = plus(r, -step, q);
			p = plus(r, dot(r, r) / rr, p);
		}
		return x;
	}

	private double[] normal(final double rho, final double[] x) {
		return plus(adjoint(forward(x)), rho, axialAdjoint(axial(x)));
	}

	/** Largest eigenvalue of A*A by a hundred power iterations. */
	double normSquared() {
		double[] x = new double[a.length];
		java.util.Arrays.fill(x, 1);
		double norm = 0;
		for (int i = 0; i < 100; i++) {
			x = adjoint(forward(x));
			norm = Math.sqrt(dot(x, x));
			x = plus(new double[x.length], 1 / norm, x);
		}
		return norm;
	}
}
