package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.diffusion.SlicePriors;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.Provenance;
import org.patchct.imagej.Tiff;
import org.patchct.imagej.WithoutImages;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;

/** A result is made again from nothing but what its file says. */
class ReplayTest implements WithoutImages {

	private static final String SCAN = "run('CT Phantom...', 'size=16 seed=4'); " +
		"run('CT Simulate Projections...', 'views=9 noise=1e4 seed=7 size=12 oversample=2');";

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "run('CT FBP...', 'window=Shepp-Logan');", "run('CT SIRT...', 'iterations=3 nonnegative=false');",
		"run('CT ADMM-TV...', 'iterations=4 lambda=2e-3 device=cpu');" })
	void resultIsMadeAgainFromItsFile(final String method) {
		replayed(SCAN + method);
	}

	@Test
	void resultOfAPriorIsMadeAgainFromItsFile() {
		final ImagePlus image = replayed(SCAN + "run('CT Patch Diffusion...', 'prior=[" + CommandsInMacrosTest.tinyPrior(
			folder) + "] steps=3 samples=2 seed=11 device=cpu');");
		assertTrue(Images.line(image, "Prior checksum").matches("SHA-256 [0-9a-f]{64}"), image.getInfoProperty());
		assertTrue(Images.line(image, "Network by").matches("PyTorch [\\d.]+ through DJL [\\d.]+"), image
			.getInfoProperty());
	}

	@ParameterizedTest
	@ValueSource(strings = { "DDS", "DiffusionMBIR", "DiffusionBlend", "FBP-UNet", "Other Method" })
	void resultOfSlicesIsMadeAgainFromItsFile(final String method) {
		final PriorSettings settings = switch (method) {
			case "DiffusionMBIR" -> SlicePriors.exploding();
			case "DiffusionBlend" -> SlicePriors.groups();
			case "FBP-UNet" -> SlicePriors.fbp(9);
			default -> SlicePriors.slices();
		};
		final Path file = folder.resolve("prior.safetensors");
		try (Prior prior = Prior.create(settings, "cpu", 1)) {
			prior.save(file);
		}
		replayed(SCAN + "run('CT " + method + "...', 'device=cpu prior=[" + file + "]" + (method.equals("FBP-UNet") ? ""
			: method.equals("Other Method") ? " method=DDS seed=5" : " steps=3 seed=11") + "');");
	}

	@Test
	void scanInAFileBeginsWithTheOpeningOfIt() {
		final Path file = folder.resolve("a scan.tif");
		run("newImage('grey', '32-bit ramp', 10, 10, 10); saveAs('Tiff', '" + file + "'); close();");
		final ImagePlus image = replayed("open('" + file + "'); run('CT Simulate Projections...', 'views=5'); run('CT FBP...');");
		assertTrue(Images.line(image, Provenance.MACRO).startsWith("open(\"" + file + "\"); run(\"CT Simulate"), image
			.getInfoProperty());
	}

	@Test
	void imageThatWasEditedIsNotClaimedToBeWhatAMacroMade() {
		run("run('CT Phantom...', 'size=12'); run('Macro...', 'code=v=v+100 stack'); run('CT Simulate Projections...', " +
			"'views=4');");
		assertTrue(Images.line(WindowManager.getCurrentImage(), Provenance.MACRO).startsWith(
			"selectImage(\"Thorax 1\"); run(\"CT Simulate Projections...\", "));
	}

	/** Saves what the macro makes, and makes it again knowing only the file. */
	private ImagePlus replayed(final String macro) {
		run(macro);
		final Path file = folder.resolve("result.tif");
		Tiff.save(WindowManager.getCurrentImage(), file);
		closeImages();
		final ImagePlus saved = Tiff.open(file);
		run(Images.line(saved, Provenance.MACRO).replace('"', '\''));
		final ImagePlus again = WindowManager.getCurrentImage();
		assertEquals(saved.getStackSize(), again.getStackSize());
		for (int k = 1; k <= saved.getStackSize(); k++)
			assertArrayEquals((float[]) saved.getStack().getPixels(k), (float[]) again.getStack().getPixels(k));
		for (final String key : List.of("Method", "Seed", "Device", "Scan", "Made by", Provenance.MACRO))
			assertEquals(Images.line(saved, key), Images.line(again, key), key);
		assertTrue(Images.line(saved, "Made by").matches("PatchCT \\S+, ImageJ \\S+, SciJava \\S+, Java \\S+"), saved
			.getInfoProperty());
		assertTrue(Double.parseDouble(Images.line(saved, "Seconds")) >= 0, saved.getInfoProperty());
		return saved;
	}

	private static void run(final String macro) {
		final HeadlessMacro.Result result = HeadlessMacro.run(macro);
		assertTrue(result.ok(), result.err());
	}
}
