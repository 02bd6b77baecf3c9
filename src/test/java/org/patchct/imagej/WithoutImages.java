package org.patchct.imagej;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of macros that neither see each other's images nor an Escape from before. */
public interface WithoutImages {

	@BeforeEach
	@AfterEach
	default void closeImages() {
		HeadlessMacro.closeImages();
	}
}
