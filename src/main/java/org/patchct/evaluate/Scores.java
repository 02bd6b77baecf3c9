package org.patchct.evaluate;

/**
 * How close a volume is to its reference; see {@link Metrics} for the definitions.
 *
 * @param psnr PSNR of the whole volume, dB; infinite for equal volumes
 * @param axial slices of constant z
 * @param coronal slices of constant y
 * @param sagittal slices of constant x
 * @param zConsistency differences of neighbouring axial slices relative to the reference's: 1 is as consistent
 */
public record Scores(double psnr, Plane axial, Plane coronal, Plane sagittal, double zConsistency) {

	/**
	 * Means over the slices of one orientation.
	 *
	 * @param psnr mean slice PSNR, dB
	 * @param ssim mean slice SSIM
	 */
	public record Plane(double psnr, double ssim) { }

	/** Mean SSIM of the three orientations. */
	public double ssim() {
		return (axial.ssim + coronal.ssim + sagittal.ssim) / 3;
	}
}
