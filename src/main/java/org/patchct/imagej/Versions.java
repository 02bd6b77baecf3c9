package org.patchct.imagej;

import ij.IJ;

import org.scijava.Context;
import org.scijava.util.VersionUtils;

/** Versions of this program and of what it runs in. */
public final class Versions {

	private Versions() { }

	/** Of this program. */
	public static String patchCt() {
		return VersionUtils.getVersion(Versions.class);
	}

	/** "PatchCT 0.1.0, ImageJ 1.54p, SciJava 2.100.1, Java 17.0.15" */
	public static String line() {
		return "PatchCT " + patchCt() + ", ImageJ " + IJ.getFullVersion() + ", SciJava " + VersionUtils.getVersion(
			Context.class) + ", Java " + System.getProperty("java.version");
	}
}
