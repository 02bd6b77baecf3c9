"""Times LEAP (github.com/LLNL/LEAP) on the processor, to compare with org.patchct.bench.ProjectorBench in one sitting.

    python3 leap_bench.py LEAP_FOLDER LIBRARY_FOLDER SIDE VIEWS

LEAP_FOLDER is a checkout, LIBRARY_FOLDER where its library without CUDA was built (src/cpu_CMakeLists.txt with
-DCMAKE_BUILD_TYPE=Release and -march=native). Parallel beam over half a turn, cubic voxels, the detector of
ProjectorBench. Needs numpy and imageio.
"""
import math
import os
import sys
import time

import numpy as np


def median(name, work):
    work()
    seconds = []
    for _ in range(3):
        started = time.time()
        work()
        seconds.append(time.time() - started)
    print(f"{name:10} {sorted(seconds)[1]:.3f} s", flush=True)


def main():
    folder, library, side, views = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    sys.path.insert(0, os.path.join(folder, "src"))
    from leapctype import tomographicModels
    leap = tomographicModels(lib_dir=library)
    bins = math.ceil(side * 2 ** 0.5)
    leap.set_parallelbeam(views, side, bins, 1.0, 1.0, (side - 1) / 2, (bins - 1) / 2,
                          (np.arange(views) * 180.0 / views).astype(np.float32))
    leap.set_volume(side, side, side, 1.0, 1.0)
    projections, volume = leap.allocate_projections(), leap.allocate_volume()
    volume[:] = np.random.default_rng(1).random(volume.shape)
    median("forward", lambda: leap.project(projections, volume))
    median("adjoint", lambda: leap.backproject(projections, volume))
    median("FBP", lambda: leap.FBP(projections, volume))


if __name__ == "__main__":
    main()
