package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import ij.IJ;
import ij.io.FileSaver;

import net.imglib2.img.Img;
import net.imglib2.img.array.ArrayImgs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.io.DicomBytes;
import org.patchct.io.FileMutations;
import org.patchct.io.Nifti;
import org.patchct.io.SavedType;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;
import org.scijava.Context;
import org.scijava.io.AbstractIOPlugin;
import org.scijava.io.IOService;
import org.scijava.io.location.FileLocation;
import org.scijava.io.location.Location;
import org.scijava.plugin.PluginInfo;
import org.scijava.plugin.PluginService;

class VolumeOpenerTest {

	@TempDir
	Path folder;

	private static final Volume VOLUME = new Volume("v", Layouts.newImage(4, 3, 2), new Grid(4, 3, 2, 0.5, 0.5, 2),
		Intensity.HU);

	/** Stands for SCIFIO: files ending with .test become images with two axes of length 1. */
	@SuppressWarnings("rawtypes")
	public static class TestReader extends AbstractIOPlugin<Img> {

		@Override
		public Class<Img> getDataType() {
			return Img.class;
		}

		@Override
		public boolean supportsOpen(final Location source) {
			return source instanceof FileLocation file && file.getFile().getName().endsWith(".test");
		}

		@Override
		public Img open(final Location source) throws IOException {
			if (((FileLocation) source).getFile().length() > 0) throw new IOException("bad block");
			final var img = ArrayImgs.unsignedShorts(3, 1, 4, 5, 1);
			final var access = img.randomAccess();
			access.setPosition(new int[] { 2, 0, 1, 4, 0 });
			access.get().set(60000);
			return img;
		}
	}

	private static Context context() {
		final Context context = new Context(IOService.class, PluginService.class);
		context.getService(PluginService.class).addPlugin(new PluginInfo<>(TestReader.class,
			org.scijava.io.IOPlugin.class));
		return context;
	}

	private final List<String> warnings = new ArrayList<>();

	private Volume open(final Path path, final Context context) {
		return VolumeOpener.open(path, null, context, Progress.SILENT, warnings::add);
	}

	@Test
	void opensNiftiAndTiffByName() {
		Nifti.write(VOLUME, folder.resolve("v.nii.gz"), SavedType.INT16);
		Tiff.save(Images.toImagePlus(VOLUME), folder.resolve("v.tif"));
		for (final String name : new String[] { "v.nii.gz", "v.tif" }) {
			final Volume volume = VolumeOpener.open(folder.resolve(name));
			assertEquals("v", volume.name());
			assertEquals(VOLUME.grid(), volume.grid());
			assertEquals(Intensity.HU, volume.intensity());
		}
	}

	@Test
	void opensHeadersWithTheirVoxelsBesideThem() throws IOException {
		Files.write(folder.resolve("n.raw"), new byte[4 * 3 * 2]);
		Files.write(folder.resolve("m.raw"), new byte[4 * 3 * 2]);
		Files.writeString(folder.resolve("n.nhdr"), "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 4 3 2\n" +
			"spacings: 0.5 0.5 2\nencoding: raw\ndata file: n.raw\n");
		Files.writeString(folder.resolve("m.MHD"), "NDims = 3\nDimSize = 4 3 2\nElementSpacing = 0.5 0.5 2\n" +
			"ElementType = MET_UCHAR\nElementDataFile = m.raw\n");
		for (final String name : new String[] { "n.nhdr", "m.MHD" })
			assertEquals(VOLUME.grid(), VolumeOpener.open(folder.resolve(name)).grid());
		// As training folders, references and batches see it.
		assertEquals(List.of(folder.resolve("m.MHD"), folder.resolve("n.nhdr")), VolumeFolder.files(folder));
		assertEquals(2, VolumeFolder.open(folder, 0, null, Progress.SILENT, warnings::add).size());
		assertEquals(List.of(), warnings);
	}

	@Test
	void mutatedTiffFilesOpenOrAreRefused() throws IOException {
		final FileMutations.Outcome outcome = FileMutations.run(folder.resolve("m.tif"), tiff(folder.resolve("v.tif")), 250,
			400, VolumeOpener::open);
		assertTrue(outcome.opened() > 40 && outcome.refused() > 40, outcome.toString());
	}

	/** What ImageJ's reader would follow for ever. */
	@Test
	void tiffDirectoriesInACircleAreRefused() throws IOException {
		final Path file = folder.resolve("circle.tif");
		final ByteBuffer bytes = ByteBuffer.wrap(tiff(file));
		bytes.putInt(nextDirectory(bytes), bytes.getInt(4));
		Files.write(file, bytes.array());
		final String said = assertThrows(InvalidInputException.class, () -> VolumeOpener.open(file)).getMessage();
		assertTrue(said.contains("its directories run in a circle"), said);
	}

