package org.patchct;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between packages. */
class ArchitectureTest {

	private static final String ROOT = "org.patchct";

	/** Each package may use those after it. */
	private static final List<String> LAYERS = List.of("command", "imagej", "evaluate", "train", "diffusion", "network",
		"recon", "projector", "io", "scan", "volume", "task");

	private static JavaClasses classes;

	@BeforeAll
	static void readClasses() {
		classes = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages(
			ROOT);
	}

	@Test
	void everyPackageHasALayer() {
		final Set<String> packages = new TreeSet<>();
		for (final JavaClass c : classes)
			packages.add(c.getPackageName().replaceFirst("org\\.patchct\\.(\\w+).*", "$1"));
		assertEquals(new TreeSet<>(LAYERS), packages);
	}

	@TestFactory
	List<DynamicTest> packagesUseOnlyThoseBelow() {
		return LAYERS.stream().map(layer -> DynamicTest.dynamicTest(layer, () -> {
			final String[] above = LAYERS.subList(0, LAYERS.indexOf(layer)).stream().map(name -> packages(name)).toArray(
				String[]::new);
			if (above.length > 0) check(noClasses().that().resideInAPackage(packages(layer)).should()
				.dependOnClassesThat().resideInAnyPackage(above));
		})).toList();
	}

	@Test
	void onlyImagejAndCommandKnowImageJ() {
		check(noClasses().that().resideOutsideOfPackages(packages("imagej"), packages("command")).should()
			.dependOnClassesThat().resideInAnyPackage("ij..", "net.imagej.."));
	}

	@Test
	void onlyNetworkTrainAndDiffusionKnowDjl() {
		check(noClasses().that().resideOutsideOfPackages(packages("network"), packages("train"), packages("diffusion"))
			.should().dependOnClassesThat().resideInAPackage("ai.djl.."));
	}

	@Test
	void onlyTheCudaProjectorKnowsJCuda() {
		check(noClasses().that().resideOutsideOfPackage(packages("projector.cuda")).should().dependOnClassesThat()
			.resideInAPackage("jcuda.."));
	}

	@Test
	void onlyFiguresAndImagejKnowAwt() {
		check(noClasses().that().resideOutsideOfPackages(packages("evaluate"), packages("imagej"), packages("command"))
			.should().dependOnClassesThat().resideInAnyPackage("java.awt..", "javax.swing.."));
	}

	@Test
	void volumeKnowsOnlyImgLib2() {
		check(classes().that().resideInAPackage(packages("volume")).should().onlyDependOnClassesThat().resideInAnyPackage(
			"java..", "net.imglib2..", packages("volume"), packages("task")));
	}

	@Test
	void nothingPrintsButTheLauncher() {
		check(noClasses().that().haveNameNotMatching(".*\\.(Launcher|MacroRun(\\$.*)?)").should().accessField(System.class,
			"out").orShould().accessField(System.class, "err").orShould().callMethod(Throwable.class, "printStackTrace"));
	}

	@Test
	void nothingEndsTheJvmButTheLauncher() {
		check(noClasses().that().doNotHaveSimpleName("Launcher").should().callMethod(System.class, "exit", int.class));
	}

	private static String packages(final String layer) {
		return ROOT + "." + layer + "..";
	}

	private static void check(final ArchRule rule) {
		rule.check(classes);
	}
}
