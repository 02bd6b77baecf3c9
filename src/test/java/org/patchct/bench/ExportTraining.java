package org.patchct.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

import org.patchct.io.Nifti;
import org.patchct.network.FbpScan;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.PriorSettings;
import org.patchct.network.SafeTensors;
import org.patchct.recon.RampFilter;
import org.patchct.task.Progress;
import org.patchct.train.FbpPair;
import org.patchct.train.FbpPairs;
import org.patchct.train.PriorKind;
import org.patchct.train.TrainingPreset;
import org.patchct.train.TrainingSettings;
import org.patchct.train.TrainingVolume;
import org.patchct.volume.Columns;
import org.patchct.volume.Grid;
import org.patchct.volume.Resampling;
import org.patchct.volume.Volume;

/**
 * Writes the volumes and settings that a bundled prior is trained with, for src/test/python/train_prior.py:
 *
 * <pre>
 * mvn -q test-compile exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.patchct.bench.ExportTraining \
 *   -Dexec.args="NAME DATA_FOLDER STEPS REVISION OUTPUT.safetensors"
 * python3 src/test/python/train_prior.py OUTPUT.safetensors FOLDER --bfloat16
 * </pre>
 *
 * NAME is body-ct or mouse-microct, the priors for 3-D patches, or one of these followed by
 * <ul>
 * <li>-slices: single slices, variance preserving;</li>
 * <li>-slices-ve: single slices, variance exploding; it starts best from the weights of -slices
 * ({@code --from FOLDER/body-ct-slices.safetensors}), which are told the same of the same σ;</li>
 * <li>-groups: groups of three slices;</li>
 * <li>-fbp-VIEWS: the network of FBP-UNet for scans of so many views, of volumes of 128 voxels projected from grids twice as
 * fine with 1e5 photons per bin.</li>
 * </ul>
 *
 * body-ct was trained with 13000 steps on the human CT, mouse-microct with 7000 on the mouse heads. Both then went on from
 * themselves:
 *
 * <pre>
 * python3 src/test/python/train_prior.py OUTPUT.safetensors FOLDER2 --bfloat16 --from FOLDER/NAME.safetensors \
 *   --set training.steps=STEPS --set training.learningRate=RATE --set training.expertShares=[LOW,HIGH] \
 *   --set training.seed=SEED
 *
 * body-ct         16000 steps, rate 0.001,  shares 0.5, 0.5,   seed 2027
 * body-ct again   18000 steps, rate 0.001,  shares 0.7, 0.3,   seed 2028
 * mouse-microct   13000 steps, rate 0.0015, shares 0.65, 0.35, seed 2027
 * </pre>
 *
 * Those for slices and groups were trained with 12000 steps on the human CT and with 10000 on the mouse heads,
 *
 * <pre>
 *   --set training.steps=STEPS --set training.batch=2 --set training.volumesPerStep=2 --set training.learningRate=0.004
 * </pre>
 *
 * and from those for slices the exploding ones with 3000 more at a rate of 0.001, the rest as before. Those of FBP-UNet were
 * trained with 3000 steps (for 4 views 1500) at a rate of 0.004.
 */
public final class ExportTraining {

	private static final long SEED = 2026;

	/**
	 * How a prior is made.
	 *
	 * @param unit of its volumes
	 * @param test volumes that nothing may be chosen by
	 * @param validation volumes to measure on while training
	 * @param sides voxels along the longest side that the volumes are resampled to, besides their own grids
	 * @param data where they are from
	 */
	private record Recipe(String unit, Set<String> test, Set<String> validation, int[] sides, String data) { }

	/** The heart and the aorta are probably one patient, so both are held out. */
	private static final Recipe BODY = new Recipe("HU", Set.of("liver_crlm_1006", "limb_sts_042", "limb_sts_043",
		"limb_sts_044", "limb_sts_045", "limb_sts_046"), Set.of("limb_sts_018", "limb_sts_024", "heart_ts", "aorta_ts"),
		new int[] { 128, 96 }, "TotalSegmentator test files (Apache-2.0); TCIA LIDC-IDRI, CPTAC-LSCC, CRLM and " +
			"Soft-tissue-Sarcoma (CC BY 3.0 and 4.0), resampled to cubic voxels and as they are");

	private static final Recipe MOUSE = new Recipe("grey", Set.of("NZW_LACJ_", "PERC.EiJ_", "PL.J_", "PWK.PhJ_",
		"SF.CamEiJ_"), Set.of("B6SJLF1.J_", "C57L_J_", "FVB_NJ_", "NOR.LtJ_"), new int[] { 128 },
		"Micro-CT of mouse heads, one of each of 41 strains: mouse_CT_atlas of M. Maga (GPL-3), resampled to cubic voxels " +
			"and as they are");

	/** There are 22 limbs and 4 trunks to learn from: trunks are chosen more often, so that both are seen alike. */
	private static final double TRUNK_WEIGHT = 4;

	/** Names of the FBP of volumes end with this. */
	private static final String FBP = ", FBP";

	/** Photons per bin, oversampling, and scans of each volume to learn from, for FBP. */
	private static final double PHOTONS = 1e5;

	private static final int OVERSAMPLE = 2, SCANS = 2;

	private ExportTraining() { }

