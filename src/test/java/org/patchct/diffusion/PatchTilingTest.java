package org.patchct.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatchTilingTest {

	@ParameterizedTest
	@CsvSource({ "8,8,8,4", "7,5,9,4", "1,2,3,4", "5,4,6,3", "9,3,1,1" })
	void everyVoxelLiesInOnePatchForEveryOffset(final int nx, final int ny, final int nz, final int p) {
		final PatchTiling tiling = new PatchTiling(nx, ny, nz, p);
		for (int oz = 0; oz < p; oz++)
			for (int oy = 0; oy < p; oy++)
				for (int ox = 0; ox < p; ox++) {
					final int[][][] count = new int[tiling.paddedZ()][tiling.paddedY()][tiling.paddedX()];
					for (final PatchTiling.Patch patch : tiling.patches(ox, oy, oz)) {
						boolean holdsVolume = false;
						for (int z = patch.z(); z < patch.z() + p; z++)
							for (int y = patch.y(); y < patch.y() + p; y++)
								for (int x = patch.x(); x < patch.x() + p; x++) {
									count[z][y][x]++;
									holdsVolume |= x >= p && x < nx + p && y >= p && y < ny + p && z >= p && z < nz + p;
								}
						assertTrue(holdsVolume);
						assertEquals(ox, patch.x() % p);
						assertEquals(oy, patch.y() % p);
						assertEquals(oz, patch.z() % p);
					}
					for (int z = 0; z < nz; z++)
						for (int y = 0; y < ny; y++)
							for (int x = 0; x < nx; x++)
								assertEquals(1, count[z + p][y + p][x + p]);
				}
	}

	@Test
	void volumesOfWholePatchesNeedOnePatchMoreAlongEachAxis() {
		final PatchTiling tiling = new PatchTiling(256, 256, 256, 32);
		assertEquals(729, tiling.patches(5, 31, 1).size()); // METHODS of Yang et al. 2025: (N/P + 1)³
		assertEquals(512, tiling.patches(0, 0, 0).size());
	}
}
