package org.patchct.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import net.imglib2.img.Img;
import net.imglib2.type.numeric.real.FloatType;

import org.patchct.diffusion.PatchTiling;
import org.patchct.io.WholeFile;
import org.patchct.network.NoiseSchedule;
import org.patchct.network.Prior;
import org.patchct.network.PriorSettings;
import org.patchct.network.SafeTensors;
import org.patchct.network.WaveletUNet;
import org.patchct.task.CancelledException;
import org.patchct.task.InvalidInputException;
import org.patchct.task.Progress;

/**
 * Trains a prior on patches (Yang et al. 2025, algorithm 2) by the mean squared error of what the network predicts. Unlike
 * there, the patches of a step share a few volumes, each with one noise volume, and each has its own noise level; the
 * levels of a batch belong to one of the network's experts and are dealt out evenly over its range. A network for
 * FBP-UNet, whose one level is the error of filtered back-projections, is given these instead of patches with noise.
 * <p>
 * All random numbers of step k come from a seed mixed from the run's seed and k, so a run that is stopped and resumed
 * from its checkpoint ends with the same bits as one that was not, on the same device with the same number of threads.
 * </p>
 */
public final class Trainer {

	/** Levels at which validation looks, those of the project's denoising table and two noisier ones. */
	static final int[] VALIDATION_LEVELS = { 50, 100, 200, 400, 600, 800 };

	/** Patches of each validation volume; every level sees the same ones. */
	static final int VALIDATION_PATCHES = 8;

	/** Patches that the deviations of a network's bands are measured on. */
	private static final int BAND_PATCHES = 128;

	/** Steps whose batches they are, downwards: steps that no training has. */
	private static final int BANDS = -1000;

	/** The convolutions that Muon trains. */
	private static final Pattern HIDDEN = Pattern.compile(".*\\.conv[12]\\.weight");

	/** Streams of random numbers that must not meet. */
	private static final long INITIALISATION = -1, VALIDATION = -2, SAMPLE = -3;

	private final PriorSettings settings;

	private final TrainingSettings training;

	private final List<Batch.Source> sources = new ArrayList<>();

	private final List<Batch.Source> heldOut = new ArrayList<>();

	private final NoiseSchedule schedule;

	private final String device;

	/** What makes two runs the same, for checkpoints. */
	private final JsonObject run;

	private Path start;

	private Consumer<Validation> onValidation = validation -> { };

	private StepListener onStep = (step, loss) -> { };

	private Consumer<Img<FloatType>> onSample;

	/** Is told every step that is done. */
	@FunctionalInterface
	public interface StepListener {

		/**
		 * @param step its number, from 1
		 * @param loss running mean of the training loss
		 */
		void step(int step, double loss);
	}

	/**
	 * @param settings of the prior to make; its record is filled by the training
	 * @param training how
	 * @param volumes to learn from, at least one
	 * @param validation to measure on; may be empty
	 * @param device as in {@link org.patchct.network.TorchEngine#choose}
	 */
	public Trainer(final PriorSettings settings, final TrainingSettings training, final List<TrainingVolume> volumes,
		final List<TrainingVolume> validation, final String device)
	{
		if (volumes.isEmpty()) throw new InvalidInputException(
			"There are no volumes to train on. Choose a folder with at least one that can be read.");
		for (final List<TrainingVolume> list : List.of(volumes, validation))
			for (final TrainingVolume volume : list)
				if ((settings.fbp() != null) != (volume.fbp() != null)) throw new IllegalArgumentException("\"" + volume.name() +
					"\" has " + (volume.fbp() == null ? "no" : "an") + " FBP, which the network " + (settings.fbp() == null
						? "cannot use" : "corrects"));
		if (training.expertShares().size() != settings.network().bounds().size() + 1) throw new InvalidInputException(
			"Training settings with the expert shares " + training.expertShares() + " for a network whose experts meet at the " +
				"noise levels " + settings.network().bounds() + ": there must be one share more than levels.");
		this.settings = settings;
		this.training = training;
		this.device = device;
		schedule = NoiseSchedule.of(settings);
		for (final TrainingVolume volume : volumes)
			sources.add(new Batch.Source(settings, volume));
		for (final TrainingVolume volume : validation)
			heldOut.add(new Batch.Source(settings, volume));
		run = describe(volumes, validation);
	}

