/** Training a prior: patch sampling, augmentation, optimiser, checkpoints. */
package org.patchct.train;
