package org.patchct.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.evaluate.Comparison.Row;
import org.patchct.recon.Fbp;
import org.patchct.recon.Reconstructor;
import org.patchct.recon.RunSettings;
import org.patchct.recon.Sirt;
import org.patchct.scan.NoiseModel;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;
import org.patchct.volume.Grid;
import org.patchct.volume.SheppLogan;
import org.patchct.volume.Volume;

class BenchmarkTest {

	private static final Protocol PROTOCOL = new Protocol(ScanCase.parse("5", 180, "60"), 0, 1, NoiseModel.NONE);

	private static final Volume PHANTOM = SheppLogan.volume(Grid.cube(14, 10));

	@TempDir
	Path folder;

	private final List<String> written = new ArrayList<>(), log = new ArrayList<>();

	@Test
	void eachVolumeHasItsFolderAndBadOnesAreNamed() throws Exception {
		final Benchmark.Outcome outcome = benchmark(volume("one"), bad(), volume("two"));
		assertEquals(List.of("one", "two"), List.copyOf(outcome.rows().keySet()));
		assertEquals(List.of("broken: It is not a volume."), outcome.failures());
		assertEquals(List.of("Left out broken: It is not a volume."), log);
		assertTrue(written.containsAll(List.of("one/FBP_5v.tif", "two/SIRT_60deg.tif", "two/Reference.tif")), written.toString());
		assertEquals(5, Files.readAllLines(folder.resolve("two").resolve("comparison.csv")).size());
		final List<String> results = Files.readAllLines(folder.resolve("results.csv"));
		assertEquals("volume,method,case,views,range_deg,psnr_db,ssim,ssim_axial,ssim_coronal,ssim_sagittal,z_consistency," +
			"seconds,device", results.get(0));
		assertEquals(List.of("one,FBP,5v,5,180", "one,SIRT,5v,5,180", "one,FBP,60deg,60,60", "one,SIRT,60deg,60,60",
			"two,FBP,5v,5,180", "two,SIRT,5v,5,180", "two,FBP,60deg,60,60", "two,SIRT,60deg,60,60"), results.stream().skip(1)
				.map(line -> line.replaceFirst("(([^,]*,){4}[^,]*),.*", "$1")).toList());
		// The same volume twice: means are the values, and nothing deviates.
		final String[] fbp = Files.readAllLines(folder.resolve("summary.csv")).get(1).split(",");
		assertEquals(results.get(1).split(",")[5], fbp[5]);
		assertEquals(0, Double.parseDouble(fbp[6]), 1e-12);
		assertFalse(Files.exists(folder.resolve("broken")));
	}

	@Test
	void onlyVolumeThatIsBadIsAnError() {
		assertEquals("It is not a volume.", assertThrows(InvalidInputException.class, () -> benchmark(bad())).getMessage());
	}

	@Test
	void summaryHasMeansDeviationsAndTheBestInBold() throws Exception {
		final ScanCase eight = ScanCase.sparse(8, 180);
		final Map<String, List<Row>> rows = new LinkedHashMap<>();
		rows.put("a", List.of(row("P|Q", eight, 30, 0.9, 1.25, 2), row("R", eight, 31, 0.8, 0.9, 4)));
		rows.put("b", List.of(row("P|Q", eight, 32, 0.8, 1.25, 4), row("R", eight, 31, 0.8, 0.9, 6)));
		new Summary(rows, "views over 180 degrees").write(folder);
		final List<String> table = Files.readAllLines(folder.resolve("summary.md"));
		assertEquals("2 volumes: a, b. Scans: views over 180 degrees.", table.get(0));
		assertEquals("| case | method | PSNR (dB) | SSIM | axial | coronal | sagittal | z-consistency | seconds |", table.get(4));
		assertEquals("| 8 views | P\\|Q | **31.00 ± 1.41** | **0.850 ± 0.071** | **0.850 ± 0.071** | **0.850 ± 0.071** | " +
			"**0.850 ± 0.071** | 1.250 ± 0.000 | **3.0 ± 1.4** |", table.get(6));
		assertEquals("| 8 views | R | **31.00 ± 0.00** | 0.800 ± 0.000 | 0.800 ± 0.000 | 0.800 ± 0.000 | 0.800 ± 0.000 | " +
			"**0.900 ± 0.000** | 5.0 ± 1.4 |", table.get(7));
		assertEquals("P|Q,8v,8,180,2,31.0000,1.41421,0.850000,0.0707107,0.850000,0.0707107,0.850000,0.0707107,0.850000," +
			"0.0707107,1.25000,0.00000,3.00000,1.41421", Files.readAllLines(folder.resolve("summary.csv")).get(1));
	}

	/** A mean over fewer volumes is no rival: they may have been the easy ones. */
	@Test
	void methodThatFailedOnAVolumeIsNotTheBest() throws Exception {
		final ScanCase limited = ScanCase.limited(90);
		final Row failed = new Row("P", limited, null, Double.NaN, "", "out of memory");
		new Summary(new LinkedHashMap<>(Map.of("a", List.of(row("P", limited, 40, 0.9, 1, 1), row("R", limited, 31, 0.8, 1, 4)),
			"b", List.of(failed, row("R", limited, 33, 0.8, 1, 6)))), "").write(folder);
		final List<String> table = Files.readAllLines(folder.resolve("summary.md"));
		assertTrue(table.get(6).startsWith("| 90 degrees | P (1 of 2 volumes) | 40.00 | 0.900 |"), table.get(6));
		assertTrue(table.get(7).startsWith("| 90 degrees | R | **32.00 ± 1.41** |"), table.get(7));
	}

	@Test
	void singleVolumeHasNoDeviations() throws Exception {
		new Summary(Map.of("a", List.of(row("P", ScanCase.sparse(8, 180), 30, 0.9, Double.NaN, 2))), "").write(folder);
		assertEquals("| 8 views | P | **30.00** | **0.900** | **0.900** | **0.900** | **0.900** |  | **2.0** |", Files
			.readAllLines(folder.resolve("summary.md")).get(6));
	}

	private static Row row(final String method, final ScanCase scan, final double psnr, final double ssim,
		final double consistency, final double seconds)
	{
		final Scores.Plane plane = new Scores.Plane(psnr, ssim);
		return new Row(method, scan, new Scores(psnr, plane, plane, plane, consistency), seconds, "cpu", null);
	}

	private Benchmark.Outcome benchmark(final Benchmark.Reference... references) {
		final Map<String, Reconstructor> methods = new LinkedHashMap<>();
		methods.put("FBP", new Fbp());
		methods.put("SIRT", new Sirt(3, true));
		return new Benchmark(new Comparison(methods, PROTOCOL, new RunSettings("cpu", 0, null), null)).run(List.of(references),
			folder, (volume, file, lines) -> written.add(folder.relativize(file).toString().replace('\\', '/')), Progress.SILENT,
			log::add);
	}

	private static Benchmark.Reference volume(final String name) {
		return new Benchmark.Reference(name, name, progress -> PHANTOM);
	}

	private static Benchmark.Reference bad() {
		return new Benchmark.Reference("broken", "broken", progress -> {
			throw new InvalidInputException("It is not a volume.");
		});
	}
}