	/**
	 * Starts with the weights of a prior, or the last weights of another run's checkpoint, instead of random ones: to go on
	 * with other settings or volumes. They must be of the same network. The start is a part of what the run is: its own
	 * checkpoint is only resumed from the same start.
	 *
	 * @throws InvalidInputException if the file is missing or damaged
	 */
	public Trainer startFrom(final Path priorOrCheckpoint) {
		start = priorOrCheckpoint;
		try (SafeTensors tensors = SafeTensors.open(start)) {
			run.addProperty("startedFrom", start.getFileName() + ", SHA-256 " + tensors.digest());
		}
		return this;
	}

	/** Is told every validation as it is made. */
	public Trainer onValidation(final Consumer<Validation> listener) {
		onValidation = listener;
		return this;
	}

	/** Is told every step as it is done. */
	public Trainer onStep(final StepListener listener) {
		onStep = listener;
		return this;
	}

	/**
	 * Is given a picture after the first step of a run and at every validation: the middle slice of the first validation
	 * volume, or of the first training volume, without noise, with noise and denoised side by side, in window units; for
	 * FBP-UNet the truth, the FBP and what becomes of it. The weights do not depend on whether anybody looks.
	 */
	public Trainer onSample(final Consumer<Img<FloatType>> listener) {
		onSample = listener;
		return this;
	}

	private JsonObject describe(final List<TrainingVolume> volumes, final List<TrainingVolume> validation) {
		final JsonObject json = new JsonObject();
		json.add("prior", com.google.gson.JsonParser.parseString(settings.withRecord(null).toJson()));
		json.add("training", training.toJson());
		json.add("volumes", describe(volumes));
		json.add("validation", describe(validation));
		return json;
	}

	private static JsonArray describe(final List<TrainingVolume> volumes) {
		final JsonArray list = new JsonArray();
		for (final TrainingVolume volume : volumes)
			list.add(volume.name() + ", " + volume.columns() + ", weight " + volume.weight() + ", CRC-32 " + Long.toHexString(
				volume.checksum()));
		return list;
	}

	/**
	 * Trains from the start, or from {@code checkpoint} if that file exists, and leaves a checkpoint of the last step
	 * there however it ends.
	 *
	 * @param checkpoint file for the checkpoints
	 * @param prior file for the trained prior, written when all steps are done
	 * @param progress asked after every step whether to stop
	 * @return the training's record, as it is kept in the prior
	 * @throws InvalidInputException if the checkpoint is damaged or of another run, a file cannot be written, or the
	 *           weights become infinite
	 * @throws CancelledException if the user stopped it; the checkpoint is kept
	 */
	public JsonObject train(final Path checkpoint, final Path prior, final Progress progress) {
		try (Prior network = initial(); Prior mean = Prior.create(settings, device, 0))
		{
			return new Run(network, mean, checkpoint, progress).train(prior);
		}
	}

	private Prior initial() {
		final Prior prior = Prior.create(settings, device, Batch.mix(training.seed(), INITIALISATION));
		try {
			if (start != null) try (SafeTensors tensors = SafeTensors.open(start)) {
				prior.network().stateDict().forEach((name, parameter) -> prior.network().set(parameter, prior.manager().create(
					Checkpoint.weights(start, tensors, name, parameter.getShape().getShape()), parameter.getShape())));
			}
			return prior;
		}
		catch (final RuntimeException | Error e) {
			prior.close();
			throw e;
		}
	}

