package org.patchct.imagej;

import java.io.IOException;
import java.io.UncheckedIOException;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Prepares ImageJ for macros before any test can load one of its classes. */
public class HeadlessImageJListener implements LauncherSessionListener {

	@Override
	public void launcherSessionOpened(final LauncherSession session) {
		try {
			HeadlessImageJ.start();
		}
		catch (final IOException e) {
			throw new UncheckedIOException(e);
		}
	}
}
