package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.patchct.scan.ParallelBeam;
import org.patchct.scan.Projections;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

class ImagesTest {

	@TempDir
	Path folder;

	@Test
	void sharesSlicesWithA32BitImageInBothDirections() {
		final ImagePlus image = floats(4, 3, 2);
		final Volume volume = Images.toVolume(image);
		((float[]) image.getStack().getPixels(2))[5] = 77;
		assertEquals(77, Layouts.planes(volume.img())[1][5]);
		final var access = volume.img().randomAccess();
		access.setPosition(new int[] { 1, 2, 0 });
		access.get().set(-5);
		assertEquals(-5, image.getStack().getVoxel(1, 2, 0));

		final ImagePlus back = Images.toImagePlus(volume);
		for (int k = 1; k <= 2; k++)
			assertSame(image.getStack().getPixels(k), back.getStack().getPixels(k));
	}

	@Test
	void readsSignedAndUnsignedIntegersThroughTheirCalibration() {
		final ImagePlus unsigned = new ImagePlus("u", new ij.process.ShortProcessor(2, 1, new short[] { 5, (short) 65535 },
			null));
		final ImagePlus pair = stackOf(unsigned, unsigned);
		assertArrayEquals(new float[] { 5, 65535 }, Layouts.planes(Images.toVolume(pair).img())[1]);
		// As ImageJ's DICOM reader marks stored values with a rescale intercept of −1024, slope 1.
		pair.getCalibration().setFunction(Calibration.STRAIGHT_LINE, new double[] { -1024, 1 }, "Gray Value");
		assertArrayEquals(new float[] { -1019, 64511 }, Layouts.planes(Images.toVolume(pair).img())[0]);

		final ImagePlus signed = stackOf(unsigned, unsigned);
		signed.getCalibration().setSigned16BitCalibration();
		assertArrayEquals(new float[] { 5 - 32768, 32767 }, Layouts.planes(Images.toVolume(signed).img())[0]);

		final ImagePlus bytes = stackOf(new ImagePlus("b", new ij.process.ByteProcessor(2, 1, new byte[] { 1, (byte) 250 })),
			new ImagePlus("b", new ij.process.ByteProcessor(2, 1, new byte[] { 0, 0 })));
		assertArrayEquals(new float[] { 1, 250 }, Layouts.planes(Images.toVolume(bytes).img())[0]);
		bytes.getCalibration().setFunction(Calibration.STRAIGHT_LINE, new double[] { 10, 2 }, "HU");
		assertArrayEquals(new float[] { 12, 510 }, Layouts.planes(Images.toVolume(bytes).img())[0]);
		assertEquals(Intensity.HU, Images.toVolume(bytes).intensity());
	}

	@ParameterizedTest
	@CsvSource({ "mm, 1", "cm, 10", "um, 0.001", "\u00b5m, 0.001", "micron, 0.001", "nm, 0.000001", "inch, 25.4", "Mm, 1",
		"m, 1000" })
	void convertsUnitsToMillimetres(final String unit, final double factor) {
		final ImagePlus image = floats(4, 3, 2);
		scale(image, unit, 0.5, 0.25, 2);
		final List<String> warnings = new ArrayList<>();
		final Grid grid = Images.toVolume(image, warnings::add).grid();
		assertArrayEquals(new double[] { 0.5 * factor, 0.25 * factor, 2 * factor }, new double[] { grid.dx(), grid.dy(), grid
			.dz() }, 1e-12);
		assertTrue(warnings.isEmpty());
	}

	@Test
	void readsValuesWhateverColoursTheyAreShownIn() {
		final ImagePlus image = IJ.createImage("fire", "8-bit ramp", 256, 2, 2);
		final float[][] grey = Layouts.planes(Images.toVolume(image).img());
		final byte[] ramp = new byte[256];
		for (int i = 0; i < 256; i++)
			ramp[i] = (byte) i;
		image.setLut(new ij.process.LUT(ramp, new byte[256], new byte[256]));
		assertArrayEquals(grey, Layouts.planes(Images.toVolume(image).img()));
	}