	/** The patches of step {@code step}. */
	private Batch batch(final int step) {
		final SplittableRandom random = new SplittableRandom(Batch.mix(training.seed(), step));
		final int perVolume = training.batch() / training.volumesPerStep();
		final int[] levels = new int[training.batch()];
		final int[] range = range(random.nextDouble());
		// One level from each of as many equally likely parts of the range, dealt out at random.
		for (int i = 0; i < levels.length; i++)
			levels[i] = range[0] + (int) (Math.pow((i + random.nextDouble()) / levels.length, training.levelPower()) * (range[1] -
				range[0]));
		for (int i = levels.length - 1; i > 0; i--) {
			final int j = random.nextInt(i + 1), swap = levels[i];
			levels[i] = levels[j];
			levels[j] = swap;
		}
		final List<Batch.Draw> draws = new ArrayList<>();
		for (int v = 0; v < training.volumesPerStep(); v++) {
			final Batch.Source source = choose(random.nextDouble());
			final boolean transpose = training.transpose() && random.nextBoolean();
			final boolean flipX = training.flips() && random.nextBoolean(), flipY = training.flips() && random.nextBoolean(),
					flipZ = training.flips() && random.nextBoolean();
			final long noiseSeed = random.nextLong();
			final int[] own = java.util.Arrays.copyOfRange(levels, v * perVolume, (v + 1) * perVolume);
			draws.add(new Batch.Draw(source, flipX, flipY, flipZ, transpose, noiseSeed, patches(source, transpose, perVolume,
				random), own, spacings(perVolume, random)));
		}
		final Batch batch = Batch.of(settings, schedule, draws);
		if (settings.slices() > 0) return batch;
		final int first = settings.globalChannel() ? 2 : 1;
		for (int i = 0; i < levels.length; i++) {
			final boolean dropGlobal = random.nextDouble() < training.conditionDropout(), dropPosition = random
				.nextDouble() < training.conditionDropout();
			if (dropGlobal) batch.drop(i, 1, first);
			if (dropPosition) batch.drop(i, first, settings.network().inChannels());
		}
		return batch;
	}

	/** The levels of one of the network's experts, first and behind the last, chosen by the experts' shares. */
	private int[] range(final double uniform) {
		final List<Integer> bounds = settings.network().bounds();
		int expert = 0;
		for (double left = uniform - training.expertShares().get(0); left >= 0 && expert < bounds.size(); expert++)
			left -= training.expertShares().get(expert + 1);
		return new int[] { expert == 0 ? 0 : bounds.get(expert - 1), expert == bounds.size() ? schedule.levels() : bounds.get(
			expert) };
	}

	private Batch.Source choose(final double uniform) {
		double total = 0;
		for (final Batch.Source source : sources)
			total += source.volume.weight();
		double left = uniform * total;
		for (final Batch.Source source : sources) {
			left -= source.volume.weight();
			if (left < 0) return source;
		}
		return sources.get(sources.size() - 1);
	}

	/**
	 * Patches at uniform places among those that hold a voxel of the unpadded volume; of slices, crops within them, or around
	 * them where they are smaller.
	 */
	private List<PatchTiling.Patch> patches(final Batch.Source source, final boolean transpose, final int count,
		final SplittableRandom random)
	{
		final var columns = source.volume.columns();
		final int p = settings.patch(), nx = transpose ? columns.ny() : columns.nx(), ny = transpose ? columns.nx()
			: columns.ny();
		final List<PatchTiling.Patch> patches = new ArrayList<>();
		for (int i = 0; i < count; i++)
			patches.add(settings.slices() > 0 ? new PatchTiling.Patch(p + crop(nx, random), p + crop(ny, random), p + random
				.nextInt(columns.nz())) : new PatchTiling.Patch(1 + random.nextInt(nx + p - 1), 1 + random.nextInt(ny + p - 1), 1 + random
				.nextInt(columns.nz() + p - 1)));
		return patches;
	}

