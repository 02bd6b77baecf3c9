package org.patchct.imagej;

import java.util.Arrays;

import org.patchct.scan.Planes;
import org.patchct.scan.RawScan;

/** One detector row of a stack of radiographs. */
record RowOfScan(Planes all, int row) implements Planes {

	static RawScan of(final RawScan scan, final int row) {
		return new RawScan(scan.name(), new RowOfScan(scan.data(), row), new RowOfScan(scan.flats(), row), new RowOfScan(scan
			.darks(), row), scan.angles(), scan.pixel(), () -> { });
	}

	@Override
	public String name() {
		return all.name();
	}

	@Override
	public int width() {
		return all.width();
	}

	@Override
	public int height() {
		return 1;
	}

	@Override
	public int count() {
		return all.count();
	}

	@Override
	public float[] read(final int k) {
		return Arrays.copyOfRange(all.read(k), row * width(), (row + 1) * width());
	}
}