	@Test
	void convertsEachAxisByItsOwnUnit() {
		final ImagePlus image = floats(4, 3, 2);
		scale(image, "micron", 500, 250, 2);
		image.getCalibration().setZUnit("mm");
		assertEquals(new Grid(4, 3, 2, 0.5, 0.25, 2), Images.toVolume(image).grid());
	}

	@ParameterizedTest
	@ValueSource(strings = { "pixel", "", "furlong" })
	void readsVoxelSizesWithoutAUnitAsMillimetresAndSaysSo(final String unit) {
		final ImagePlus image = floats(4, 3, 2);
		scale(image, unit, 1, 1, 3);
		final List<String> warnings = new ArrayList<>();
		assertEquals(new Grid(4, 3, 2, 1, 1, 3), Images.toVolume(image, warnings::add).grid());
		assertEquals(List.of("\"test\" " + Images.NO_UNIT), warnings);
	}

	@Test
	void takesTheMeaningOfValuesFromTheImage() {
		final ImagePlus image = floats(4, 3, 2);
		assertEquals("grey", Images.toVolume(image).intensity().unit());
		image.getCalibration().setValueUnit("Hounsfield Units");
		assertEquals(Intensity.HU, Images.toVolume(image).intensity());

		final ImagePlus dicom = floats(4, 3, 2);
		dicom.setProperty("Info", "0008,0060  Modality: CT \n0020,0011  Series Number: 2\n");
		assertEquals(Intensity.HU, Images.toVolume(dicom).intensity());

		final ImagePlus air = floats(4, 3, 2);
		air.getStack().setVoxel(0, 0, 0, -1000);
		assertEquals(Intensity.HU, Images.toVolume(air).intensity());
	}

	@Test
	void aVolumeSurvivesATiffFile() {
		for (final Intensity intensity : new Intensity[] { Intensity.HU, Intensity.ATTENUATION, Intensity.grey(-1.5, 3e4) }) {
			final Volume volume = new Volume("scan", Layouts.newImage(6, 5, 4), new Grid(6, 5, 4, 0.7, 0.9, 1.609375),
				intensity);
			fill(volume);
			final ImagePlus image = Images.toImagePlus(volume);
			if (intensity.isHounsfield()) assertEquals(-160, image.getDisplayRangeMin());
			final Path file = folder.resolve("scan.tif");
			Tiff.save(image, file);
			assertEquals("scan", image.getTitle());
			final Volume read = Images.toVolume(Tiff.open(file), warning -> {
				throw new AssertionError(warning);
			});
			assertEquals("scan", read.name());
			assertEquals(intensity, read.intensity());
			assertArrayEquals(Layouts.planes(volume.img()), Layouts.planes(read.img()));
			assertEquals(0.7, read.grid().dx(), 1e-6);
			assertEquals(0.9, read.grid().dy(), 1e-6);
			assertEquals(1.609375, read.grid().dz(), 1e-6);
		}
	}

	@Test
	void projectionsSurviveATiffFileWithTheirGeometry() {
		final Projections projections = projections(new ParallelBeam(7, 3, 0.1 + 0.2, 1 / 3.0, -1.25, new double[] { -3, 0.1,
			44.444444444444443, 179 }));
		final Path file = folder.resolve("p.tif");
		final ImagePlus image = Images.toImagePlus(projections);
		assertEquals("44.4444 degrees", image.getStack().getSliceLabel(3));
		Tiff.save(image, file);
		final Projections read = Images.toProjections(Tiff.open(file));
		assertEquals(projections.geometry(), read.geometry());
		assertEquals(projections.grid(), read.grid());
		assertEquals(projections.intensity(), read.intensity());
		assertArrayEquals(Layouts.planes(projections.img()), Layouts.planes(read.img()));
	}

	@Test
	void aSingleRadiographSurvivesATiffFile() {
		final Projections projections = projections(new ParallelBeam(7, 3, 1, 1, 0, new double[] { 12 }));
		Tiff.save(Images.toImagePlus(projections), folder.resolve("one.tif"));
		assertEquals(projections.geometry(), Images.toProjections(Tiff.open(folder.resolve("one.tif"))).geometry());
	}

