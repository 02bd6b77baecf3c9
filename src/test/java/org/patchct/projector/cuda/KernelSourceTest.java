package org.patchct.projector.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** The PTX that ships is what its source gives. */
class KernelSourceTest {

	@Test
	void shippedKernelsNameTheirSource() throws IOException {
		assertTrue(shipped().startsWith(KernelCompiler.head()), KernelCompiler.SOURCE +
			" has changed since its PTX was made: run mvn -Pptx process-test-classes");
	}

	@Test
	void compilingAgainGivesTheShippedKernels() throws IOException {
		final Matcher compiler = Pattern.compile("Cuda compilation tools, release .*").matcher(shipped());
		assertTrue(compiler.find(), "the compiler's line");
		if (!KernelCompiler.release().contains(compiler.group())) System.out.println(
			"The shipped PTX is not compiled again: it takes nvcc of \"" + compiler.group() + "\" on the path.");
		assumeTrue(KernelCompiler.release().contains(compiler.group()), "no such nvcc");
		assertEquals(KernelCompiler.compile(), shipped());
	}

	@Test
	void shippedKernelsAskForNoNewDriver() throws IOException {
		assertTrue(shipped().contains("\n.version 6.0\n.target sm_50\n"));
	}

	private static String shipped() throws IOException {
		try (InputStream in = CudaDevice.class.getResourceAsStream(CudaDevice.KERNELS)) {
			return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
		}
	}
}
