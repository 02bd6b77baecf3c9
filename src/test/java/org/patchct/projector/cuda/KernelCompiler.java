package org.patchct.projector.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Compiles the kernels to the PTX that ships: {@code mvn -Pptx process-test-classes}, before a build, with nvcc and ptxas
 * of CUDA 11 to 13 on the path.
 * <p>
 * PTX that nvcc writes asks for a driver as new as nvcc itself. These kernels need nothing that PTX ISA 6.0 and the first
 * Maxwell GPUs lack, so their heads are set to that, which drivers since 384 take; ptxas, which refuses instructions newer
 * than a head declares, is the proof. The one thing above it is an optional hint of nvcc 13, which is left out.
 * </p>
 */
public final class KernelCompiler {

	private static final Path TARGETS = Path.of("src/main/resources/org/patchct/projector/cuda");

	private KernelCompiler() { }

	public static void main(final String[] args) throws IOException {
		for (final String kernels : CudaDevice.KERNELS)
			Files.writeString(TARGETS.resolve(kernels), compile(kernels));
	}

	/** The source of a file that ships. */
	static Path source(final String kernels) {
		return Path.of("src/main/cuda", kernels.replace(".ptx", ".cu"));
	}

	/** The whole of a file that ships. */
	static String compile(final String kernels) throws IOException {
		final Path folder = Files.createTempDirectory("patchct-ptx");
		final Path raw = folder.resolve("raw.ptx"), lowered = folder.resolve("lowered.ptx"), binary = folder.resolve("cubin");
		run(List.of("nvcc", "-ptx", "-fmad=false", "-arch=compute_75", source(kernels).toString(), "-o", raw.toString()));
		final String ptx = head(kernels) + Files.readAllLines(raw).stream().filter(line -> !line.contains(
			".pragma \"used_bytes_mask")).map(line -> line.startsWith(".version") ? ".version 6.0" : line.startsWith(".target")
				? ".target sm_50" : line).collect(Collectors.joining("\n", "", "\n")).replaceAll("_INTERNAL_[0-9a-f]{8}_",
					"_INTERNAL_00000000_"); // a hash of the folder in which it was compiled
		Files.writeString(lowered, ptx);
		run(List.of("ptxas", "-arch=sm_75", lowered.toString(), "-o", binary.toString()));
		for (final Path file : List.of(raw, lowered, binary, folder))
			Files.delete(file);
		return ptx;
	}

	/** The first line: which source the rest was compiled from. */
	static String head(final String kernels) throws IOException {
		final Path file = source(kernels);
		final byte[] source = Files.readString(file).replace("\r", "").getBytes(StandardCharsets.UTF_8);
		try {
			return "// Compiled from " + file.getFileName() + ", SHA-256 " + HexFormat.of().formatHex(MessageDigest.getInstance(
				"SHA-256").digest(source)) + "\n";
		}
		catch (final NoSuchAlgorithmException e) {
			throw new IllegalStateException(e);
		}
	}

	/** nvcc's own description, of which the PTX that it writes has the last line but one; empty where there is none. */
	static String release() {
		try {
			return run(List.of("nvcc", "--version"));
		}
		catch (final IOException e) {
			return "";
		}
	}

	private static String run(final List<String> command) throws IOException {
		final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		try {
			if (process.waitFor() != 0) throw new IOException(command + ":\n" + output);
		}
		catch (final InterruptedException e) {
			throw new IOException(e);
		}
		return output;
	}
}
