package org.patchct.projector.cuda;

import java.util.ArrayList;
import java.util.List;

import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

import org.scijava.util.VersionUtils;

/** The GPUs of this machine, asked for once. Safe from any thread. */
public final class CudaDevices {

	private static List<CudaDevice> devices;

	private static CudaException reason;

	private CudaDevices() { }

	/**
	 * The GPU of a number, from 0, ready for work.
	 *
	 * @throws CudaException if there is none, or it cannot be used; the same reason each time
	 */
	static synchronized CudaDevice open(final int number) {
		probe();
		if (reason != null) throw reason;
		if (number >= devices.size()) throw new CudaException("the driver shows " + devices.size() +
			" GPUs, numbered from cuda:0 to cuda:" + (devices.size() - 1));
		final CudaDevice device = devices.get(number);
		device.open();
		device.verify();
		return device;
	}

	/**
	 * The number and name of a GPU, "cuda:0 (NVIDIA H200)".
	 *
	 * @throws CudaException if it cannot be used, or its last work failed for want of memory
	 */
	public static String describe(final int number) {
		final CudaDevice device = open(number);
		device.requireSuccess();
		return device.toString();
	}

	/** Lines about every GPU, or one that says why there is none. */
	public static synchronized List<String> report() {
		probe();
		if (reason != null) return List.of("none, " + reason.getMessage());
		final List<String> lines = new ArrayList<>();
		for (int i = 0; i < devices.size(); i++)
			lines.add("cuda:" + i + " " + devices.get(i).report());
		return lines;
	}

	/** "JCuda 12.6.0, driver for CUDA 12.8", without the latter where there is no driver. */
	public static synchronized String versions() {
		probe();
		final String jcuda = "JCuda " + VersionUtils.getVersion(JCudaDriver.class);
		final int[] version = { 0 };
		if (reason != null || JCudaDriver.cuDriverGetVersion(version) != CUresult.CUDA_SUCCESS) return jcuda;
		// CUDA's version 12.8 is the number 12080.
		return jcuda + ", driver for CUDA " + version[0] / 1000 + "." + version[0] % 1000 / 10;
	}

	private static void probe() {
		if (devices != null || reason != null) return;
		try {
			check(JCudaDriver.cuInit(0));
			final int[] count = { 0 };
			check(JCudaDriver.cuDeviceGetCount(count));
			if (count[0] == 0) throw new CudaException("the NVIDIA driver shows no GPU");
			final List<CudaDevice> found = new ArrayList<>();
			for (int i = 0; i < count[0]; i++) {
				final CUdevice device = new CUdevice();
				check(JCudaDriver.cuDeviceGet(device, i));
				final byte[] name = new byte[256];
				check(JCudaDriver.cuDeviceGetName(name, name.length, device));
				found.add(new CudaDevice(device, i, new String(name, java.nio.charset.StandardCharsets.UTF_8).replaceFirst(
					"\0.*", "")));
			}
			devices = found;
		}
		catch (final CudaException e) {
			reason = e;
		}
		catch (final Throwable e) { // a missing library is an Error, and so is what its first failure leaves behind
			reason = new CudaException(CudaException.NO_DRIVER, e);
		}
	}

	/** @throws CudaException unless a driver's call succeeded */
	static void check(final int result) {
		if (result == CUresult.CUDA_SUCCESS) return;
		if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) throw CudaException.memory(", or other programs use it");
		throw new CudaException(switch (result) {
			case CUresult.CUDA_ERROR_NO_DEVICE -> "the NVIDIA driver shows no GPU";
			case CUresult.CUDA_ERROR_INVALID_PTX, CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
				CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU ->
				"its driver refuses the kernels (" + CUresult.stringFor(result) +
					"); they need driver 384 or newer and a GPU of compute capability 5.0 or newer: update the driver";
			case CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, CUresult.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE ->
				"the parts of its driver do not fit each other (" + CUresult.stringFor(result) +
					"): restart the computer or install the driver anew";
			default -> "it failed or was lost (" + CUresult.stringFor(result) + ")";
		});
	}
}
