package org.patchct.imagej;

import net.imagej.patcher.LegacyInjector;

/** Opens the window of a full ImageJ2, which the Maven profile "fiji" puts on the class path. */
final class FullImageJ {

	private FullImageJ() { }

	/** @throws ReflectiveOperationException if the class path holds only a part of ImageJ2 */
	static void open() throws ReflectiveOperationException {
		LegacyInjector.preinit(FullImageJ.class.getClassLoader());
		final Object ui = Session.context().service("org.scijava.ui.UIService");
		ui.getClass().getMethod("showUI").invoke(ui);
	}
}
