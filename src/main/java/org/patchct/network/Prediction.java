package org.patchct.network;

/** What a network was trained to return, for x_t = √ᾱ x0 + √(1−ᾱ) ε; {@code signal} is √ᾱ and {@code noise} √(1−ᾱ). */
public enum Prediction {

	/** The noise ε (Ho et al. 2020). */
	EPSILON {

		@Override
		public double target(final double clean, final double epsilon, final double signal, final double noise) {
			return epsilon;
		}

		@Override
		public double ofState(final double signal, final double noise) {
			return 1 / signal;
		}

		@Override
		public double ofOutput(final double signal, final double noise) {
			return -noise / signal;
		}
	},

	/** The velocity v = √ᾱ ε − √(1−ᾱ) x0 (Salimans and Ho 2022, section 4), well scaled at every noise level. */
	V {

		@Override
		public double target(final double clean, final double epsilon, final double signal, final double noise) {
			return signal * epsilon - noise * clean;
		}

		@Override
		public double ofState(final double signal, final double noise) {
			return signal;
		}

		@Override
		public double ofOutput(final double signal, final double noise) {
			return -noise;
		}
	},

	/** The clean patch x0, by a network that is preconditioned itself (Karras et al. 2022), as {@link WaveletUNet} is. */
	CLEAN {

		@Override
		public double target(final double clean, final double epsilon, final double signal, final double noise) {
			return clean;
		}

		@Override
		public double ofState(final double signal, final double noise) {
			return 0;
		}

		@Override
		public double ofOutput(final double signal, final double noise) {
			return 1;
		}

		/** That of the velocity which the clean patch implies. */
		@Override
		public double lossWeight(final double noise) {
			return 1 / (noise * noise);
		}
	};

	/** What the network should return for a voxel. */
	public abstract double target(double clean, double epsilon, double signal, double noise);

	/** Weight of x_t in x̂0 = ofState · x_t + ofOutput · network. */
	public abstract double ofState(double signal, double noise);

	/** Weight of the network's output in x̂0. */
	public abstract double ofOutput(double signal, double noise);

	/** Weight of the squared error of the output in the training loss. */
	public double lossWeight(final double noise) {
		return 1;
	}
}