	public static void main(final String... args) throws IOException {
		final String name = args[0];
		if (!name.matches("(body-ct|mouse-microct)(-slices|-slices-ve|-groups|-fbp-\\d+)?")) throw new IllegalArgumentException(
			name + ": body-ct or mouse-microct, and -slices, -slices-ve, -groups or -fbp-VIEWS if wanted");
		final Recipe recipe = name.startsWith("body-ct") ? BODY : MOUSE;
		final PriorKind kind = name.endsWith("-groups") ? PriorKind.GROUPS : name.matches(".*-(slices|fbp).*")
			? PriorKind.SLICES : PriorKind.PATCHES;
		final FbpScan scan = name.contains("-fbp-") ? new FbpScan(Integer.parseInt(name.replaceFirst(".*-", "")), 180, PHOTONS,
			RampFilter.Window.RAM_LAK) : null;
		final PriorSettings settings = TrainingPreset.LAPTOP.prior(name, recipe.unit, kind, name.endsWith("-ve")
			? NoiseSchedule.Kind.VE : NoiseSchedule.Kind.VP);
		final int steps = Integer.parseInt(args[2]);
		final TrainingSettings training = scan == null ? TrainingPreset.LAPTOP.training(steps, SEED, kind)
			: TrainingPreset.LAPTOP.training(steps, SEED, scan);
		final List<Path> files;
		try (Stream<Path> list = Files.list(Path.of(args[1]))) {
			files = list.filter(Nifti::isNamed).sorted().toList();
		}
		if (files.isEmpty()) throw new IllegalArgumentException("There are no NIfTI files in " + args[1]);
		final List<SafeTensors.Source> tensors = new ArrayList<>();
		final JsonArray volumes = new JsonArray();
		final List<TrainingVolume> learned = new ArrayList<>();
		double finest = Double.POSITIVE_INFINITY, coarsest = 0;
		for (final Path file : files) {
			final String volume = file.getFileName().toString().replaceFirst("\\.nii(\\.gz)?$", "");
			if (recipe.test.contains(volume)) continue;
			final boolean validation = recipe.validation.contains(volume);
			final double weight = recipe == MOUSE || volume.startsWith("limb") ? 1 : TRUNK_WEIGHT;
			final Volume own = Nifti.read(file).named(volume);
			final List<TrainingVolume> versions = new ArrayList<>();
			final List<Grid> grids = new ArrayList<>();
			if (scan != null) for (final FbpPair pair : new FbpPairs(scan, recipe.sides[0], OVERSAMPLE, validation ? 1 : SCANS, SEED,
				"cpu").of(own, Progress.SILENT))
			{
				versions.add(TrainingVolume.of(pair, settings, validation ? 1 : weight));
				grids.add(pair.truth().grid());
			}
			else for (final Volume version : validation ? versions(own, recipe).subList(0, 1) : versions(own, recipe)) {
				// The first size is the one that the prior is meant for.
				versions.add(TrainingVolume.of(version, settings, validation ? 1 : versions.isEmpty() ? 2 * weight : weight));
				grids.add(version.grid());
			}
			for (final TrainingVolume version : versions) {
				final JsonObject entry = new JsonObject();
				entry.addProperty("name", version.name());
				entry.addProperty("weight", version.weight());
				entry.addProperty("validation", validation);
				volumes.add(entry);
				tensors.add(tensor(version.name(), version.columns()));
				if (scan != null) tensors.add(tensor(version.name() + FBP, version.fbp()));
			}
			if (validation) continue;
			learned.addAll(versions);
			for (final Grid grid : grids) {
				finest = Math.min(finest, DoubleStream.of(grid.dx(), grid.dy(), grid.dz()).min().getAsDouble());
				coarsest = Math.max(coarsest, DoubleStream.of(grid.dx(), grid.dy(), grid.dz()).max().getAsDouble());
			}
		}
		final JsonObject record = new JsonObject(), job = new JsonObject();
		record.addProperty("revision", args[3]);
		record.addProperty("data", recipe.data);
		final JsonArray voxels = new JsonArray();
		voxels.add(finest);
		voxels.add(coarsest);
		record.add("voxelSize", voxels);
		job.add("prior", JsonParser.parseString((scan == null ? settings : TrainingPreset.fbp(settings, scan, FbpPairs.error(
			learned))).withRecord(record).toJson()));
		job.add("training", training.toJson());
		job.add("volumes", volumes);
		SafeTensors.write(Path.of(args[4]), Map.of("patchct-training", job.toString()), tensors);
	}

	/** A volume at the sizes of a recipe, and as it is. */
	private static List<Volume> versions(final Volume own, final Recipe recipe) {
		final List<Volume> versions = new ArrayList<>();
		for (final int side : recipe.sides)
			versions.add(Resampling.toCubic(own, side).named(own.name() + " at " + side));
		versions.add(own);
		return versions;
	}

	/** The voxels, (z, y, x), network units. */
	private static SafeTensors.Source tensor(final String name, final Columns c) {
		return new SafeTensors.Source(name, new long[] { c.nz(), c.ny(), c.nx() }, () -> {
			final float[] values = new float[Math.toIntExact((long) c.nx() * c.ny() * c.nz())];
			for (int z = 0, i = 0; z < c.nz(); z++)
				for (int y = 0; y < c.ny(); y++)
					for (int x = 0; x < c.nx(); x++)
						values[i++] = c.column(x, y)[z];
			return values;
		});
	}
}
