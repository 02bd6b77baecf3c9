package org.patchct.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import ij.WindowManager;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.patchct.imagej.HeadlessMacro;
import org.patchct.imagej.Images;
import org.patchct.imagej.WithoutImages;
import org.scijava.Context;
import org.scijava.script.ScriptService;

/** What users are shown as examples works. */
class ExamplesTest implements WithoutImages {

	private static final String SCRIPT = "script_templates/PatchCT/Fewer_Views.groovy";

	@TempDir
	Path folder;

	@Test
	void methodOfOnesOwnIsInTheMenuTheComparisonAndBatches() throws Exception {
		final Path input = Files.createDirectory(folder.resolve("in")), output = folder.resolve("out");
		final HeadlessMacro.Result result = HeadlessMacro.run("""
			run('CT Phantom...', 'size=16');
			saveAs('Tiff', '%1$s/in/thorax.tif');
			run('CT Simulate Projections...', 'views=20');
			run('CT Other Method...', 'method=Landweber device=cpu');
			print(getTitle());
			run('CT Compare Methods...', 'reference=thorax.tif methods=[FBP, Landweber] views=20 size=16 output=[%1$s/compared]');
			run('CT Batch Reconstruct...', 'input=[%1$s/in] output=[%1$s/out] method=Landweber options=[device=cpu] scan=[views=20]');
			""".formatted(folder));
		assertTrue(result.ok(), result.err());
		assertTrue(result.out().startsWith("Landweber of thorax (20 views)\n"), result.out());
		assertEquals("Landweber, 50 iterations", Images.line(WindowManager.getCurrentImage(), "Method"));
		assertTrue(Files.exists(output.resolve("thorax_Landweber.tif")), input + " " + result.out());
		final List<String> table = Files.readAllLines(folder.resolve("compared").resolve("comparison.csv"));
		assertTrue(table.get(2).startsWith("Landweber,20,"), table.toString());
		assertTrue(Double.parseDouble(table.get(2).split(",")[2]) > 18, table.toString());
	}

	@Test
	void readmeShowsTheMethodAsItIs() throws Exception {
		final String example = Files.readString(Path.of("src/test/java/org/patchct/example/Landweber.java"));
		assertTrue(example.lines().count() <= 40);
		assertTrue(Files.readString(Path.of("README.md")).contains("```java\n" + example + "```\n"));
	}

	@Test
	void groovyTemplateRuns() throws Exception {
		try (Context context = new Context(); Reader script = new InputStreamReader(getClass().getClassLoader()
			.getResourceAsStream(SCRIPT), StandardCharsets.UTF_8))
		{
			final String table = (String) context.service(ScriptService.class).run("Fewer_Views.groovy", script, true, "size", 16,
				"views", "12,4").get().getOutput("table");
			final List<String> rows = table.lines().toList();
			assertEquals("views,FBP,ADMM-TV", rows.get(0));
			assertEquals(List.of("12", "4"), rows.stream().skip(1).map(row -> row.split(",")[0]).toList());
			for (final String row : rows.subList(1, 3))
				assertTrue(Double.parseDouble(row.split(",")[2]) < Double.parseDouble(row.split(",")[1]), table);
		}
	}
}
