package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntToDoubleFunction;

import org.junit.jupiter.api.Test;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Columns;

class MetricsTest {

	/** scikit-image 0.19.3, structural_similarity with the arguments in the javadoc of {@link Metrics}. */
	private static final double SCIKIT_IMAGE = 0.6794809621305224;

	@Test
	void psnrOfAConstantErrorIsItsDecibels() {
		final Columns reference = random(7, 13, 12, 11), result = reference.copy().affine(0.5f, 0.2f);
		reference.affine(0.5f, 0.1f);
		final Scores scores = Metrics.compare(result, reference, Progress.SILENT);
		assertEquals(20, scores.psnr(), 1e-5);
		assertEquals(20, scores.axial().psnr(), 1e-5);
		assertEquals(20, scores.coronal().psnr(), 1e-5);
		assertEquals(20, scores.sagittal().psnr(), 1e-5);
	}

	@Test
	void equalVolumesScoreInfinityAndOne() {
		final Columns x = random(1, 12, 14, 13);
		final Scores scores = Metrics.compare(x, x.copy(), Progress.SILENT);
		assertEquals(Double.POSITIVE_INFINITY, scores.psnr());
		assertEquals(Double.POSITIVE_INFINITY, scores.axial().psnr());
		assertEquals(1, scores.ssim(), 1e-12);
	}

	@Test
	void valuesOutsideTheWindowAreClipped() {
		final Columns reference = random(1, 12, 12, 12), result = reference.copy();
		for (int i = 0; i < 20; i++) {
			reference.data()[i][3] = i % 2;
			result.data()[i][3] = i % 2 == 0 ? -5 : 7;
		}
		assertEquals(Double.POSITIVE_INFINITY, Metrics.compare(result, reference, Progress.SILENT).psnr());
	}

	@Test
	void slicesWithoutErrorAreLeftOutOfTheMeanSlicePsnr() {
		final Columns reference = new Columns(12, 12, 12), result = new Columns(12, 12, 12);
		for (final float[] column : result.data())
			column[4] = 0.1f;
		assertEquals(20, Metrics.compare(result, reference, Progress.SILENT).axial().psnr(), 1e-5);
	}

	@Test
	void ssimMatchesItsDefinitionInEveryPlane() {
		final Columns reference = random(3, 17, 14, 12), result = reference.copy().combine(0.7f, 0.3f, random(4, 17, 14,
			12));
		final Scores scores = Metrics.compare(result, reference, Progress.SILENT);
		double axial = 0, coronal = 0, sagittal = 0;
		for (int k = 0; k < 12; k++)
			axial += definition(result, reference, 2, k) / 12;
		for (int j = 0; j < 14; j++)
			coronal += definition(result, reference, 1, j) / 14;
		for (int i = 0; i < 17; i++)
			sagittal += definition(result, reference, 0, i) / 17;
		assertEquals(axial, scores.axial().ssim(), 1e-10);
		assertEquals(coronal, scores.coronal().ssim(), 1e-10);
		assertEquals(sagittal, scores.sagittal().ssim(), 1e-10);
		assertEquals((axial + coronal + sagittal) / 3, scores.ssim(), 1e-10);
	}

	/** Constant images have no variance, so only the luminance term is left: (2pq + C1) / (p² + q² + C1). */
	@Test
	void ssimOfConstantImagesIsTheLuminanceTerm() {
		final Scores scores = Metrics.compare(new Columns(15, 16, 17).fill(0.5f), new Columns(15, 16, 17).fill(0.25f),
			Progress.SILENT);
		assertEquals((2 * 0.5 * 0.25 + 1e-4) / (0.25 + 0.0625 + 1e-4), scores.ssim(), 1e-9);
	}

	@Test
	void ssimAgreesWithScikitImageOnAFormula() {
		final int n = 24;
		final double[] a = new double[n * n], b = new double[n * n];
		for (int v = 0; v < n; v++)
			for (int u = 0; u < n; u++) {
				a[u + n * v] = 0.5 + 0.4 * Math.sin(0.7 * u) * Math.cos(0.4 * v);
				b[u + n * v] = 0.5 + 0.3 * Math.sin(0.7 * u + 0.5) * Math.cos(0.45 * v);
			}
		assertEquals(SCIKIT_IMAGE, Metrics.ssim(a, b, n, n), 1e-9);
	}

	/** Slices of values 0, a, 0, a, … differ by a everywhere, and so does a ramp of slope a. */
	@Test
	void zConsistencyIsTheRatioOfTheStepsBetweenSlices() {
		final Columns ramp = slices(8, k -> 0.1 * k), half = slices(8, k -> 0.05 * k);
		final Columns jumping = slices(8, k -> k % 2 == 0 ? 0.3 : 0.7);
		assertEquals(1, Metrics.zConsistency(ramp, ramp.copy()), 1e-6);
		assertEquals(0.5, Metrics.zConsistency(half, ramp), 1e-6);
		assertEquals(4, Metrics.zConsistency(jumping, ramp), 1e-6);
		assertEquals(0, Metrics.zConsistency(slices(8, k -> 0.4), ramp), 1e-6);
		assertEquals(4, Metrics.compare(jumping, ramp, Progress.SILENT).zConsistency(), 1e-6);
	}

	@Test
	void zConsistencyDoesNotSeeOffsetsInPlaneDetailOrValuesOutsideTheWindow() {
		final Columns reference = random(7, 9, 8, 12).affine(0.4f, 0.2f), shifted = reference.copy().affine(1, 0.1f);
		assertEquals(1, Metrics.zConsistency(shifted, reference), 1e-5);
		final Columns ramp = slices(8, k -> 0.1 * k), beyond = slices(8, k -> k == 0 ? -3 : 0.1 * k);
		assertEquals(1, Metrics.zConsistency(beyond, ramp), 1e-6);
	}

