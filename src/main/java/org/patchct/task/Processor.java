package org.patchct.task;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.lang.management.ManagementFactory;

/** What this Java virtual machine makes of the processor. */
public final class Processor {

	/** The option with which Java must be started for {@link #vectors}. */
	public static final String OPTION = "--add-modules=jdk.incubator.vector";

	private static final boolean FUSED = isFused();

	private static final boolean VECTORS = FUSED && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

	private Processor() { }

	/** Whether Math.fma is one instruction that multiplies and adds. */
	public static boolean fused() {
		return FUSED;
	}

	/** Whether Java's Vector API can be used; without fused instructions it would be slow. */
	public static boolean vectors() {
		return VECTORS;
	}

	/** For reports: "2 threads, vector instructions". */
	public static String description() {
		return Parallel.threads() + " threads, " + (VECTORS ? "vector instructions" : FUSED
			? "no vector instructions: start Java with " + OPTION : "no fused instructions");
	}

	private static boolean isFused() {
		try {
			return Boolean.parseBoolean(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption("UseFMA")
				.getValue());
		}
		catch (final RuntimeException | LinkageError e) { // another virtual machine, which does not tell
			return false;
		}
	}
}
