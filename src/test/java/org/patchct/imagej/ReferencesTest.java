package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.evaluate.Benchmark.Reference;
import org.patchct.io.DicomBytes;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/** Which volumes a comparison is over, and how it keeps its results. */
class ReferencesTest {

	private static final Volume VOLUME = new Volume("v", Layouts.newImage(5, 4, 3), new Grid(5, 4, 3, 0.5, 0.5, 2),
		Intensity.HU);

	@TempDir
	Path folder;

	private final List<String> log = new ArrayList<>();

	@Test
	void folderStandsForItsVolumesButNotForHiddenFilesOrTheOutput() throws IOException {
		save("b.tif");
		save("A.tif");
		Files.createFile(folder.resolve(".hidden"));
		final Path output = Files.createDirectories(folder.resolve("out").resolve("put"));
		final Path dicom = Files.createDirectory(folder.resolve("scan 1.2"));
		Files.write(dicom.resolve("s1"), new DicomBytes(DicomBytes.EXPLICIT).text(0x00080060, "CS", "CT").text(0x0020000E,
			"UI", "1.2").number(0x00280010, 1).number(0x00280011, 2).pixels(16, 1, 0).bytes());
		Files.createFile(folder.resolve("c.d.nii.gz"));
		assertEquals(List.of("A", "b", "c.d", "scan 1.2"), folders(folder.toString(), output));
		assertEquals(List.of(""), folders(dicom.toString(), output), "a folder of slices is one volume");
		assertEquals(List.of(""), folders(folder.resolve("b.tif").toString(), output));
	}

	@Test
	void listsAreSeparatedBySemicolonsAndEachVolumeHasAFolderOfItsOwn() throws IOException {
		final Path inner = Files.createDirectory(folder.resolve("a, b"));
		save("a, b/x.tif");
		save("X.tif");
		final String list = inner.resolve("x.tif") + "; " + folder.resolve("X.tif") + ";" + inner + ";/no/such.nii";
		assertEquals(List.of("x", "X (2)", "x (3)", "such"), folders(list, folder.resolve("out")));
		final List<Reference> references = References.of(list, folder.resolve("out"), null, log::add);
		assertEquals(VOLUME.grid(), references.get(2).open().apply(Progress.SILENT).grid());
		final String said = assertThrows(InvalidInputException.class, () -> references.get(3).open().apply(Progress.SILENT))
			.getMessage();
		assertTrue(said.contains("/no/such.nii"), said);
	}

	@Test
	void semicolonsInTheNameOfAFileAreNoList() throws IOException {
		save("a;b.tif");
		assertEquals(List.of("a;b"), References.of(folder.resolve("a;b.tif").toString(), folder.resolve("out"), null, log::add)
			.stream().map(Reference::name).toList());
	}

	@Test
	void emptyFolderIsRefused() {
		assertEquals("Folder \"" + folder + "\" is empty: give a folder of volumes.", assertThrows(InvalidInputException.class,
			() -> References.of(folder.toString(), Path.of("out"), null, log::add)).getMessage());
	}

	@Test
	void storedVolumeComesBackWithItsLinesUnlessItIsDamaged() throws IOException {
		final VolumeStore store = new VolumeStore(image -> { }, log::add);
		final Path file = folder.resolve("FBP_8v.tif");
		assertNull(store.read(file));
		Layouts.planes(VOLUME.img())[1][7] = -431.2500305f;
		store.write(VOLUME, file, Map.of("Method", "FBP, Hann window; seed 3", "Seconds", "0.25"));
		final var saved = store.read(file);
		assertEquals("FBP, Hann window; seed 3", saved.line().apply("Method"));
		assertEquals("0.25", saved.line().apply("Seconds"));
		assertEquals(VOLUME.intensity(), saved.volume().intensity());
		for (int k = 0; k < 3; k++)
			assertEquals(-1, Arrays.mismatch(Layouts.planes(VOLUME.img())[k], Layouts.planes(saved.volume().img())[k]));
		Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) / 2));
		assertNull(store.read(file));
		assertEquals(1, log.size());
	}

	private List<String> folders(final String text, final Path output) {
		return References.of(text, output, null, log::add).stream().map(Reference::folder).toList();
	}

	private void save(final String name) {
		Tiff.save(Images.toImagePlus(VOLUME), folder.resolve(name));
	}
}
