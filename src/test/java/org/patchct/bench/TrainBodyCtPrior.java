package org.patchct.bench;

import com.google.gson.JsonObject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.io.Nifti;
import org.patchct.network.Prediction;
import org.patchct.network.PriorSettings;
import org.patchct.network.UNetConfig;
import org.patchct.task.Progress;
import org.patchct.train.Trainer;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolume;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Trains the bundled prior body-ct: {@code main(data folder, output folder, steps, batch, volumes a step, revision)}.
 * The output folder receives the checkpoint and body-ct.safetensors; started again, it resumes.
 */
public final class TrainBodyCtPrior {

	/** Never looked at in training: the test split. */
	private static final Set<String> TEST = Set.of("liver_crlm_1006", "limb_sts_042", "limb_sts_043", "limb_sts_044",
		"limb_sts_045", "limb_sts_046");

	/** Measured on while training. The heart and the aorta are probably one patient, so both are held out. */
	private static final Set<String> VALIDATION = Set.of("limb_sts_018", "limb_sts_024", "heart_ts", "aorta_ts");

	/** Voxels along the longest side. The second, coarser one makes anatomy of other sizes. */
	private static final int[] SIDES = { 128, 96 };

	private static final double[] SIDE_WEIGHTS = { 2, 1 };

	/** There are 22 limbs and 4 trunks to learn from: trunks are chosen more often, so that both are seen alike. */
	private static final double TRUNK_WEIGHT = 4;

	private TrainBodyCtPrior() { }

	public static void main(final String... args) throws IOException {
		final Path data = Path.of(args[0]), output = Path.of(args[1]);
		final int steps = Integer.parseInt(args[2]), batch = Integer.parseInt(args[3]), volumes = Integer.parseInt(args[4]);
		Files.createDirectories(output);
		final JsonObject record = new JsonObject();
		record.addProperty("revision", args[5]);
		record.addProperty("data", "TotalSegmentator test files (Apache-2.0); TCIA LIDC-IDRI, CPTAC-LSCC, CRLM and " +
			"Soft-tissue-Sarcoma (CC BY 3.0 and 4.0), resampled to cubic voxels");
		final PriorSettings settings = PriorSettings.hounsfield("body-ct", UNetConfig.compact(), Prediction.V).withRecord(
			record);
		final List<TrainingVolume> training = new ArrayList<>(), validation = new ArrayList<>();
		final List<Path> files;
		try (Stream<Path> list = Files.list(data)) {
			files = list.filter(Nifti::isNamed).sorted().toList();
		}
		for (final Path file : files) {
			final String name = file.getFileName().toString().replaceFirst("\\.nii(\\.gz)?$", "");
			if (TEST.contains(name)) continue;
			final Volume volume = Nifti.read(file).named(name);
			if (VALIDATION.contains(name)) validation.add(TrainingVolume.of(Resampling.toCubic(volume, SIDES[0]), settings,
				1));
			else for (int i = 0; i < SIDES.length; i++)
				training.add(TrainingVolume.of(Resampling.toCubic(volume, SIDES[i]).named(name + " at " + SIDES[i]), settings,
					SIDE_WEIGHTS[i] * (name.startsWith("limb") ? 1 : TRUNK_WEIGHT)));
		}
		for (final TrainingVolume volume : training)
			System.out.println("training   " + volume.name() + ": " + volume.columns());
		for (final TrainingVolume volume : validation)
			System.out.println("validation " + volume.name() + ": " + volume.columns());
		final TrainingSettings how = new TrainingSettings(steps, batch, volumes, 2, 1e-3, Math.min(100, steps / 10), 0.01, 0.9,
			0.99, 1, 0.995, true, true, 2026, Math.min(200, steps), 120);
		final JsonObject result = new Trainer(settings, how, training, validation, "auto").onValidation(
			System.out::println).train(output.resolve("checkpoint.safetensors"), output.resolve("body-ct.safetensors"),
				new Console());
		System.out.println(result);
	}

	/** Prints one line every ten seconds. */
	private static final class Console implements Progress {

		private long last;

		@Override
		public void update(final String stage, final double done) {
			if (System.nanoTime() - last < 10e9) return;
			last = System.nanoTime();
			System.out.println(stage);
		}

		@Override
		public void preview(final Img<FloatType> intermediate) { }
	}
}
