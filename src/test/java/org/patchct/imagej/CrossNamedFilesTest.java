package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

import ij.IJ;
import ij.io.FileSaver;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.io.DicomBytes;
import org.patchct.io.FileMutations;
import org.patchct.io.MatlabBytes;
import org.patchct.io.SavedType;
import org.patchct.io.VolumeFiles;
import org.patchct.scan.Planes;
import org.patchct.scan.RawScan;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Sinks;

/** Files of every format under the names of all others: each is read as under its own name, or refused. */
class CrossNamedFilesTest {

	private static final int NX = 5, NY = 4, NZ = 3;

	/** Names that scans and volumes are known by; DICOM slices have none. */
	private static final List<String> NAMES = List.of(".tif", ".tiff", ".h5", ".hdf5", ".hdf", ".nxs", ".nx", ".mat",
		".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm", ".txt", ".png", ".zip", "");

	private static final String MAT5 = "MATLAB 5", MAT73 = "MATLAB 7.3";

	@TempDir
	Path folder;

	/** A file of each format. */
	private final Map<String, byte[]> formats = new LinkedHashMap<>();

	@BeforeEach
	void writeFiles() throws IOException {
		final float[][] planes = new float[NZ][];
		Arrays.setAll(planes, CrossNamedFilesTest::plane);
		final Volume volume = new Volume("v", Layouts.wrap(planes, NX, NY), new Grid(NX, NY, NZ, 0.5, 0.5, 2), Intensity.HU);
		for (final String name : List.of(".nii", ".nii.gz", ".nrrd", ".mha")) {
			VolumeFiles.write(volume, folder.resolve("v" + name), SavedType.FLOAT32, Progress.SILENT);
			keep(name, folder.resolve("v" + name));
		}
		Tiff.save(Images.toImagePlus(volume), folder.resolve("v.tif"));
		keep(".tif", folder.resolve("v.tif"));
		new FileSaver(IJ.createImage("flat", "8-bit ramp", NX, NY, 1)).saveAsPng(folder.resolve("v.png").toString());
		keep(".png", folder.resolve("v.png"));
		new FileSaver(Images.toImagePlus(volume)).saveAsZip(folder.resolve("v.zip").toString());
		keep(".zip", folder.resolve("v.zip"));
		final float[][][] stack = new float[NZ][NY][NX];
		for (int k = 0; k < NZ; k++)
			for (int j = 0; j < NY; j++)
				stack[k][j] = Arrays.copyOfRange(planes[k], NX * j, NX * (j + 1));
		try (WritableHdfFile hdf = HdfFile.write(folder.resolve("v.h5"))) {
			hdf.putDataset("sino", stack);
		}
		keep(".h5", folder.resolve("v.h5"));
		formats.put(MAT73, MatlabBytes.version73(formats.get(".h5").clone()));
		final var matrix = Mat5.newMatrix(new int[] { NX, NY, NZ });
		for (int i = 0; i < NX * NY * NZ; i++)
			matrix.setDouble(i, planes[i / (NX * NY)][i % (NX * NY)]);
		try (var sink = Sinks.newStreamingFile(folder.resolve("v.mat").toFile())) {
			Mat5.newMatFile().addArray("sino", matrix).writeTo(sink);
		}
		keep(MAT5, folder.resolve("v.mat"));
		formats.put("DICOM", new DicomBytes(DicomBytes.EXPLICIT).text(0x00080060, "CS", "CT").text(0x0020000E, "UI", "1.2").text(
			0x00200032, "DS", "0\\0\\0").number(0x00280010, 1).number(0x00280011, 2).text(0x00281052, "DS", "-1000").pixels(16,
				1, 2).bytes());
		formats.put(".txt", "0 60 120\n".getBytes(StandardCharsets.US_ASCII));
		for (final Path file : files())
			Files.delete(file);
	}

	private static float[] plane(final int k) {
		final float[] plane = new float[NX * NY];
		for (int i = 0; i < plane.length; i++)
			plane[i] = 100 * k + i;
		return plane;
	}

