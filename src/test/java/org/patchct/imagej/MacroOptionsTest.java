package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class MacroOptionsTest {

	@Test
	void readsBareBracketedAndQuotedValues() {
		assertEquals(Map.of("views", "8", "image", "my scan", "window", "Hann", "output", "/a b/c"), MacroOptions.parse(
			"views=8 image=[my scan] window='Hann' output=[/a b/c]"));
	}

	@Test
	void bracketsNestAndHideKeys() {
		assertEquals(Map.of("image", "a [1] views=3", "views", "8"), MacroOptions.parse("image=[a [1] views=3] views=8"));
	}

	@Test
	void keyWithoutValueIsATickedBox() {
		assertEquals(Map.of("nonnegative", "true", "views", "8"), MacroOptions.parse("nonnegative views=8 "));
	}

	@Test
	void keysAreLowerCaseAndTheFirstValueCounts() {
		assertEquals(Map.of("views", "8"), MacroOptions.parse("Views=8 views=9"));
	}

	@Test
	void emptyAndUnclosedValuesDoNotSwallowWhatIsBefore() {
		assertEquals(Map.of("a", "", "b", "", "c", "[x y"), MacroOptions.parse("a= b=[] c=[x y"));
	}

	@Test
	void keepsTheOrder() {
		assertEquals(List.of("z", "a", "m"), List.copyOf(MacroOptions.parse("z=1 a=2 m=3").keySet()));
	}
}