	/** First voxel of a crop of a side of {@code n} voxels; negative where that is shorter than the crop. */
	private int crop(final int n, final SplittableRandom random) {
		final int room = n - settings.patch();
		return random.nextInt(Math.min(0, room), Math.max(0, room) + 1);
	}

	/** Places of spacings in the network's list, each as likely; null if there are none. */
	private int[] spacings(final int count, final SplittableRandom random) {
		final int known = settings.network().spacings().size();
		return known == 0 ? null : IntStream.range(0, count).map(i -> random.nextInt(known)).toArray();
	}

	/** The same patches, noise and levels at every validation: for each volume and level a batch. */
	private List<Batch> validationBatches() {
		final List<Batch> batches = new ArrayList<>();
		for (int v = 0; v < heldOut.size(); v++) {
			final SplittableRandom random = new SplittableRandom(Batch.mix(Batch.mix(training.seed(), VALIDATION), v));
			final Batch.Source source = heldOut.get(v);
			final List<PatchTiling.Patch> patches = patches(source, false, VALIDATION_PATCHES, random);
			final long noiseSeed = random.nextLong();
			final int[] spacings = spacings(VALIDATION_PATCHES, random);
			for (final int level : validationLevels()) {
				final int[] levels = new int[VALIDATION_PATCHES];
				java.util.Arrays.fill(levels, level);
				batches.add(Batch.of(settings, schedule, List.of(new Batch.Draw(source, false, false, false, false, noiseSeed,
					patches, levels, spacings))));
			}
		}
		return batches;
	}

	private int[] validationLevels() {
		return java.util.Arrays.stream(VALIDATION_LEVELS).map(schedule::like).filter(t -> t < schedule.levels())
			.distinct().toArray();
	}

	/** One call of {@link #train}. */
	private final class Run {

		private final Prior network, mean;

		private final Path file;

		private final Progress progress;

		private final List<Parameter> parameters;

		private final List<String> names;

		private final List<long[]> shapes = new ArrayList<>();

		private final float[][] weights, average;

		private final AdamW optimiser;

		private final Balance balance = new Balance(schedule);

		private final List<Validation> validations = new ArrayList<>();

		private final List<Batch> validationBatches;

		private SampleSlice sample;

		private int step;

		private double trainingLoss;

		private double secondsBefore;

		private long started;

		Run(final Prior network, final Prior mean, final Path file, final Progress progress) {
			this.network = network;
			this.mean = mean;
			this.file = file;
			this.progress = progress;
			parameters = new ArrayList<>(network.network().stateDict().values());
			names = new ArrayList<>(network.network().stateDict().keySet());
			weights = new float[parameters.size()][];
			average = new float[parameters.size()][];
			for (int i = 0; i < weights.length; i++) {
				shapes.add(parameters.get(i).getShape().getShape());
				weights[i] = parameters.get(i).getArray().toFloatArray();
				average[i] = weights[i].clone();
			}
			optimiser = new AdamW(training, weights);
			validationBatches = validationBatches();
		}

