package org.patchct.train;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32;

import org.patchct.diffusion.PriorWindow;
import org.patchct.network.PriorSettings;
import org.patchct.task.InvalidInputException;
import org.patchct.volume.Columns;
import org.patchct.volume.Intensity;
import org.patchct.volume.Layouts;
import org.patchct.volume.Volume;

/**
 * A volume to learn from.
 *
 * @param name for reports
 * @param columns its voxels in network units
 * @param fbp the filtered back-projection of a scan of it, likewise; null for a diffusion prior, which sees noise
 * @param weight how often it is chosen, relative to the others
 */
public record TrainingVolume(String name, Columns columns, Columns fbp, double weight) {

	public TrainingVolume {
		if (!(weight > 0) || Double.isInfinite(weight)) throw new InvalidInputException("Training volume " + name +
			" has the weight " + weight + ": it must be a positive number.");
	}

	/** For a diffusion prior. */
	public TrainingVolume(final String name, final Columns columns, final double weight) {
		this(name, columns, null, weight);
	}

	/**
	 * Takes a volume as it is: below the window clipped to empty space, above it unclipped. The window is the prior's, or
	 * that of the volume itself where values are uncalibrated ({@link PriorWindow#of(PriorSettings, Intensity)}).
	 *
	 * @throws InvalidInputException if it holds a value that is not a finite number, or has another unit than the prior
	 */
	public static TrainingVolume of(final Volume volume, final PriorSettings settings, final double weight) {
		return new TrainingVolume(volume.name(), network(volume, settings).clampBelow((float) settings.networkLow()), weight);
	}

	/** The same of a volume and the FBP of its scan, which is not clipped. */
	public static TrainingVolume of(final FbpPair pair, final PriorSettings settings, final double weight) {
		final TrainingVolume truth = of(pair.truth(), settings, weight);
		return new TrainingVolume(truth.name, truth.columns, network(pair.fbp(), settings), weight);
	}

	private static Columns network(final Volume volume, final PriorSettings settings) {
		if (!settings.unit().equals(volume.intensity().unit())) throw new InvalidInputException("\"" + volume.name() +
			"\" is in " + volume.intensity().unit() + " and the prior in " + settings.unit() + ": they must be the same.");
		final Columns columns = Layouts.toColumns(volume.img());
		for (final float[] column : columns.data())
			for (final float value : column)
				if (!Float.isFinite(value)) throw new InvalidInputException("\"" + volume.name() +
					"\" has voxels that are not finite numbers. Replace them first (Process > Math > NaN Background).");
		final Intensity window = PriorWindow.of(settings, volume.intensity());
		final double scale = (settings.networkHigh() - settings.networkLow()) / (window.high() - window.low());
		return columns.affine((float) scale, (float) (settings.networkLow() - window.low() * scale));
	}

	/** A checksum of the voxels, to tell whether a checkpoint belongs to the same data. */
	long checksum() {
		final CRC32 crc = new CRC32();
		final ByteBuffer bytes = ByteBuffer.allocate(4 * columns.nz());
		for (final Columns values : fbp == null ? List.of(columns) : List.of(columns, fbp))
			for (final float[] column : values.data()) {
				bytes.asFloatBuffer().put(column);
				crc.update(bytes.array());
			}
		return crc.getValue();
	}
}