	/** The difference of two normal numbers of deviation s has the mean magnitude 2 s / √π. */
	@Test
	void independentNoiseInEverySliceRaisesZConsistency() {
		final Random random = new Random(2);
		final Columns flat = slices(64, k -> 0.01 * (k % 2)), noisy = new Columns(20, 20, 64);
		for (final float[] column : noisy.data())
			for (int k = 0; k < 64; k++)
				column[k] = (float) (0.5 + 0.05 * random.nextGaussian());
		assertEquals(2 * 0.05 / Math.sqrt(Math.PI) / 0.01, Metrics.zConsistency(noisy, flat), 0.1);
	}

	@Test
	void zConsistencyOfWhatDoesNotChangeAlongZ() {
		assertTrue(Double.isNaN(Metrics.zConsistency(slices(1, k -> 0.4), slices(1, k -> 0.2))));
		assertEquals(Double.POSITIVE_INFINITY, Metrics.zConsistency(slices(4, k -> 0.1 * k), slices(4, k -> 0.2)));
	}

	@Test
	void slicesShorterThanTheWindowAreReflected() {
		final Columns reference = random(5, 9, 20, 1), result = reference.copy().combine(0.5f, 0.5f, random(6, 9, 20, 1));
		final Scores scores = Metrics.compare(result, reference, Progress.SILENT);
		assertEquals(definition(result, reference, 2, 0), scores.axial().ssim(), 1e-10);
		assertTrue(scores.coronal().ssim() > 0 && scores.coronal().ssim() < 1, "coronal " + scores.coronal());
	}

	@Test
	void differentShapesAreRefused() {
		final var e = assertThrows(InvalidInputException.class, () -> Metrics.compare(new Columns(2, 3, 4), new Columns(2,
			3, 5), Progress.SILENT));
		assertEquals("A result of 2 x 3 x 4 voxels cannot be compared with a reference of 2 x 3 x 5: " +
			"reconstruct on the reference's grid.", e.getMessage());
	}

	@Test
	void cancelStopsTheComparison() {
		final Progress cancelled = new Progress() {

			@Override
			public void update(final String stage, final double done) { }

			@Override
			public boolean cancelled() {
				return true;
			}
		};
		assertThrows(CancelledException.class, () -> Metrics.compare(random(1, 12, 12, 12), random(2, 12, 12, 12),
			cancelled));
	}

	/** SSIM straight from its definition: a full 2-D window sum at every pixel, in two passes (means, then variances). */
	private static double definition(final Columns x, final Columns y, final int axis, final int slice) {
		final int[] size = { x.nx(), x.ny(), x.nz() };
		final int p = axis == 0 ? 1 : 0, q = axis == 2 ? 1 : 2;
		final int pr = size[p] >= 11 ? 5 : 0, qr = size[q] >= 11 ? 5 : 0;
		double total = 0;
		int count = 0;
		for (int u = pr; u < size[p] - pr; u++)
			for (int v = qr; v < size[q] - qr; v++) {
				double w = 0, mx = 0, my = 0;
				for (int du = -5; du <= 5; du++)
					for (int dv = -5; dv <= 5; dv++) {
						final double g = Math.exp(-(du * du + dv * dv) / 4.5);
						w += g;
						mx += g * at(x, axis, slice, u + du, v + dv);
						my += g * at(y, axis, slice, u + du, v + dv);
					}
				mx /= w;
				my /= w;
				double vx = 0, vy = 0, cov = 0;
				for (int du = -5; du <= 5; du++)
					for (int dv = -5; dv <= 5; dv++) {
						final double g = Math.exp(-(du * du + dv * dv) / 4.5) / w;
						final double ex = at(x, axis, slice, u + du, v + dv) - mx, ey = at(y, axis, slice, u + du, v + dv) - my;
						vx += g * ex * ex;
						vy += g * ey * ey;
						cov += g * ex * ey;
					}
				total += (2 * mx * my + 1e-4) * (2 * cov + 9e-4) / ((mx * mx + my * my + 1e-4) * (vx + vy + 9e-4));
				count++;
			}
		return total / count;
	}

	private static double at(final Columns c, final int axis, final int slice, final int u, final int v) {
		final int[] size = { c.nx(), c.ny(), c.nz() };
		final int p = axis == 0 ? 1 : 0, q = axis == 2 ? 1 : 2;
		final int[] i = new int[3];
		i[axis] = slice;
		i[p] = mirror(u, size[p]);
		i[q] = mirror(v, size[q]);
		return Math.min(1, Math.max(0, c.column(i[0], i[1])[i[2]]));
	}

	private static int mirror(final int i, final int n) {
		if (i < 0) return mirror(-1 - i, n);
		return i >= n ? mirror(2 * n - 1 - i, n) : i;
	}

	/** 20 × 20 columns of the same values. */
	private static Columns slices(final int nz, final IntToDoubleFunction value) {
		final Columns columns = new Columns(20, 20, nz);
		for (final float[] column : columns.data())
			for (int k = 0; k < nz; k++)
				column[k] = (float) value.applyAsDouble(k);
		return columns;
	}

	private static Columns random(final long seed, final int nx, final int ny, final int nz) {
		final Random random = new Random(seed);
		final Columns columns = new Columns(nx, ny, nz);
		for (final float[] column : columns.data())
			for (int k = 0; k < nz; k++)
				column[k] = random.nextFloat() * 1.2f - 0.1f;
		return columns;
	}
}
