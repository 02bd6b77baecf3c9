package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.Provenance;
import org.patchct.imagej.Tiff;
import org.patchct.imagej.WithoutImages;

class BatchCommandTest implements WithoutImages {

	@TempDir
	Path folder;

	private Path input, output;

	@BeforeEach
	void makeInput() throws Exception {
		input = Files.createDirectory(folder.resolve("in"));
		output = folder.resolve("out");
	}

	@Test
	void projectionsAreReconstructedAsTheyAreAndVolumesAfterScanningThem() {
		run("run('CT Phantom...', 'size=12'); saveAs('Tiff', '" + input.resolve("volume.tif") +
			"'); run('CT Simulate Projections...', 'views=11'); saveAs('Tiff', '" + input.resolve("scan.tif") + "'); run('CT FBP...');");
		final ImagePlus direct = WindowManager.getCurrentImage();
		assertTrue(batch("method=FBP scan=[views=7 noise=1e4 seed=3]").contains("2 done, 0 skipped, 0 failed"));
		final ImagePlus scan = Tiff.open(output.resolve("scan_FBP.tif")), volume = Tiff.open(output.resolve(
			"volume_FBP.tif"));
		assertSame(direct, scan);
		assertTrue(Images.line(scan, "Scan").contains("11 views"), scan.getInfoProperty());
		assertTrue(Images.line(volume, "Scan").contains("7 views"), volume.getInfoProperty());
		closeImages();
		run(Images.line(volume, Provenance.MACRO).replace('"', '\''));
		assertSame(volume, WindowManager.getCurrentImage());
	}

	@Test
	void resultsOfAPriorAreMadeAgainWhenItChanges() throws Exception {
		run("run('CT Phantom...', 'size=12'); saveAs('Tiff', '" + input.resolve("volume.tif") + "'); close();");
		final Path prior = CommandsInMacrosTest.tinyPrior(folder);
		final String keys = "method=[Patch diffusion] scan=[views=3] options=[steps=2 samples=2 uncertainty=true prior=" + prior +
			" device=";
		assertTrue(batch(keys + "cpu]").contains("1 done, 0 skipped"));
		try (Stream<Path> files = Files.list(output)) {
			assertEquals(List.of("batch_Patch diffusion.csv", "batch_Patch diffusion.log",
				"volume_Patch diffusion.tif", "volume_Patch diffusion_deviation.tif"), files.map(file -> file.getFileName()
					.toString()).sorted().toList());
		}
		assertTrue(batch(keys + "auto]").contains("0 done, 1 skipped"), "the device is not part of the recipe");
		final byte[] bytes = Files.readAllBytes(prior);
		Files.delete(prior);
		CommandsInMacrosTest.tinyPrior(folder, 2);
		assertEquals(bytes.length, Files.size(prior));
		final String again = batch(keys + "cpu]");
		assertTrue(again.contains("volume.tif: made again, since its recipe was another: CT Patch Diffusion prior="), again);
		assertTrue(again.contains("1 done, 0 skipped"), again);
	}

	private static void assertSame(final ImagePlus expected, final ImagePlus found) {
		assertEquals(expected.getStackSize(), found.getStackSize());
		for (int k = 1; k <= expected.getStackSize(); k++)
			assertArrayEquals((float[]) expected.getStack().getPixels(k), (float[]) found.getStack().getPixels(k));
	}

	private String batch(final String keys) {
		return run("run('CT Batch Reconstruct...', 'input=" + input + " output=" + output + " " + keys + "');");
	}

	private static String run(final String macro) {
		final HeadlessMacro.Result result = HeadlessMacro.run(macro);
		assertTrue(result.ok(), result.err());
		return result.out();
	}
}
