package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import ij.ImagePlus;
import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.WithoutImages;

/** Measured scans imported by macros, in a real ImageJ without a display. */
class ImportCommandTest implements WithoutImages {

	/** Makes counts of a simulated scan, with flats and darks. */
	private static final String SCAN = """
		run('CT Phantom...', 'phantom=Shepp-Logan size=24');
		run('CT Simulate Projections...', 'views=36');
		run('Macro...', 'code=v=100+20000*exp(-v) stack');
		saveAs('Tiff', '%1$s/scan.tif');
		run('Macro...', 'code=v=20100 stack');
		saveAs('Tiff', '%1$s/flats.tif');
		run('Macro...', 'code=v=100 stack');
		saveAs('Tiff', '%1$s/darks.tif');
		close();
		""";

	@TempDir
	Path folder;

	private String keys() {
		return "path=" + folder + "/scan.tif flats=" + folder + "/flats.tif darks=" + folder + "/darks.tif ";
	}

	@Test
	void importedScanIsReconstructedAsTheSimulatedOne() {
		final String out = run(SCAN.formatted(folder) + "run('CT Import Projections...', '" + keys() +
			"preview=true'); print(getTitle()); run('CT FBP...'); print(getTitle(), nSlices);" +
			"selectImage('Axis of scan'); print(nSlices, getInfo('slice.label'));");
		assertTrue(out.contains("read as projections: 36 views from 0.000 to 175.0 degrees"), out);
		assertTrue(out.contains("Projections of scan (36 views)\nFBP of scan (36 views) 24\n11 axis at bin "), out);
		final ImagePlus scan = WindowManager.getImage("Projections of scan (36 views)");
		assertEquals("Intensities", Images.line(scan, "Measured values"));
		// The simulated detector has its axis in the middle.
		final double axis = Double.parseDouble(Images.line(scan, "Axis of rotation").replaceAll("[^0-9.]", ""));
		assertEquals((scan.getWidth() - 1) / 2.0, axis, 0.25);
	}

	@Test
	void rangeFollowsTheBeamUnlessGiven() {
		final String out = run(SCAN.formatted(folder) + "run('CT Import Projections...', '" + keys() +
			"beam=Fan sourceaxis=2000 sourcedetector=3000 method=Middle'); run('CT Import Projections...', '" + keys() +
			"range=120 method=Middle');");
		assertTrue(out.contains("36 views from 0.000 to 350.0 degrees"), out);
		assertTrue(out.contains("36 views from 0.000 to 116.7 degrees"), out);
	}

	@Test
	void everythingCanBeGivenByKeys() throws Exception {
		final Path angles = folder.resolve("angles.txt");
		final StringBuilder text = new StringBuilder("# degrees\n");
		for (int i = 0; i < 36; i++)
			text.append(i * 10).append('\n');
		Files.writeString(angles, text);
		run(SCAN.formatted(folder) + "run('CT Import Projections...', '" + keys() + "angles=" + angles + " order=Projections " +
			"values=Intensities pixel=0.5 beam=Fan shape=Arc sourceaxis=100 sourcedetector=150 badpixels=false rings=9 " +
			"binning=2 method=Given centre=16.5 reverse=true');");
		final String geometry = Images.toProjections(WindowManager.getCurrentImage()).geometry().toString();
		assertTrue(geometry.startsWith("fan beam, 36 views from 10.00 to 360.0 degrees, arc detector of 17 bins x 12 rows of 1.000 x 0.6667 mm"),
			geometry);
	}

	@Test
	void wrongInputStopsTheMacroWithTheReason() {
		refused("", ImportCommand.NO_PATH);
		refused("path=" + folder + "/none.tif", "There is no file or folder");
		run(SCAN.formatted(folder));
		refused("path=" + folder + "/scan.tif order=Sideways", "it must be one of Automatic, Projections, Sinograms");
		refused(keys() + "beam=Cone", "Source 0.0 mm from the axis and 0.0 mm from the detector");
		refused(keys() + "rings=2", "it must be at least 3");
		refused(keys() + "range=361", "Angular range (degrees, 0: automatic), range=361: it must be a number from 0 to 360.");
		refused(keys() + "angles=" + folder + "/scan.tif", "Give a text file with one number for each view.");
	}

	private static String run(final String macro) {
		final HeadlessMacro.Result result = HeadlessMacro.run(macro);
		assertTrue(result.ok(), result.err());
		return result.out();
	}

	private static void refused(final String options, final String message) {
		final HeadlessMacro.Result result = HeadlessMacro.run("run('CT Import Projections...', '" + options + "');");
		assertFalse(result.ok(), "must fail");
		assertTrue(result.err().contains(message), result.err());
	}
}