	@Test
	void projectionsShareTheirRadiographs() {
		final Projections projections = projections(new ParallelBeam(7, 3, 1, 1, 0, new double[] { 12, 13 }));
		final ImagePlus image = Images.toImagePlus(projections);
		((float[]) image.getStack().getPixels(1))[0] = 9;
		assertEquals(9, Layouts.planes(projections.img())[0][0]);
		assertSame(image.getStack().getPixels(2), Layouts.planes(Images.toProjections(image).img())[1]);
	}

	@Test
	void refusesProjectionsWithoutOrWithAnotherGeometry() {
		refused(Images.NOT_PROJECTIONS, () -> Images.toProjections(floats(7, 3, 4)));
		final ImagePlus image = Images.toImagePlus(projections(new ParallelBeam(7, 3, 1, 1, 0, new double[] { 0, 1, 2 })));
		image.getStack().deleteSlice(2);
		image.setStack(image.getStack());
		refused("2 radiographs but its geometry has 3 angles", () -> Images.toProjections(image));
		final String json = Images.line(image, Images.GEOMETRY_KEY);
		for (final String damaged : new String[] { "{", "[1]", "null", "7", json.replace("\"parallel\"", "\"spiral\""), json
			.replace("[0.0,1.0,2.0]", "[2.0,1.0]"), json.replace("\"bins\":7", "\"bins\":-7"), json.replace("\"bins\":7",
				"\"bins\":\"x\""), json.replace("\"grid\"", "\"g\""), json.replace("\"nx\":5", "\"nx\":{}"), json.replace(
					"\"angles\"", "\"a\""), json.substring(0, json.length() / 2) })
		{
			Images.recipe(image, Map.of(Images.GEOMETRY_KEY, damaged));
			assertThrows(InvalidInputException.class, () -> Images.toProjections(image), damaged);
		}
	}

	@Test
	void refusesWhatIsNoVolumeWithTheReason() {
		refused(Images.NO_IMAGE, () -> Images.toVolume(null));
		refused(Images.NO_IMAGE, () -> Images.toVolume(new ImagePlus()));
		refused(Images.NO_IMAGE, () -> Images.toProjections(null));
		refused("\"flat\" " + Images.TWO_DIMENSIONAL, () -> Images.toVolume(IJ.createImage("flat", "32-bit", 5, 5, 1)));
		refused("\"rgb\" " + Images.COLOUR, () -> Images.toVolume(IJ.createImage("rgb", "RGB", 5, 5, 3)));
		refused("2 channels, 3 slices and 1 frames", () -> Images.toVolume(IJ.createImage("hyper", "32-bit", 5, 5, 2, 3, 1)));
		refused(Images.HYPERSTACK, () -> Images.toVolume(IJ.createImage("hyper", "32-bit", 5, 5, 1, 3, 4)));
		final ImagePlus projections = Images.toImagePlus(projections(new ParallelBeam(7, 3, 1, 1, 0, new double[] { 0,
			1 })));
		refused(Images.ARE_PROJECTIONS, () -> Images.toVolume(projections));
		for (final float bad : new float[] { Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY }) {
			final ImagePlus image = floats(4, 3, 5);
			image.getStack().setVoxel(1, 1, 3, bad);
			refused("\"test\" holds 1 NaN or infinite value, first in slice 4", () -> Images.toVolume(image));
			projections.getStack().setVoxel(0, 0, 1, bad);
			refused("first in slice 2", () -> Images.toProjections(projections));
		}
	}

	@Test
	void recipesAreLinesOfTheInformationAndLeaveTheRest() {
		final ImagePlus image = floats(4, 3, 2);
		image.setProperty("Info", "written by another program\nkey: old\n");
		Images.recipe(image, Map.of("key", "new\nline", "seed", "7"));
		assertEquals("new line", Images.line(image, "key"));
		assertEquals("7", Images.line(image, "seed"));
		assertTrue(image.getInfoProperty().startsWith("written by another program\n"));
		assertNull(Images.line(image, "none"));
	}

