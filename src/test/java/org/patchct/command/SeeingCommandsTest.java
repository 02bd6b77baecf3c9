package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.WithoutImages;

/** Commands that show results beside each other, in macros. */
class SeeingCommandsTest implements WithoutImages {

	private static final String PHANTOM = "run('CT Phantom...', 'size=16');";

	@Test
	void differenceIsShownSymmetricallyAndMeasured() {
		final String out = run(PHANTOM + "run('Duplicate...', 'title=result duplicate'); run('Add...', 'value=10 stack');" +
			"setSlice(5); setPixel(3, 4, getPixel(3, 4) - 70); run('CT Difference Map...', 'image=result reference=[Thorax 1]');" +
			"getMinAndMax(low, high); print(getTitle(), low, high); getLut(r, g, b); print(r[0], b[0], r[255]); setSlice(5);" +
			"print(getPixel(3, 4)); setSlice(6); print(getPixel(3, 4));");
		final String[] lines = out.split("\n");
		assertTrue(lines[0].matches("Difference of result and Thorax 1: PSNR \\d\\d\\.\\d\\d dB, SSIM 0\\.9\\d+; in HU: mean " +
			"9\\.98\\d*, mean magnitude 10\\.01, root mean square 10\\.0\\d, largest -60 at x=3, y=4, slice 5"), lines[0]);
		assertEquals("Difference of result and Thorax 1 -10 10", lines[1]);
		assertEquals("-60", lines[3]);
		assertEquals("10", lines[4]);
		final ImagePlus map = WindowManager.getCurrentImage();
		assertEquals("HU", map.getCalibration().getValueUnit());
		assertTrue(lines[0].endsWith(Images.line(map, "Difference")), map.getInfoProperty());
		assertTrue(Images.line(map, "Macro").contains("reference=[Thorax 1]"), map.getInfoProperty());
		run("selectImage('Thorax 1'); run('CT Difference Map...', 'reference=[Thorax 1] range=250');");
		assertEquals(-250, WindowManager.getCurrentImage().getDisplayRangeMin());
	}

	@Test
	void differentVoxelsAndUnitsAreRefused() {
		refused(PHANTOM + "rename('a'); run('CT Phantom...', 'size=12');", "'CT Difference Map...', 'reference=a'",
			"\"Thorax 1\" has 12 x 12 x 12 voxels of 33.33 x 33.33 x 33.33 mm, but \"a\" has 16 x 16 x 16 voxels");
		refused(PHANTOM + "run('CT Phantom...', 'phantom=Shepp-Logan size=16');",
			"'CT Line Profile...', 'images=[Thorax 1; Shepp-Logan]'",
			"\"Shepp-Logan\" is in 1/mm, but \"Thorax 1\" in HU: they must have the same unit.");
		refused(PHANTOM, "'CT Uncertainty Overlay...', ''", CtCommand.NO_REFERENCE);
	}

	@Test
	void profilesAreThoseOfTheVoxels() {
		final String out = run(PHANTOM + "run('Duplicate...', 'title=b duplicate'); run('Add...', 'value=5 stack');" +
			"run('CT Line Profile...', 'images=[Thorax 1; b] from=2,7 to=11,7 slice=6'); print(getTitle());" +
			"print(nResults); print(getResult('distance (mm)', 9)); print(getResult('Thorax 1', 4)); print(getResult('b', 4));" +
			"selectImage('Thorax 1'); setSlice(6); print(getPixel(6, 7));");
		final String[] lines = out.split("\n");
		assertEquals("Profiles from (2, 7) to (11, 7) in slice 6", lines[0]);
		assertEquals("10", lines[1]);
		assertEquals(225, Double.parseDouble(lines[2]), 1e-3);
		assertEquals(Double.parseDouble(lines[5]), Double.parseDouble(lines[3]), 1e-3);
		assertEquals(Double.parseDouble(lines[5]) + 5, Double.parseDouble(lines[4]), 1e-3);
	}

	@Test
	void profileFollowsTheSelectedLine() {
		assertEquals("Profiles from (1, 2) to (9, 8) in slice 3\n", run(PHANTOM +
			"makeLine(1, 2, 9, 8); setSlice(3); run('CT Line Profile...'); print(getTitle());"));
	}

	@Test
	void linesOutsideAreRefused() {
		refused(PHANTOM, "'CT Line Profile...', 'from=0,0 to=16,3'", "The line from (0, 0) to (16, 3) in slice 8 is not inside " +
			"\"Thorax 1\": columns are from 0 to 15, rows from 0 to 15, slices from 1 to 16.");
		refused(PHANTOM, "'CT Line Profile...', 'from=3 to=4,3'",
			"End of the line \"3\": give column and row, such as 10,32.");
		refused(PHANTOM, "'CT Line Profile...', 'from=3,3 to=3,3'", "The line's ends are less than a voxel apart");
		refused(PHANTOM, "'CT Line Profile...', 'images=[Thorax 1;other]'", "no open image is titled \"other\"");
	}

	@Test
	void uncertainVoxelsAreColouredFromTheThresholdOn() {
		run(PHANTOM + "rename('mean'); run('Duplicate...', 'title=deviation duplicate'); run('Macro...', 'code=v=10*x stack');" +
			"selectImage('mean'); run('CT Uncertainty Overlay...', 'uncertainty=deviation threshold=80 most=100 opacity=50');");
		final ImagePlus overlay = WindowManager.getCurrentImage();
		assertEquals("Uncertainty on mean", overlay.getTitle());
		assertTrue(overlay.getWidth() > 16);
		assertEquals(25, overlay.getCalibration().pixelWidth);
		for (int x = 0; x < 16; x++) {
			final int rgb = overlay.getStack().getProcessor(8).getPixel(x, 8);
			final boolean grey = (rgb >> 16 & 0xff) == (rgb >> 8 & 0xff) && (rgb & 0xff) == (rgb >> 8 & 0xff);
			assertEquals(x < 8, grey, "column " + x);
		}
		refused("selectImage('mean');", "'CT Uncertainty Overlay...', 'uncertainty=deviation threshold=80 most=70'",
			"Threshold 80.0 and end of the colours 70.0: the threshold must be the smaller one.");
	}

	private static String run(final String macro) {
		final HeadlessMacro.Result result = HeadlessMacro.run(macro);
		assertTrue(result.ok(), result.err());
		return result.out();
	}

	private static void refused(final String before, final String command, final String message) {
		final HeadlessMacro.Result result = HeadlessMacro.run(before + "run(" + command + "); print('went on');");
		assertFalse(result.out().contains("went on"), result.out());
		assertTrue(result.err().contains(message), result.err());
	}
}
