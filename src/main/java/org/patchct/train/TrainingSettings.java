package org.patchct.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;

import java.util.List;

import org.patchct.task.InvalidInputException;

/**
 * How to train.
 *
 * @param steps updates of the weights
 * @param batch patches in each
 * @param volumesPerStep volumes that these come from; each brings one noise volume and batch / volumesPerStep patches
 * @param levelPower noise levels are T·u^levelPower with u uniform, or so spread over an expert's range: 1 spreads them
 *          evenly, 2 sees low levels, where the detail is learnt, more often
 * @param learningRate highest learning rate
 * @param warmupSteps steps in which it rises linearly from 0
 * @param weightDecay decoupled weight decay (Loshchilov and Hutter 2019)
 * @param beta1 decay of the gradient's running mean
 * @param beta2 decay of the squared gradient's running mean
 * @param clipNorm longest gradient; longer ones are scaled down to it
 * @param emaDecay decay of the running mean of the weights, which is what is kept; 0 keeps the last weights. It is
 *          shortened to (1 + k)/(10 + k) at step k, as TensorFlow's moving average does
 * @param flips whether volumes are mirrored at random along each axis
 * @param transpose whether x and y are exchanged at random; only for voxels that are square in the slice
 * @param optimiser how the weights are changed
 * @param balance whether the loss of every noise level counts alike ({@link Balance})
 * @param expertShares share of the steps that each of the network's experts gets; one for a network without experts
 * @param conditionDropout probability with which a patch is not told the whole volume, and likewise its position, so that
 *          the prior works without them
 * @param seed of every random number
 * @param validateEvery steps between validations
 * @param checkpointSeconds seconds between checkpoints
 */
public record TrainingSettings(int steps, int batch, int volumesPerStep, double levelPower, double learningRate,
	int warmupSteps, double weightDecay, double beta1, double beta2, double clipNorm, double emaDecay, boolean flips,
	boolean transpose, Optimiser optimiser, boolean balance, List<Double> expertShares, double conditionDropout, long seed,
	int validateEvery, int checkpointSeconds)
{

	private static final Gson GSON = new GsonBuilder().create();

	public TrainingSettings {
		expertShares = List.copyOf(expertShares);
		require(!expertShares.isEmpty() && expertShares.stream().allMatch(share -> share > 0) && Math.abs(expertShares
			.stream().mapToDouble(share -> share).sum() - 1) < 1e-6, "expertShares", expertShares,
			"positive and add up to 1");
		require(conditionDropout >= 0 && conditionDropout <= 1, "conditionDropout", conditionDropout, "from 0 to 1");
		require(steps > 0, "steps", steps, "at least 1");
		require(batch > 0, "batch", batch, "at least 1");
		require(volumesPerStep > 0 && batch % volumesPerStep == 0, "volumesPerStep", volumesPerStep,
			"at least 1, and divide the batch of " + batch);
		require(levelPower > 0 && levelPower <= 4, "levelPower", levelPower, "above 0 and at most 4");
		require(learningRate > 0 && learningRate < 1, "learningRate", learningRate, "between 0 and 1");
		require(warmupSteps >= 0 && warmupSteps < steps, "warmupSteps", warmupSteps, "at least 0 and less than steps");
		require(weightDecay >= 0, "weightDecay", weightDecay, "at least 0");
		require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and less than 1");
		require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and less than 1");
		require(clipNorm > 0, "clipNorm", clipNorm, "positive");
		require(emaDecay >= 0 && emaDecay < 1, "emaDecay", emaDecay, "at least 0 and less than 1");
		require(validateEvery > 0, "validateEvery", validateEvery, "at least 1");
		require(checkpointSeconds >= 0, "checkpointSeconds", checkpointSeconds, "at least 0");
	}

	private static void require(final boolean allowed, final String name, final Object value, final String rule) {
		if (!allowed) throw new InvalidInputException("Training setting " + name + " is " + value + "; it must be " + rule +
			".");
	}

	/** Plain AdamW for a network without experts. */
	public TrainingSettings(final int steps, final int batch, final int volumesPerStep, final double levelPower,
		final double learningRate, final int warmupSteps, final double weightDecay, final double beta1, final double beta2,
		final double clipNorm, final double emaDecay, final boolean flips, final boolean transpose, final long seed,
		final int validateEvery, final int checkpointSeconds)
	{
		this(steps, batch, volumesPerStep, levelPower, learningRate, warmupSteps, weightDecay, beta1, beta2, clipNorm,
			emaDecay, flips, transpose, Optimiser.ADAMW, false, List.of(1.0), 0, seed, validateEvery, checkpointSeconds);
	}

	/**
	 * A run of some thousand steps of {@link org.patchct.network.WaveletConfig#compact} on a processor, as the bundled priors
	 * were trained: few patches a step, since steps count for more than patches in so short a run (4 instead of 16 patches a
	 * step, the same time: +0.3 to +1.4 dB of denoising), and a short running mean of the weights.
	 */
	public static TrainingSettings laptop(final int steps, final long seed) {
		return new TrainingSettings(steps, 4, 2, 1.5, 2e-3, Math.min(50, steps / 10), 0.01, 0.9, 0.99, 1, 0.998, true, true,
			Optimiser.MUON, true, List.of(0.7, 0.3), 0.1, seed, Math.max(1, Math.min(250, steps / 4)), 120);
	}

	/** The same with half as many patches a step from half as many volumes, but at least two, and all that there is to see. */
	TrainingSettings halved() {
		return new TrainingSettings(steps, Math.max(2, batch / 2), Math.max(2, volumesPerStep / 2), levelPower, learningRate,
			warmupSteps, weightDecay, beta1, beta2, clipNorm, emaDecay, flips, transpose, optimiser, balance, expertShares, 0,
			seed, validateEvery, checkpointSeconds);
	}

	/** The same for a network without noise levels, and with other augmentation. */
	TrainingSettings ofOneLevel(final boolean mayFlip, final boolean mayTranspose) {
		return new TrainingSettings(steps, batch, volumesPerStep, levelPower, learningRate, warmupSteps, weightDecay, beta1,
			beta2, clipNorm, emaDecay, mayFlip, mayTranspose, optimiser, false, List.of(1.0), 0, seed, validateEvery,
			checkpointSeconds);
	}

	/** The learning rate of step {@code step}: linear warm-up, then a linear fall that ends at 0 after the last step. */
	public double learningRate(final int step) {
		final double rise = warmupSteps == 0 ? 1 : (step + 1.0) / warmupSteps;
		final double fall = (double) (steps - step) / (steps - warmupSteps);
		return learningRate * Math.min(1, Math.min(rise, fall));
	}

	/** As JSON, one field for each component. */
	public JsonObject toJson() {
		return GSON.toJsonTree(this).getAsJsonObject();
	}
}
