package org.patchct.task;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.lang.management.ManagementFactory;

/** What this Java virtual machine makes of the processor. */
public final class Processor {

	private static final boolean FUSED = isFused();

	private Processor() { }

	/** Whether Math.fma is one instruction that multiplies and adds. */
	public static boolean fused() {
		return FUSED;
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
