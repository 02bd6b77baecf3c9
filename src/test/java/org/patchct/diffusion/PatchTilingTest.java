package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.patchct.task.InvalidInputException;

class PatchTilingTest {

	@ParameterizedTest
	@CsvSource({ "16, 8, 24, 8", "13, 5, 9, 4", "3, 1, 2, 5", "1, 1, 1, 1", "6, 6, 6, 6", "7, 2, 1, 3" })
	void everyVoxelLiesInExactlyOnePatchForEveryOffset(final int nx, final int ny, final int nz, final int p) {
		final PatchTiling tiling = new PatchTiling(nx, ny, nz, p);
		int patches = 0;
		for (int o = 0; o < p * p * p; o++) {
			patches += tiling.patches(o % p, o / p % p, o / p / p).size();
			final int[] covered = new int[nx * ny * nz];
			for (final PatchTiling.Patch patch : tiling.patches(o % p, o / p % p, o / p / p)) {
				assertTrue(patch.x() >= 0 && patch.x() + p <= tiling.paddedX());
				assertTrue(patch.y() >= 0 && patch.y() + p <= tiling.paddedY());
				assertTrue(patch.z() >= 0 && patch.z() + p <= tiling.paddedZ());
				assertEquals(o % p, patch.x() % p);
				assertEquals(o / p % p, patch.y() % p);
				assertEquals(o / p / p, patch.z() % p);
				int inside = 0;
				for (int i = 0; i < p * p * p; i++) {
					final int x = patch.x() - p + i % p, y = patch.y() - p + i / p % p, z = patch.z() - p + i / p / p;
					if (x < 0 || x >= nx || y < 0 || y >= ny || z < 0 || z >= nz) continue;
					covered[(z * ny + y) * nx + x]++;
					inside++;
				}
				assertTrue(inside > 0, "patch " + patch + " holds padding only");
			}
			for (final int times : covered)
				assertEquals(1, times);
		}
		assertEquals((double) patches / (p * p * p), tiling.meanPatches(), 1e-9);
	}

	@Test
	void cubeOf256NeedsThePapers729PatchesAtMost() {
		final PatchTiling tiling = new PatchTiling(256, 256, 256, 32);
		assertEquals(729, tiling.patches(1, 31, 16).size());
		assertEquals(512, tiling.patches(0, 0, 0).size());
	}

	@Test
	void sidesAndOffsetsOutOfRangeAreRefused() {
		assertThrows(InvalidInputException.class, () -> new PatchTiling(4, 0, 4, 2));
		assertThrows(InvalidInputException.class, () -> new PatchTiling(4, 4, 4, 0));
		assertThrows(IllegalArgumentException.class, () -> new PatchTiling(4, 4, 4, 2).patches(0, 2, 0));
		assertThrows(IllegalArgumentException.class, () -> new PatchTiling(4, 4, 4, 2).patches(-1, 0, 0));
	}
}
