package org.patchct.imagej;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.event.KeyEvent;
import java.util.concurrent.atomic.AtomicBoolean;

import ij.IJ;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.patchct.task.CancelledException;

class TaskProgressTest {

	private static final long SECOND = 1_000_000_000L;

	@AfterEach
	void releaseEscape() {
		IJ.resetEscape();
	}

	@Test
	void escapeCancels() {
		final TaskProgress progress = new TaskProgress("Test", () -> false);
		assertFalse(progress.cancelled());
		IJ.setKeyDown(KeyEvent.VK_ESCAPE);
		assertTrue(progress.cancelled());
		assertThrows(CancelledException.class, progress.part(0, 0.5)::checkCancelled);
	}

	@Test
	void escapeBeforeTheStartIsForgotten() {
		IJ.setKeyDown(KeyEvent.VK_ESCAPE);
		assertFalse(new TaskProgress("Test", () -> false).cancelled());
	}

	@Test
	void callerCancels() {
		final AtomicBoolean stop = new AtomicBoolean();
		final TaskProgress progress = new TaskProgress("Test", stop::get);
		assertFalse(progress.cancelled());
		stop.set(true);
		assertTrue(progress.cancelled());
	}

	@Test
	void timeLeftIsProportional() {
		assertEquals(", 30 s left", TaskProgress.remaining("Solving", 10 * SECOND, 0.25));
		assertEquals(", 15 min left", TaskProgress.remaining("Solving", 100 * SECOND, 0.1));
	}

	@Test
	void noEstimateWithoutGroundOrBesideAnother() {
		assertEquals("", TaskProgress.remaining("Solving", SECOND, 0.5));
		assertEquals("", TaskProgress.remaining("Solving", 100 * SECOND, 0));
		assertEquals("", TaskProgress.remaining("Solving", 100 * SECOND, Double.NaN));
		assertEquals("", TaskProgress.remaining("Solving", 100 * SECOND, 1));
		assertEquals("", TaskProgress.remaining("Step 2 of 3, 5 min left", 100 * SECOND, 0.5));
	}
}
