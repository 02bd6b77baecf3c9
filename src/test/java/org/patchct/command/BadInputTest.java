package org.patchct.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.event.KeyEvent;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.macro.Interpreter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.io.VolumeFiles;
import org.patchct.diffusion.PatchDiffusion;
import org.patchct.imagej.WithoutImages;
import org.patchct.network.Prior;
import org.patchct.scan.ScanGeometry;

/**
 * Whatever is given to a command by a macro, in a real ImageJ without a display: the macro stops at the command's line
 * with a message that says what is wrong and what to do; nothing is changed and nothing half-written is left.
 */
class BadInputTest implements WithoutImages {

	private static final String VOLUME = "run('CT Phantom...', 'phantom=Shepp-Logan size=12');\n";

	private static final String SCAN = VOLUME + "run('CT Simulate Projections...', 'views=6');\n";

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "CT Simulate Projections...", "CT FBP...", "CT SIRT...", "CT ADMM-TV...",
		"CT Patch Diffusion...", "CT FBP-UNet...", "CT DDS...", "CT DiffusionMBIR...", "CT DiffusionBlend...",
		"CT Save Volume..." })
	void noImageIsOpen(final String command) {
		refused("", command, "", CtCommand.NO_IMAGE);
	}

	@Test
	void namedImageIsNotOpen() {
		refused("", "CT FBP...", "image=[my scan]",
			"Projections, image=[my scan]: no open image has this title. No image is open.");
		refused(VOLUME, "CT FBP...", "image=scan",
			"Projections, image=scan: no open image has this title. Open images: Shepp-Logan.");
	}

	@Test
	void imageIsTwoDimensional() {
		refused("newImage('flat', '32-bit black', 20, 20, 1);", "CT Simulate Projections...", "", "\"flat\" " +
			Images.TWO_DIMENSIONAL);
	}

	@Test
	void imageIsInColour() {
		refused("newImage('photo', 'RGB white', 20, 20, 5);", "CT Simulate Projections...", "", "\"photo\" " +
			Images.COLOUR);
	}

	@ParameterizedTest
	@ValueSource(strings = { "0/0", "1/0" })
	void imageHasVoxelsThatAreNoNumbers(final String value) {
		refused(VOLUME + "setSlice(3); setPixel(4, 5, " + value + ");", "CT Simulate Projections...", "",
			"\"Shepp-Logan\" holds 1 NaN or infinite value, first in slice 3: every value must be a finite number.");
		refused(SCAN + "setSlice(2); setPixel(4, 5, " + value + ");", "CT FBP...", "",
			"\"Projections of Shepp-Logan (6 views)\" holds 1 NaN or infinite value, first in slice 2");
	}

	@Test
	void projectionsHaveNoGeometry() {
		refused(VOLUME, "CT FBP...", "", "\"Shepp-Logan\" " + Images.NOT_PROJECTIONS);
	}

	@Test
	void volumeIsAStackOfProjections() {
		refused(SCAN, "CT Simulate Projections...", "", "\"Projections of Shepp-Logan (6 views)\" " +
			Images.ARE_PROJECTIONS);
	}

	@Test
	void anglesDoNotMatchTheStack() {
		refused(SCAN + "setSlice(2); run('Delete Slice');", "CT FBP...", "",
			"has 5 radiographs but its geometry has 6 angles: give one angle for every radiograph.");
	}

	@Test
	void anglesAreEmpty() {
		refused(SCAN + geometry("\\\\[0.0,.*150.0\\\\]", "[]"), "CT SIRT...", "", ScanGeometry.NO_ANGLES);
	}

	@Test
	void anglesDoNotIncrease() {
		refused(SCAN + geometry("\\\\[0.0,30.0", "[30.0,30.0"), "CT ADMM-TV...", "",
			"View angles must increase: view 0 is at 30.0 degrees and view 1 at 30.0.");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-3", "1000000", "abc", "2.7", "[]" })
	void numberOfViewsMakesNoSense(final String views) {
		refused(VOLUME, "CT Simulate Projections...", "views=" + views, "Number of views, views=" + views +
			": it must be a whole number from 1 to 100000.");
	}

	@Test
	void rangesAndNoiseMakeNoSense() {
		refused(VOLUME, "CT Simulate Projections...", "range=-1",
			"Angular range (degrees, 0: automatic), range=-1: it must be a number from 0 to 360.");
		refused(VOLUME, "CT Simulate Projections...", "range=361",
			"Angular range (degrees, 0: automatic), range=361: it must be a number from 0 to 360.");
		refused(VOLUME, "CT Simulate Projections...", "start=NaN", "First angle (degrees), start=NaN: it must be a number.");
		refused(VOLUME, "CT Simulate Projections...", "noise=0.5",
			"Photons per bin 0.5: it must be 0 (no noise) or at least 1; 1e6 is usual, 1e4 low dose.");
		refused(VOLUME, "CT Simulate Projections...", "beam=Fan sourceaxis=30",
			"Source 30.0 mm from the axis: it would pass through the volume, whose corners reach ");
		refused(VOLUME, "CT Simulate Projections...", "beam=Cone sourcedetector=-5",
			"Source to detector (mm, 0: automatic; fan, cone), sourcedetector=-5: it must be a number of at least 0.");
		refused(VOLUME, "CT Simulate Projections...", "bins=20000",
			"Detector bins (0: automatic), bins=20000: it must be a whole number from 0 to 16384.");
		refused(VOLUME, "CT Simulate Projections...", "offset=far", "Detector offset (bins), offset=far: it must be a number.");
		refused(VOLUME, "CT Simulate Projections...", "beam=Helical",
			"Beam, beam=Helical: it must be one of Parallel, Fan, Cone.");
		refused(SCAN, "CT ADMM-TV...", "lambda=-1", "Total-variation weight (0: automatic), lambda=-1: it must be a number of at least 0.");
	}

	@Test
	void keyOrChoiceIsUnknown() {
		refused(VOLUME, "CT Simulate Projections...", "vews=3", "CT Simulate Projections has no key vews. Its keys: image, " +
			"beam, shape, sourceaxis, sourcedetector, bins, offset, views, start, range, size, oversample, noise, electronic, seed. " +
			"Values with blanks need brackets: key=[a b].");
		refused(SCAN, "CT FBP...", "window=Hanning",
			"Ramp filter window, window=Hanning: it must be one of Ram-Lak, Shepp-Logan, Cosine, Hamming, Hann.");
		refused(SCAN, "CT SIRT...", "nonnegative=yes", "Non-negative attenuation, nonnegative=yes: it must be true or false.");
	}

	@Test
	void sizeIsTooLargeForMemory() {
		assumeTrue(Runtime.getRuntime().maxMemory() < 30L << 30, "needs a heap below 30 GB");
		refused(VOLUME, "CT Simulate Projections...", "size=2048",
			"\"Shepp-Logan\" resampled to 2048 x 2048 x 2048 voxels of 0.1953 x 0.1953 x 0.1953 mm needs 34.4 GB of memory");
		refused("", "CT Phantom...", "size=100000", "Size (voxels), size=100000: it must be a whole number from 8 to 1024.");
	}

	@Test
	void deviceIsUnknown() {
		refused(SCAN, "CT Patch Diffusion...", "device=gpu",
			"Device \"gpu\": it must be auto, cpu, or cuda:N with N the number of a GPU, from 0.");
	}

	@Test
	void priorIsMissing() {
		refused(SCAN, "CT Patch Diffusion...", "prior=" + folder.resolve("none.safetensors"), folder.resolve(
			"none.safetensors").toString());
	}

	@ParameterizedTest
	@ValueSource(strings = { "CT FBP-UNet...", "CT DDS...", "CT DiffusionMBIR...", "CT DiffusionBlend..." })
	void priorOfPatchesIsGivenToMethodsOfSlices(final String command) {
		refused(SCAN, command, "device=cpu prior=" + prior(), "The prior \"tiny\" is one for 3-D patches, but ");
	}

	@Test
	void settingsOfSliceMethodsMakeNoSense() {
		refused(SCAN, "CT DDS...", "eta=1.5", "Fresh noise eta, eta=1.5: it must be a number from 0 to 1.");
		refused(SCAN, "CT DDS...", "rho=0", "ADMM coupling rho, rho=0: it must be a number from 0.001 to 1000000.");
		refused(SCAN, "CT DiffusionMBIR...", "steps=1", "Sampling steps, steps=1: it must be a whole number from 2 to 10000.");
		refused(SCAN, "CT DiffusionMBIR...", "snr=2", "Signal-to-noise ratio of the corrector, snr=2: it must be a number from " +
			"0 to 1.");
		refused(SCAN, "CT DiffusionBlend...", "cg=0", "Conjugate-gradient iterations, cg=0: it must be a whole number from 1 to " +
			"1000.");
		refused(SCAN, "CT DiffusionBlend...", "lambda=1", "CT DiffusionBlend has no key lambda. Its keys: image, device, prior, " +
			"seed, steps, eta, cg.");
	}

	@Test
	void uncertaintyOfASingleSample() {
		refused(SCAN, "CT Patch Diffusion...", "samples=1 uncertainty=true", PatchDiffusion.ONE_SAMPLE);
	}

	@Test
	void priorIsTruncated() throws Exception {
		final Path file = prior();
		try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
			access.setLength(access.length() - 100);
		}
		refused(SCAN, "CT Patch Diffusion...", "prior=" + file, file.toString());
	}

	@Test
	void priorFailsItsChecksum() throws Exception {
		final Path file = prior();
		try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
			access.seek(access.length() - 3);
			access.write(99);
		}
		refused(SCAN, "CT Patch Diffusion...", "prior=" + file, file +
			" fails its checksum: the weights differ from those that were saved. Copy or download it again.");
	}

	@Test
	void priorIsOfAnotherArchitecture() throws Exception {
		final Path file = prior();
		final byte[] bytes = Files.readAllBytes(file);
		final String field = "width\\\": ";
		final int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(field + "8");
		assertTrue(at > 0, "the record states the width");
		bytes[at + field.length()] = '4';
		Files.write(file, bytes);
		refused(SCAN, "CT Patch Diffusion...", "prior=" + file, file +
			" holds another network than its record describes: ");
	}

	@Test
	void outputFolderCannotBeWritten() throws Exception {
		final Path occupied = Files.createFile(folder.resolve("occupied"));
		refused(VOLUME, "CT Compare Methods...", "methods=FBP views=3 size=8 output=" + occupied, "Output folder \"" +
			occupied + "\" cannot be written to (FileAlreadyExistsException). Choose a folder in which you may create files.");
		refused(VOLUME, "CT Compare Methods...", "methods=FBP views=3 size=8", CtCommand.NO_OUTPUT_FOLDER);
	}

	@Test
	void comparisonIsAskedForNonsense() {
		refused("", "CT Compare Methods...", "output=" + folder, CtCommand.NO_REFERENCE);
		refused("", "CT Compare Methods...", "reference=/no/such.nii output=" + folder, "/no/such.nii");
		refused(VOLUME, "CT Compare Methods...", "methods=[FBP, Magic] output=" + folder,
			"Method \"Magic\" is not installed. Known are: ADMM-TV, DDS, DiffusionBlend, DiffusionMBIR, FBP, FBP-UNet, " +
				"Landweber, Patch diffusion, SIRT.");
		refused(VOLUME, "CT Compare Methods...", "views=8,x output=" + folder, "Views \"8,x\": give one or more whole " +
			"numbers from 1 to 100000, separated by commas, such as 8,20,60.");
		refused(VOLUME, "CT Compare Methods...", "limited=90,200 output=" + folder, "Limited angles \"90,200\": give whole " +
			"degrees from 1 to 179, separated by commas, such as 90,120.");
		refused(VOLUME, "CT Compare Methods...", "methods=[FBP, SIRT speed=2] output=" + folder,
			"Method \"SIRT speed=2\": there is no setting \"speed\"; there are iterations, nonnegative.");
		refused(VOLUME, "CT Compare Methods...", "methods=[FBP, Patch diffusion prior=/no/such.safetensors] views=3 size=8 " +
			"output=" + folder.resolve("out"), CompareCommand.FAILED + "Patch diffusion prior=such.safetensors with " +
				"3 views of Shepp-Logan: There is no file /no/such.safetensors. Choose an existing .safetensors file.");
		refused(VOLUME, "CT Compare Methods...", "window=dark output=" + folder,
			"Grey window \"dark\": give the values of black and white, such as -160,240, or nothing for a usual one.");
	}

	@Test
	void batchIsAskedForNonsense() throws Exception {
		final Path input = Files.createDirectory(folder.resolve("in")), output = folder.resolve("out");
		final String keys = "input=" + input + " output=" + output;
		refused("", "CT Batch Reconstruct...", "", BatchCommand.NO_INPUT);
		refused("", "CT Batch Reconstruct...", "input=" + input, CtCommand.NO_OUTPUT_FOLDER);
		refused("", "CT Batch Reconstruct...", keys, "Folder \"" + input + "\" is empty: give a folder of scans.");
		refused("", "CT Batch Reconstruct...", "input=" + input + " output=" + input, "Input and output are the same folder");
		refused("", "CT Batch Reconstruct...", keys + " method=Magic",
			"Method, method=Magic: it must be one of ADMM-TV, DDS, DiffusionBlend, DiffusionMBIR, FBP, ");
		refused("", "CT Batch Reconstruct...", keys + " options=[iterations=3]", "CT FBP has no key iterations. Its keys: ");
		refused("", "CT Batch Reconstruct...", keys + " scan=[views=0]",
			"Number of views, views=0: it must be a whole number from 1 to 100000.");
		refused("", "CT Batch Reconstruct...", keys + " options=[image=x]",
			"options=[image=x]: the image is each file in turn. Leave out its key.");
		refused("", "CT Batch Reconstruct...", keys + " part=4/3",
			"Part \"4/3\": it must be N/M with N from 1 to M, such as 3/10; 1/1 for all files.");
		refused("", "CT Batch Reconstruct...", keys + " method=[Patch diffusion] options=[prior=" + folder.resolve(
			"none.safetensors") + "]", folder.resolve("none.safetensors").toString());
	}

	@Test
	void evaluationIsAskedForNonsense() throws Exception {
		final String prior = "prior=" + prior();
		refused("", "CT Evaluate Prior...", prior, CtCommand.NO_OUTPUT_FOLDER);
		refused("", "CT Evaluate Prior...", prior + " output=" + folder.resolve("out"), CtCommand.NO_REFERENCE);
		refused(VOLUME, "CT Evaluate Prior...", "prior=unknown output=" + folder.resolve("out"),
			"There is no bundled prior \"unknown\". Bundled are: body-ct, ");
		refused(VOLUME, "CT Evaluate Prior...", prior + " size=-1 output=" + folder.resolve("out"),
			"Size (voxels, 0: as is), size=-1: it must be a whole number from 0 to 2048.");
		refused(VOLUME + "run('Set...', 'value=3 stack'); setMetadata('Info', '');", "CT Evaluate Prior...", prior +
			" output=" + folder.resolve("out"), "\"Shepp-Logan\" is in grey and the prior in HU: they must be the same.");
		final Path occupied = Files.createFile(folder.resolve("occupied"));
		refused(VOLUME, "CT Evaluate Prior...", prior + " output=" + occupied, "Output folder \"" + occupied +
			"\" cannot be written to");
		assertFalse(Files.exists(folder.resolve("out").resolve("denoising.csv")));
	}

	@Test
	void filesToOpenOrTrainOnAreMissing() {
		refused("", "CT Open Volume...", "", OpenVolumeCommand.NO_PATH);
		refused(VOLUME, "CT Save Volume...", "", SaveVolumeCommand.NO_PATH);
		refused(VOLUME, "CT Save Volume...", "path=[" + folder.resolve("v.tif") + "]", VolumeFiles.ENDINGS);
		refused(VOLUME, "CT Save Volume...", "type=Integers path=[" + folder.resolve("v.nrrd") + "]",
			"would have to be scaled to be integers, which NRRD cannot say");
		refused("", "CT Open Volume...", "path=[" + folder.resolve("no such.nii") + "]", folder.resolve("no such.nii")
			.toString());
		refused("", "CT Train Prior...", "", TrainCommand.NO_FOLDER);
		refused("", "CT Train Prior...", "folder=" + folder, TrainCommand.NO_OUTPUT);
		refused("", "CT Train Prior...", "folder=" + folder + " output=" + folder.resolve("p.safetensors"), "Folder \"" +
			folder + "\" is empty: give a folder of volumes.");
	}

	@Test
	void scansForFbpUNetMakeNoSense() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes"));
		final String keys = "folder=" + volumes + " output=" + folder.resolve("p.safetensors") + " ";
		refused("", "CT Train FBP-UNet...", "", TrainCommand.NO_FOLDER);
		refused("", "CT Train FBP-UNet...", keys, "Folder \"" + volumes + "\" is empty: give a folder of volumes.");
		refused("", "CT Train FBP-UNet...", keys + "views=0",
			"Number of views, views=0: it must be a whole number from 1 to 100000.");
		refused("", "CT Train FBP-UNet...", keys + "range=0",
			"Angular range 0.0 degrees: it must be greater than 0 and at most 360.");
		refused("", "CT Train FBP-UNet...", keys + "noise=0.5",
			"Photons per bin 0.5: it must be 0 (no noise) or at least 1; 1e6 is usual, 1e4 low dose.");
		refused("", "CT Train FBP-UNet...", keys + "scans=101",
			"Scans of each volume, scans=101: it must be a whole number from 1 to 100.");
		refused("", "CT Train FBP-UNet...", keys + "preset=Paper",
			"The preset Paper for Slices: it is for 3-D patches only. Choose Laptop or GPU.");
	}

	@Test
	void samplesCannotBeComparedWithWhatIsGiven() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes"));
		final String keys = "prior=" + prior() + " size=8 steps=1 training=" + volumes;
		refused("", "CT Sample Prior...", keys, "Folder \"" + volumes + "\" is empty: give a folder of volumes.");
		final HeadlessMacro.Result ramp = HeadlessMacro.run("newImage('ramp', '8-bit ramp', 9, 9, 9); saveAs('Tiff', '" +
			volumes.resolve("ramp.tif") + "');");
		assertTrue(ramp.ok(), ramp.err());
		refused("", "CT Sample Prior...", keys, "None of the 1 training volumes is in HU like the prior \"tiny\"");
		refused("", "CT Sample Prior...", "count=0", "Number of volumes, count=0: it must be a whole number from 1 to 100.");
	}

	@Test
	void nothingInTheFolderCanBeTrainedOn() throws Exception {
		final Path volumes = Files.createDirectory(folder.resolve("volumes")), prior = folder.resolve("p.safetensors");
		final String keys = "folder=" + volumes + " output=" + prior;
		Files.writeString(volumes.resolve("notes.txt"), "not a volume");
		refused("", "CT Train Prior...", keys, "None of the 1 files in \"" + volumes + "\" can be used; the log says why.");
		final HeadlessMacro.Result flat = HeadlessMacro.run("newImage('flat', '8-bit black', 20, 20, 20); saveAs('Tiff', '" +
			volumes.resolve("flat.tif") + "');");
		assertTrue(flat.ok(), flat.err());
		refused("", "CT Train Prior...", keys, "None of the 1 volumes can be used for training; the log says why.");
		refused("", "CT Train Prior...", keys + " steps=-1",
			"Training steps (0: the preset's), steps=-1: it must be a whole number from 0 to 10000000.");
		refused("", "CT Train Prior...", keys + " preset=Compact", "Preset, preset=Compact: it must be one of Laptop, GPU, Paper.");
		refused("", "CT Train Prior...", keys + " kind=Cubes",
			"Kind, kind=Cubes: it must be one of 3-D patches, Slices, 3-slice groups.");
		refused("", "CT Train Prior...", keys + " schedule=linear",
			"Noise schedule, schedule=linear: it must be one of VP, VE.");
		assertFalse(Files.exists(prior));
	}

	@Test
	@Timeout(60)
	void escapeStopsARunWithinAnIteration() throws Exception {
		final Path output = folder.resolve("comparison");
		final Thread user = new Thread(() -> {
			while (!Files.exists(output.resolve("comparison.csv")))
				IJ.wait(5);
			IJ.setKeyDown(KeyEvent.VK_ESCAPE);
		});
		user.start();
		refused(VOLUME, "CT Compare Methods...", "methods=[FBP, SIRT, ADMM-TV] views=50,100,200 size=64 oversample=1 output=" +
			output, CtCommand.CANCELLED);
		user.join();
		final List<String> table = Files.readAllLines(output.resolve("comparison.csv"));
		assertTrue(table.size() >= 2 && table.size() < 10, table.toString());
		try (Stream<Path> files = Files.list(output)) {
			assertTrue(files.noneMatch(f -> f.getFileName().toString().endsWith(".part")));
		}
	}

	/** Macro text that replaces a part of the active image's geometry. */
	private static String geometry(final String regex, final String by) {
		return "setMetadata('Info', replace(getMetadata('Info'), '" + regex + "', '" + by + "'));";
	}

	private Path prior() {
		return CommandsInMacrosTest.tinyPrior(folder);
	}

	/** Runs a command after some preparation, and checks all that is promised when it cannot do its work. */
	private void refused(final String preparation, final String command, final String options, final String message) {
		closeImages();
		final HeadlessMacro.Result prepared = HeadlessMacro.run(preparation);
		assertTrue(prepared.ok(), prepared.err());
		final ImagePlus image = WindowManager.getCurrentImage();
		final List<Object> before = image == null ? List.of() : planes(image).stream().map(BadInputTest::copy).toList();
		final int images = Interpreter.getBatchModeImageIDs().length;
		final HeadlessMacro.Result result = HeadlessMacro.run("run('" + command + "', '" + options + "');\nprint('went on');");
		assertFalse(result.ok(), "must fail");
		assertTrue(result.err().contains(message), result.err() + "\n does not say " + message);
		assertTrue(result.err().contains(" in line 1"), result.err());
		assertFalse(result.out().contains("went on"), "the macro must stop");
		assertTrue(Interpreter.getBatchModeImageIDs().length <= images, "no image may be left");
		if (image == null) return;
		final List<Object> after = planes(image);
		assertEquals(before.size(), after.size());
		for (int i = 0; i < before.size(); i++)
			if (before.get(i) instanceof float[] plane) assertArrayEquals(plane, (float[]) after.get(i));
	}

	private static List<Object> planes(final ImagePlus image) {
		return Stream.of(image.getStack().getImageArray()).filter(Objects::nonNull).toList();
	}

	private static Object copy(final Object plane) {
		return plane instanceof float[] values ? values.clone() : plane;
	}
}