		JsonObject train(final Path prior) {
			WholeFile.removeLeftovers(file);
			WholeFile.removeLeftovers(prior);
			if (Files.exists(file)) {
				final Checkpoint.State state = Checkpoint.read(file, run.toString(), names, weights, average, optimiser.first(), optimiser
					.second());
				step = state.step();
				secondsBefore = state.seconds();
				trainingLoss = state.trainingLoss();
				validations.addAll(state.validations());
				balance.restore(state.balance());
			}
			else if (start == null) measureBands();
			started = System.nanoTime();
			final int first = step;
			long saved = started;
			// The next batch is made while the network works on this one.
			final ExecutorService ahead = Executors.newSingleThreadExecutor(task -> {
				final Thread thread = new Thread(task, "PatchCT batches");
				thread.setDaemon(true);
				return thread;
			});
			try {
				Future<Batch> next = ahead.submit(() -> batch(first));
				while (step < training.steps()) {
					if (progress.cancelled()) {
						save();
						throw new CancelledException();
					}
					final Batch batch = get(next);
					final int following = step + 1;
					if (following < training.steps()) next = ahead.submit(() -> batch(following));
					final double loss = step(batch);
					// Running mean over about fifty steps, for display.
					trainingLoss = step == 0 ? loss : trainingLoss + (loss - trainingLoss) / Math.min(50, step + 1);
					step++;
					report(first);
					onStep.step(step, trainingLoss);
					if (step % training.validateEvery() == 0 || step == training.steps()) validate();
					if (step == first + 1 || step % training.validateEvery() == 0 || step == training.steps()) showSample();
					if (System.nanoTime() - saved > training.checkpointSeconds() * 1e9 || step == training.steps()) {
						save();
						saved = System.nanoTime();
					}
				}
			}
			finally {
				ahead.shutdownNow();
			}
			final JsonObject record = record();
			Prior.save(prior, settings.withRecord(record), sources());
			return record;
		}

		/** Sets what a {@link WaveletUNet} must know of its bands from patches without noise. */
		private void measureBands() {
			if (!(network.network() instanceof WaveletUNet net)) return;
			final int batches = Math.max(1, BAND_PATCHES / training.batch());
			final List<float[]> drawn = IntStream.range(0, batches).mapToObj(i -> batch(BANDS - i).clean()).toList();
			final int each = drawn.get(0).length;
			final float[] clean = new float[batches * each];
			for (int i = 0; i < batches; i++)
				System.arraycopy(drawn.get(i), 0, clean, i * each, each);
			final float[][] deviations;
			try (NDManager manager = network.manager().newSubManager()) {
				deviations = net.deviations(array(manager, clean, batches * training.batch()).sub(settings.networkLow()));
			}
			for (int expert = 0; expert <= settings.network().bounds().size(); expert++)
				for (int level = 0; level < deviations.length; level++) {
					final int i = parameters.indexOf(net.scale(expert, level));
					// A band that is always empty must not divide by zero.
					for (int band = 0; band < weights[i].length; band++)
						weights[i][band] = average[i][band] = Math.max(1e-6f, deviations[level][band]);
				}
		}

		private Batch get(final Future<Batch> future) {
			try {
				return future.get();
			}
			catch (final InterruptedException e) {
				Thread.currentThread().interrupt();
				save();
				throw new CancelledException();
			}
			catch (final ExecutionException e) {
				if (e.getCause() instanceof RuntimeException cause) throw cause;
				if (e.getCause() instanceof Error cause) throw cause;
				throw new IllegalStateException(e.getCause());
			}
		}

		/** One update of the weights; returns the loss, balanced if the settings say so. */
		private double step(final Batch batch) {
			final boolean[] used = used((int) batch.levels()[0]);
			upload(network, weights, used);
			final float[][] gradients = new float[weights.length][];
			final double loss;
			try (NDManager manager = network.manager().newSubManager()) {
				final NDArray x = array(manager, batch.input(), batch.size()), t = manager.create(batch.levels());
				final NDArray target = array(manager, batch.target(), batch.size());
				try (GradientCollector collector = network.newGradientCollector();
						NDArray y = network.network().predictForTraining(x, t, spacings(manager, batch)); NDArray difference = y.sub(target);
						NDArray squares = difference.square(); NDArray rows = squares.reshape(batch.size(), -1);
						NDArray each = rows.mean(new int[] { 1 });
						NDArray factors = manager.create(lossWeights(batch, each.toFloatArray())); NDArray weighted = each.mul(factors);
						NDArray mean = weighted.mean())
				{
					collector.backward(mean);
					loss = mean.getFloat();
				}
				for (int i = 0; i < gradients.length; i++)
					if (used[i]) try (NDArray gradient = parameters.get(i).getArray().getGradient()) {
						gradients[i] = gradient.toFloatArray();
					}
			}
			if (!Double.isFinite(loss)) throw new InvalidInputException("The training loss became " + loss + " at step " +
				step + ". Start again with a lower learning rate than " + training.learningRate() + ".");
			update(gradients);
			final float keep = (float) Math.min(training.emaDecay(), (1.0 + step) / (10 + step));
			for (int i = 0; i < weights.length; i++) {
				final float[] a = average[i], w = weights[i];
				for (int j = 0; j < a.length; j++)
					a[j] = w[j] + keep * (a[j] - w[j]);
			}
			return loss;
		}