	private void keep(final String name, final Path file) throws IOException {
		formats.put(name, Files.readAllBytes(file));
	}

	private List<Path> files() throws IOException {
		try (var files = Files.list(folder)) {
			return files.toList();
		}
	}

	/** Under which names each format was read, and then as it was written. */
	private Map<String, Set<String>> read(final Function<Path, float[][]> reading) throws IOException {
		final Map<String, Set<String>> read = new TreeMap<>();
		for (final String format : formats.keySet())
			for (final String name : NAMES) {
				final Path file = Files.write(folder.resolve("f" + name), formats.get(format));
				final String what = format + " as " + name;
				try {
					FileMutations.accept(file, path -> {
						final float[][] planes = reading.apply(path);
						assertEquals(NZ, planes.length, what);
						for (int k = 0; k < NZ; k++)
							assertArrayEquals(plane(k), planes[k], what);
					});
					read.computeIfAbsent(format, key -> new TreeSet<>()).add(name);
				}
				catch (final InvalidInputException e) {
					assertTrue(e.getMessage().contains(file.getFileName().toString()) && e.getMessage().matches("\\P{Cntrl}+"), what +
						": " + e.getMessage());
				}
				Files.delete(file);
			}
		return read;
	}

	private static float[][] planes(final Planes planes) {
		final float[][] read = new float[planes.count()][];
		Arrays.setAll(read, planes::read);
		return read;
	}

	@Test
	void scansAreReadByNamesOfTheirFormat() throws IOException {
		final Set<String> hdf5 = Set.of(".h5", ".hdf5", ".hdf", ".nxs", ".nx");
		final Set<String> matlab = new TreeSet<>(hdf5);
		matlab.add(".mat"); // an HDF5 file behind a header, which HDF5 allows
		assertEquals(Map.of(".tif", Set.of(".tif", ".tiff"), ".h5", hdf5, MAT73, matlab, MAT5, Set.of(".mat")), read(path -> {
			try (RawScan scan = ScanOpener.open(path, null, null, null, null)) {
				return planes(scan.data());
			}
		}));
	}

	/** Ours go by the name but for DICOM, of which a slice alone is no volume; ImageJ's TIFF reader looks into the file. */
	@Test
	void volumesAreReadByNamesOfTheirFormat() throws IOException {
		final Set<String> tiff = new TreeSet<>(NAMES);
		tiff.removeAll(List.of(".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"));
		final Set<String> nifti = Set.of(".nii", ".nii.gz");
		assertEquals(Map.of(".tif", tiff, ".nii", nifti, ".nii.gz", nifti, ".nrrd", Set.of(".nrrd", ".nhdr"), ".mha", Set.of(
			".mha", ".mhd"), ".zip", Set.of(".zip")), read(path -> Layouts.planes(VolumeOpener.open(path).img())));
	}

	@Test
	void flatsAreTiffUnderAnyName() throws IOException {
		final Set<String> names = new TreeSet<>(NAMES);
		names.remove(".nii.gz"); // which ImageJ takes for a compressed file
		final Path scan = Files.write(folder.resolve("scan.tif"), formats.get(".tif"));
		assertEquals(Map.of(".tif", names), read(path -> {
			try (RawScan raw = ScanOpener.open(scan, null, path.toFile(), null, null)) {
				return planes(raw.flats());
			}
		}));
	}

	@Test
	void anglesAreTextUnderAnyName() throws IOException {
		final Path scan = Files.write(folder.resolve("scan.tif"), formats.get(".tif"));
		final Function<Path, float[][]> reading = path -> {
			try (RawScan raw = ScanOpener.open(scan, null, null, null, path.toFile())) {
				assertArrayEquals(new double[] { 0, 60, 120 }, raw.angles());
				return planes(raw.data());
			}
		};
		assertEquals(Map.of(".txt", new TreeSet<>(NAMES)), read(reading));
	}
}
