/** How good results are: PSNR and SSIM, the comparison of methods, its table and its figure. */
package org.patchct.evaluate;