		/** Which parameters a batch of a noise level trains: those of its expert. */
		private boolean[] used(final int level) {
			final String prefix = network.network() instanceof WaveletUNet net ? WaveletUNet.prefix(net.expert(level)) : "";
			final boolean[] used = new boolean[weights.length];
			for (int i = 0; i < used.length; i++)
				used[i] = names.get(i).startsWith(prefix) && parameters.get(i).requiresGradient();
			return used;
		}

		/** Factors of the patches' mean squared errors. */
		private float[] lossWeights(final Batch batch, final float[] errors) {
			final float[] factors = new float[errors.length];
			for (int i = 0; i < factors.length; i++) {
				final int level = (int) batch.levels()[i];
				final double weight = settings.prediction().lossWeight(schedule.noise(level));
				factors[i] = (float) (training.balance() ? weight * balance.weight(level, weight * errors[i]) : weight);
			}
			return factors;
		}

		private void update(final float[][] gradients) {
			final double rate = training.learningRate(step);
			final float scale = optimiser.clip(gradients);
			if (training.optimiser() == Optimiser.MUON) for (int i = 0; i < gradients.length; i++)
				if (gradients[i] != null && HIDDEN.matcher(names.get(i)).matches()) {
					Muon.step(network.manager(), rate, training.weightDecay(), (int) shapes.get(i)[0], weights[i], optimiser
						.first()[i], gradients[i], scale);
					gradients[i] = null;
				}
			optimiser.step(step, rate, weights, gradients, scale);
		}

		private NDArray array(final NDManager manager, final float[] values, final int n) {
			return manager.create(FloatBuffer.wrap(values), Batch.shape(settings, n, values.length));
		}

		private NDArray spacings(final NDManager manager, final Batch batch) {
			return batch.spacings() == null ? null : manager.create(batch.spacings());
		}

		private void upload(final Prior target, final float[][] values, final boolean... gradient) {
			int i = 0;
			for (final Parameter parameter : target.network().stateDict().values()) {
				final NDArray array = target.manager().create(FloatBuffer.wrap(values[i]), new Shape(shapes.get(i)));
				target.network().set(parameter, array);
				if (gradient.length > 0 && gradient[i]) array.setRequiresGradient(true);
				i++;
			}
		}

		private void validate() {
			if (validationBatches.isEmpty()) return;
			upload(mean, average);
			final int[] levels = validationLevels();
			final double[] errors = new double[levels.length], counts = new double[levels.length];
			double loss = 0, values = 0;
			for (final Batch batch : validationBatches) {
				// They may take many times as long as a step; a run that goes on validates again in time.
				if (progress.cancelled()) return;
				final float[] prediction = predicted(batch), x0 = clean(batch, prediction);
				final int t = (int) batch.levels()[0];
				int level = 0;
				while (levels[level] != t)
					level++;
				final double weight = settings.prediction().lossWeight(schedule.noise(t));
				for (int i = 0; i < prediction.length; i++) {
					final double miss = prediction[i] - batch.target()[i];
					loss += weight * miss * miss;
					values++;
					if (!batch.inside()[i]) continue;
					final double error = clipped(x0[i]) - clipped(batch.clean()[i]);
					errors[level] += error * error;
					counts[level]++;
				}
			}
			final List<Double> psnr = new ArrayList<>();
			final List<Integer> at = new ArrayList<>();
			for (int i = 0; i < levels.length; i++) {
				at.add(levels[i]);
				psnr.add(-10 * Math.log10(errors[i] / counts[i]));
			}
			final Validation validation = new Validation(step, loss / values, at, psnr);
			validations.add(validation);
			onValidation.accept(validation);
		}

