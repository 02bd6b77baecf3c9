/** Projectors on NVIDIA GPUs through JCuda, which nothing else knows; the kernels are {@code src/main/cuda}. */
package org.patchct.projector.cuda;
