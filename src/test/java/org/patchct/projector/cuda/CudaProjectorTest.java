package org.patchct.projector.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * GPU against processor: on a real GPU where there is one, and on one emulated by {@code src/test/cuda/driver.cpp}, the
 * same kernel source compiled for the host behind the driver's interface, so that everything but the hardware is tested.
 */
class CudaProjectorTest {

	/** Tests on the machine's own GPU. */
	@Nested
	class Real {

		@Test
		void agreesWithTheProcessor() {
			try {
				CudaDevices.open(0);
			}
			catch (final CudaException e) {
				if (e.getMessage().startsWith(SelfCheck.DIFFERS)) throw e;
				skip("No GPU, so the real kernels are not tested: " + e.getMessage());
			}
			GpuChecks.agreement();
			GpuChecks.solvers();
			GpuChecks.solverAmongOthers();
		}
	}

	/** Tests in child JVMs that find the emulation in the place of the driver. */
	@Nested
	class Emulated {

		/** Three beams; three operations and the two of the solver in two batches of views, and 20 kernels of vectors. */
		private static final int SELF_CHECK_LAUNCHES = 90;

		@TempDir
		private static Path folder;

		@BeforeAll
		static void compile() throws IOException, InterruptedException {
			if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) skip(
				"The emulated GPU is for Linux on x86-64.");
			final List<String> command = List.of("g++", "-std=c++17", "-O2", "-march=native", "-ffp-contract=off",
				"-w", "-shared", "-fPIC",
				"-Wl,-soname,libcuda.so.1", "-o", folder.resolve("libcuda.so.1").toString(), "src/test/cuda/driver.cpp");
			final Process compiler;
			try {
				compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
			}
			catch (final IOException e) {
				skip("No g++, so the kernels are not tested on the host: " + e.getMessage());
				return;
			}
			final String output = new String(compiler.getInputStream().readAllBytes());
			assertEquals(0, compiler.waitFor(), output);
		}

		@Test
		void agreesWithTheProcessor() throws Exception {
			run(Map.of(), "agreement");
		}

		@Test
		void volumesLargerThanTheMemoryGoInSlabs() throws Exception {
			run(Map.of("EMULATED_MEMORY", "230000"), "slabs");
		}

		@Test
		void anyOrderThatCudaAllowsGivesTheSame() throws Exception {
			run(Map.of("EMULATED_MEMORY", "230000", "EMULATED_OTHERS_FIRST", "1"), "slabs");
		}

		@Test
		void withoutGpuTheProcessorWorks() throws Exception {
			run(Map.of("EMULATED_DEVICES", "0"), "refused", "the NVIDIA driver shows no GPU");
		}

		@Test
		void withAnOldDriverTheProcessorWorks() throws Exception {
			run(Map.of("EMULATED_MODULE", "222"), "refused",
				"its driver refuses the kernels (CUDA_ERROR_UNSUPPORTED_PTX_VERSION); they need driver 384");
		}

		@Test
		void withTooLittleMemoryTheProcessorWorks() throws Exception {
			run(Map.of("EMULATED_MEMORY", "5000"), "refused", "its memory does not suffice: the smallest part of the work takes ");
		}

		@Test
		void aGpuThatFailsIsReplacedByTheProcessor() throws Exception {
			run(Map.of("EMULATED_FAILURE", Integer.toString(SELF_CHECK_LAUNCHES + 2)), "lost");
		}

		@Test
		void solversAgreeWithThoseOnTheProcessor() throws Exception {
			run(Map.of(), "solvers");
		}

		@Test
		void solversShareTheGpu() throws Exception {
			run(Map.of("EMULATED_OTHERS_FIRST", "1"), "solverAmongOthers");
		}

		@Test
		void withTooLittleMemoryForVectorsSolversUseSlabs() throws Exception {
			run(Map.of("EMULATED_MEMORY", "230000"), "solverOnSlabs");
		}

		@Test
		void aSolveThatLosesItsGpuStartsAnewOnTheProcessor() throws Exception {
			run(Map.of("EMULATED_FAILURE", Integer.toString(SELF_CHECK_LAUNCHES + 300)), "solverLost");
		}

		@Test
		void aSolveThatRunsOutOfMemoryStartsAnewWithVectorsOnTheProcessor() throws Exception {
			run(Map.of("EMULATED_SHORTAGE", Integer.toString(SELF_CHECK_LAUNCHES + 300)), "solverWithoutMemory");
		}

		@Test
		void aGpuThatFailsTheSelfCheckIsRefused() throws Exception {
			run(Map.of("EMULATED_FAILURE", Integer.toString(SELF_CHECK_LAUNCHES)), "refused",
				"it failed or was lost (CUDA_ERROR_LAUNCH_FAILED)");
		}

		@ParameterizedTest
		@CsvSource({ "planarForward, 'parallel beam, forward projection'", "coneAdjoint, 'cone beam, adjoint'",
			"coneBackproject, 'cone beam, back-projection'", "vectorDot, 'parallel beam, vectors'",
			"vectorAddToNegativePart, 'parallel beam, vectors'", "tvAddTarget, 'parallel beam, vectors'",
			"axialSplit, 'parallel beam, vectors'", "axialAddLaplacian, 'parallel beam, vectors'" })
		void aGpuWithOneWrongNumberIsRefused(final String kernel, final String where) throws Exception {
			run(Map.of("EMULATED_FAULT", kernel), "refused", SelfCheck.DIFFERS + " (" + where + ", by 0.");
		}

		private static void run(final Map<String, String> environment, final String... arguments) throws Exception {
			final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
				.toString(), "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty(
					"java.class.path"), GpuChecks.class.getName()));
			command.addAll(List.of(arguments));
			final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
			builder.environment().putAll(environment);
			builder.environment().put("LD_LIBRARY_PATH", folder.toString());
			final Process child = builder.start();
			final String output = new String(child.getInputStream().readAllBytes());
			assertEquals(0, child.waitFor(), output);
		}
	}

	private static void skip(final String reason) {
		System.out.println(reason);
		abort(reason);
	}
}
