/** Noise schedule, patches, samplers with data consistency, and the reconstructors made of them. */
package org.patchct.diffusion;