	@Test
	void savesWholeFilesOrNone() throws IOException {
		final ImagePlus image = floats(4, 3, 2);
		refused("there is no folder", () -> Tiff.save(image, folder.resolve("none/a.tif")));
		final Path closed = Files.createDirectory(folder.resolve("closed"));
		refused("it is a folder", () -> Tiff.save(image, closed));
		Assumptions.assumeTrue(closed.toFile().setWritable(false) && !Files.isWritable(closed),
			"this user may write everywhere");
		refused("permission denied", () -> Tiff.save(image, closed.resolve("a.tif")));
		try (Stream<Path> files = Files.list(closed)) {
			assertEquals(0, files.count());
		}
	}

	@Test
	void refusesFilesThatImageJCannotRead() throws IOException {
		refused("There is no file", () -> Tiff.open(folder.resolve("none.tif")));
		final Path text = Files.writeString(folder.resolve("text.tif"), "no image");
		refused("cannot read", () -> Tiff.open(text));
		Tiff.save(floats(16, 16, 4), folder.resolve("whole.tif"));
		final byte[] bytes = Files.readAllBytes(folder.resolve("whole.tif"));
		// Where the voxels end ImageJ puts the directories of the later slices.
		for (int missing = 0; missing < 4; missing++) {
			final Path cut = Files.write(folder.resolve("cut.tif"), java.util.Arrays.copyOf(bytes, 2000 + 700 * missing));
			refused("cut.tif", () -> Tiff.open(cut));
		}
		final Random random = new Random(6);
		for (int round = 0; round < 30; round++) {
			final byte[] mutated = java.util.Arrays.copyOf(bytes, random.nextBoolean() ? bytes.length : 1 + random.nextInt(
				bytes.length));
			for (int flips = random.nextInt(4); flips > 0; flips--)
				mutated[random.nextInt(Math.min(300, mutated.length))] ^= (byte) (1 << random.nextInt(8));
			final Path file = Files.write(folder.resolve("mutated.tif"), mutated);
			try {
				Images.toVolume(Tiff.open(file));
			}
			catch (final InvalidInputException e) {
				assertTrue(e.getMessage().length() > 20);
			}
		}
	}

	private static void refused(final String message, final org.junit.jupiter.api.function.Executable action) {
		final String said = assertThrows(InvalidInputException.class, action).getMessage();
		assertTrue(said.contains(message), said);
	}

	private static Projections projections(final ParallelBeam geometry) {
		final float[][] planes = new float[geometry.views()][geometry.bins() * geometry.rows()];
		final Random random = new Random(8);
		for (final float[] plane : planes)
			for (int i = 0; i < plane.length; i++)
				plane[i] = 5 * random.nextFloat();
		return new Projections("p", Layouts.wrap(planes, geometry.bins(), geometry.rows()), geometry, new Grid(5, 6, 3, 0.3,
			0.4, geometry.rowPitch()), Intensity.HU);
	}

	private static void fill(final Volume volume) {
		final Random random = new Random(9);
		volume.img().forEach(voxel -> voxel.set(random.nextFloat() - 0.3f));
	}

	private static void scale(final ImagePlus image, final String unit, final double x, final double y, final double z) {
		final Calibration calibration = image.getCalibration();
		calibration.setUnit(unit);
		calibration.pixelWidth = x;
		calibration.pixelHeight = y;
		calibration.pixelDepth = z;
	}

	private static ImagePlus stackOf(final ImagePlus... slices) {
		final ImageStack stack = new ImageStack(slices[0].getWidth(), slices[0].getHeight());
		for (final ImagePlus slice : slices)
			stack.addSlice(slice.getProcessor().duplicate());
		return new ImagePlus("stack", stack);
	}

	private static ImagePlus floats(final int nx, final int ny, final int nz) {
		final ImagePlus image = IJ.createImage("test", "32-bit black", nx, ny, nz);
		for (int k = 0; k < nz; k++)
			image.getStack().setVoxel(0, 0, k, 1 + k);
		return image;
	}
}
