package org.patchct.projector.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The PTX that ships is what its source gives. */
class KernelSourceTest {

	static List<String> kernels() {
		return CudaDevice.KERNELS;
	}

	@ParameterizedTest
	@MethodSource("kernels")
	void shippedKernelsNameTheirSource(final String kernels) throws IOException {
		assertTrue(shipped(kernels).startsWith(KernelCompiler.head(kernels)), KernelCompiler.source(kernels) +
			" has changed since its PTX was made: run mvn -Pptx process-test-classes");
	}

	@ParameterizedTest
	@MethodSource("kernels")
	void compilingAgainGivesTheShippedKernels(final String kernels) throws IOException {
		final Matcher compiler = Pattern.compile("Cuda compilation tools, release .*").matcher(shipped(kernels));
		assertTrue(compiler.find(), "the compiler's line");
		if (!KernelCompiler.release().contains(compiler.group())) System.out.println(
			"The shipped PTX is not compiled again: it takes nvcc of \"" + compiler.group() + "\" on the path.");
		assumeTrue(KernelCompiler.release().contains(compiler.group()), "no such nvcc");
		assertEquals(KernelCompiler.compile(kernels), shipped(kernels));
	}

	@ParameterizedTest
	@MethodSource("kernels")
	void shippedKernelsAskForNoNewDriver(final String kernels) throws IOException {
		assertTrue(shipped(kernels).contains("\n.version 6.0\n.target sm_50\n"));
	}

	private static String shipped(final String kernels) throws IOException {
		try (InputStream in = CudaDevice.class.getResourceAsStream(kernels)) {
			return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
		}
	}
}