	@Test
	void truncatedTiffFilesAreRefused() throws IOException {
		final Path file = folder.resolve("cut.tif");
		final ByteBuffer bytes = ByteBuffer.wrap(tiff(file));
		// ImageJ writes further directories after the last slice.
		final int next = nextDirectory(bytes), end = bytes.getInt(next);
		bytes.putInt(next, 0);
		Files.write(file, Arrays.copyOf(bytes.array(), end - 1));
		final String said = assertThrows(InvalidInputException.class, () -> VolumeOpener.open(file)).getMessage();
		assertTrue(said.contains("it announces 2 images of 4 x 3 pixels that it cannot hold"), said);
	}

	/** Where the first directory says where the next one is. */
	private static int nextDirectory(final ByteBuffer bytes) {
		final int directory = bytes.getInt(4);
		return directory + 2 + 12 * bytes.getShort(directory);
	}

	private static byte[] tiff(final Path file) throws IOException {
		Tiff.save(Images.toImagePlus(VOLUME), file);
		return Files.readAllBytes(file);
	}

	@Test
	void opensWhatTheContextCanRead() throws IOException {
		final Path file = Files.createFile(folder.resolve("scan.test"));
		try (Context context = context()) {
			final Volume volume = open(file, context);
			assertEquals("scan", volume.name());
			assertEquals(new Grid(3, 4, 5, 1, 1, 1), volume.grid());
			assertEquals(60000, Layouts.planes(volume.img())[4][2 + 3 * 1]);
			assertTrue(warnings.get(0).contains(Images.NO_UNIT));
		}
	}

	@Test
	void fallsBackOnImageJAndSaysWhatIsSupported() throws IOException {
		final Path file = Files.writeString(folder.resolve("scan.test"), "bad");
		try (Context context = context()) {
			final String said = assertThrows(InvalidInputException.class, () -> open(file, context)).getMessage();
			assertTrue(said.contains("scan.test") && said.contains(VolumeOpener.FORMATS), said);
			assertTrue(warnings.get(0).contains("bad block"));
		}
		new FileSaver(IJ.createImage("stack", "8-bit ramp", 5, 4, 3)).saveAsZip(folder.resolve("stack.zip").toString());
		assertEquals(3, open(folder.resolve("stack.zip"), null).grid().nz());
		new FileSaver(IJ.createImage("flat", "8-bit ramp", 5, 4, 1)).saveAsPng(folder.resolve("flat.png").toString());
		final String said = assertThrows(InvalidInputException.class, () -> open(folder.resolve("flat.png"), null))
			.getMessage();
		assertTrue(said.contains(Images.TWO_DIMENSIONAL), said);
	}

	@Test
	void opensTheSeriesThatADicomFileBelongsTo() throws IOException {
		for (int i = 0; i < 7; i++)
			Files.write(folder.resolve("s" + i), new DicomBytes(DicomBytes.EXPLICIT).text(0x00080060, "CS", "CT").text(
				0x0020000E, "UI", i < 3 ? "1.2" : "3.4").text(0x00200032, "DS", "0\\0\\" + i).number(0x00280010, 1).number(
					0x00280011, 2).text(0x00281052, "DS", "-1000").pixels(16, i, 0).bytes());
		assertEquals(3, open(folder.resolve("s1"), null).grid().nz());
		assertEquals(4, open(folder.resolve("s6"), null).grid().nz());
		assertEquals(4, VolumeOpener.open(folder, "3.4", null, Progress.SILENT, warnings::add).grid().nz());
		assertThrows(InvalidInputException.class, () -> open(folder, null));
	}

	@Test
	void saysThatAPathIsMissing() {
		final String said = assertThrows(InvalidInputException.class, () -> open(folder.resolve("none"), null)).getMessage();
		assertTrue(said.contains("none") && said.contains(VolumeOpener.FORMATS), said);
	}

	@Test
	void saysHowToOpenZarrFolders() throws IOException {
		Files.writeString(folder.resolve("zarr.json"), "{}");
		final String said = assertThrows(InvalidInputException.class, () -> open(folder, null)).getMessage();
		assertTrue(said.contains(VolumeOpener.NO_ZARR), said);
	}

	@Test
	void opensNoPlainText() throws IOException {
		final Path file = Files.writeString(folder.resolve("notes.txt"), "1 2 3\n4 5 6\n");
		try (Context context = context()) {
			assertThrows(InvalidInputException.class, () -> open(file, context));
		}
	}
}