		private void showSample() {
			if (onSample == null) return;
			if (sample == null) sample = new SampleSlice(settings, schedule, (heldOut.isEmpty() ? sources : heldOut).get(0),
				Batch.mix(training.seed(), SAMPLE));
			upload(mean, average);
			onSample.accept(sample.image(sample.rows().stream().map(row -> clean(row, predicted(row))).toList()));
		}

		/** The network's output for a batch by the running mean of the weights. */
		private float[] predicted(final Batch batch) {
			try (NDManager manager = mean.manager().newSubManager()) {
				return mean.predict(array(manager, batch.input(), batch.size()), manager.create(batch.levels()), spacings(manager,
					batch)).toFloatArray();
			}
		}

		/** x̂0 of a batch, network units. */
		private float[] clean(final Batch batch, final float[] prediction) {
			final float[] x0 = new float[prediction.length];
			final int p3 = x0.length / batch.size(), channels = batch.input().length / x0.length;
			for (int i = 0; i < x0.length; i++) {
				final double a = schedule.signal((int) batch.levels()[i / p3]), b = schedule.noise((int) batch.levels()[i / p3]);
				final double xt = batch.input()[i / p3 * channels * p3 + i % p3];
				x0[i] = (float) (settings.prediction().ofState(a, b) * xt + settings.prediction().ofOutput(a, b) * prediction[i]);
			}
			return x0;
		}

		private double clipped(final double value) {
			return Math.min(1, Math.max(0, settings.fromNetwork((float) value)));
		}

		private double seconds() {
			return secondsBefore + (System.nanoTime() - started) / 1e9;
		}

		private void report(final int first) {
			final double each = (System.nanoTime() - started) / 1e9 / (step - first);
			final double left = each * (training.steps() - step);
			progress.update(String.format(Locale.ROOT, "Training: step %d of %d, loss %.4f, %.2f s a step, %s left", step,
				training.steps(), trainingLoss, each, left < 90 ? Math.round(left) + " s" : Math.round(left / 60) + " min"),
				(double) step / training.steps());
		}

		private void save() {
			Checkpoint.write(file, new Checkpoint.State(run.toString(), step, seconds(), trainingLoss, List.copyOf(
				validations), balance.state()), names,
				shapes, weights, average, optimiser.first(), optimiser.second());
		}

		private List<SafeTensors.Source> sources() {
			final float[][] kept = training.emaDecay() == 0 ? weights : average;
			final List<SafeTensors.Source> list = new ArrayList<>();
			for (int i = 0; i < names.size(); i++) {
				final float[] values = kept[i];
				list.add(new SafeTensors.Source(names.get(i), shapes.get(i), () -> values));
			}
			return list;
		}

		private JsonObject record() {
			final JsonObject record = settings.record();
			record.add("training", run.get("training"));
			if (start != null) record.add("startedFrom", run.get("startedFrom"));
			record.add("volumes", run.get("volumes"));
			record.add("validationVolumes", run.get("validation"));
			record.addProperty("minutes", Math.round(seconds() / 6) / 10.0);
			record.addProperty("device", network.device());
			record.addProperty("threads", Runtime.getRuntime().availableProcessors());
			record.addProperty("trainingLoss", trainingLoss);
			final JsonArray list = new JsonArray();
			for (final Validation validation : validations)
				list.add(validation.toString());
			record.add("validation", list);
			return record;
		}
	}
}
