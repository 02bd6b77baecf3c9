/**
 * Noise schedule, patches, samplers with data consistency, and the reconstructors made of them; FBP-UNet,
 * which shares their way through slices.
 */
package org.patchct.diffusion;
