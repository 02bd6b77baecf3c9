package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.volume.Columns;

class PatchInputsTest {

	private static final int P = 4;

	private static final PriorSettings ALL = settings(true, true);

	private static PriorSettings settings(final boolean global, final boolean position) {
		final UNetConfig network = new UNetConfig(1 + (global ? 1 : 0) + (position ? 3 : 0), 1, P, 1, 4, List.of(1), 1, List
			.of(), false, 2);
		return new PriorSettings("test", network, global, position, Prediction.V, 1000, 1e-4, 0.02, -1, 1, "HU", -1000, 1000,
			null);
	}

	@Test
	void channelsComeInTheirOrder() {
		final int nx = 5, ny = 6, nz = 7;
		final Columns padded = numbered(nx + 2 * P, ny + 2 * P, nz + 2 * P);
		final PatchInputs inputs = new PatchInputs(ALL, nx, ny, nz);
		final float[] thumbnail = inputs.thumbnail(padded);
		final float[] target = new float[1 + 5 * P * P * P];
		inputs.write(padded, thumbnail, new PatchTiling.Patch(P, P + 1, 2), target, 1);
		for (int z = 0; z < P; z++)
			for (int y = 0; y < P; y++)
				for (int x = 0; x < P; x++) {
					final int i = 1 + (z * P + y) * P + x;
					assertEquals(padded.column(P + x, P + 1 + y)[2 + z], target[i]);
					assertEquals(thumbnail[i - 1], target[i + 64]);
					assertEquals(2f * x / (nx - 1) - 1, target[i + 128], 1e-6f);
					assertEquals(2f * (y + 1) / (ny - 1) - 1, target[i + 192], 1e-6f);
					assertEquals(2f * (z - 2) / (nz - 1) - 1, target[i + 256], 1e-6f);
				}
	}

	@Test
	void coordinatesReachFromMinusOneToOneOverTheVolume() {
		final PatchInputs inputs = new PatchInputs(ALL, 2 * P, P, 1);
		final float[] first = new float[3 * 64], last = new float[3 * 64];
		inputs.writePositions(new PatchTiling.Patch(P, P, P), first, 0);
		inputs.writePositions(new PatchTiling.Patch(2 * P, P, P), last, 0);
		assertEquals(-1, first[0]);
		assertEquals(1, last[P - 1], 1e-6f);
		assertEquals(1, first[64 + 3 * P], 1e-6f);
		assertEquals(0, first[128]);
	}

	@Test
	void settingsLeaveOutChannels() {
		final Columns padded = numbered(4 + 2 * P, 4 + 2 * P, 4 + 2 * P);
		final PatchInputs plain = new PatchInputs(settings(false, false), 4, 4, 4);
		final PatchInputs position = new PatchInputs(settings(false, true), 4, 4, 4);
		assertEquals(1, plain.channels());
		assertEquals(4, position.channels());
		final float[] target = new float[4 * 64], expected = new float[3 * 64];
		position.write(padded, null, new PatchTiling.Patch(1, 2, 3), target, 0);
		position.writePositions(new PatchTiling.Patch(1, 2, 3), expected, 0);
		assertArrayEquals(expected, java.util.Arrays.copyOfRange(target, 64, 256));
	}

	@Test
	void thumbnailOfWholeBlocksIsTheirMean() {
		final Columns volume = numbered(8, 12, 4);
		final float[] thumbnail = new PatchInputs(ALL, 8, 12, 4).unpaddedThumbnail(volume);
		for (int z = 0; z < P; z++)
			for (int y = 0; y < P; y++)
				for (int x = 0; x < P; x++) {
					double mean = 0;
					for (int j = 0; j < 3; j++)
						for (int i = 0; i < 2; i++)
							mean += volume.column(2 * x + i, 3 * y + j)[z] / 6.0;
					assertEquals(mean, thumbnail[(z * P + y) * P + x], 1e-5);
				}
	}

	@Test
	void thumbnailKeepsMeanAndConstantsForAnySize() {
		for (final int[] n : new int[][] { { 5, 9, 7 }, { 3, 2, 1 }, { 4, 11, 13 } }) {
			final Columns volume = numbered(n[0], n[1], n[2]);
			double mean = 0;
			for (final float[] column : volume.data())
				for (final float v : column)
					mean += v / (n[0] * n[1] * n[2]);
			double thumbnailMean = 0;
			for (final float v : new PatchInputs(ALL, n[0], n[1], n[2]).unpaddedThumbnail(volume))
				thumbnailMean += v / 64.0;
			assertEquals(mean, thumbnailMean, 1e-5);
			for (final float v : new PatchInputs(ALL, n[0], n[1], n[2]).unpaddedThumbnail(volume.zeros().fill(0.7f)))
				assertEquals(0.7f, v, 1e-6f);
		}
	}

	@Test
	void thumbnailIgnoresThePadding() {
		final Columns volume = numbered(5, 6, 7), padded = new Columns(5 + 2 * P, 6 + 2 * P, 7 + 2 * P).fill(1e6f);
		for (int y = 0; y < 6; y++)
			for (int x = 0; x < 5; x++)
				System.arraycopy(volume.column(x, y), 0, padded.column(x + P, y + P), P, 7);
		final PatchInputs inputs = new PatchInputs(ALL, 5, 6, 7);
		assertArrayEquals(inputs.unpaddedThumbnail(volume), inputs.thumbnail(padded));
	}

	@Test
	void wholeThatIsNotToBeSeenIsZeroAndNothingElseChanges() {
		final Columns padded = new Columns(8 + 2 * P, 8 + 2 * P, 8 + 2 * P).fill(0.7f);
		final PatchInputs sees = new PatchInputs(ALL, 8, 8, 8), blind = new PatchInputs(ALL, 8, 8, 8, false);
		final PatchTiling.Patch patch = new PatchTiling.Patch(P, P + 1, P + 2);
		final int p3 = P * P * P;
		final float[] seen = new float[5 * p3], unseen = new float[5 * p3];
		sees.write(padded, sees.thumbnail(padded), patch, seen, 0);
		blind.write(padded, blind.thumbnail(padded), patch, unseen, 0);
		for (int i = 0; i < seen.length; i++)
			assertEquals(i / p3 == 1 ? 0 : seen[i], unseen[i]);
		assertEquals(0.7f, seen[p3], 1e-6f);
	}

	@Test
	void scatterUndoesGather() {
		final Columns source = numbered(9, 8, 7), copy = source.zeros();
		final float[] buffer = new float[64 + 5];
		final PatchTiling.Patch patch = new PatchTiling.Patch(2, 3, 1);
		PatchInputs.gather(source, patch, P, buffer, 5);
		PatchInputs.scatter(buffer, 5, patch, P, copy);
		for (int y = 0; y < 8; y++)
			for (int x = 0; x < 9; x++)
				for (int z = 0; z < 7; z++) {
					final boolean in = x >= 2 && x < 6 && y >= 3 && y < 7 && z >= 1 && z < 5;
					assertEquals(in ? source.column(x, y)[z] : 0, copy.column(x, y)[z]);
				}
	}

	private static Columns numbered(final int nx, final int ny, final int nz) {
		final Columns columns = new Columns(nx, ny, nz);
		final SplittableRandom random = new SplittableRandom(1);
		for (final float[] column : columns.data())
			for (int z = 0; z < nz; z++)
				column[z] = (float) random.nextDouble();
		return columns;
	}
}
