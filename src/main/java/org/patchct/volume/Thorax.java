package org.patchct.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.patchct.task.Parallel;
import org.patchct.task.Progress;

/**
 * A random chest-like volume in Hounsfield units, for tests and as sample data: skin, fat, muscle, ribs, spine, sternum,
 * shoulder blades and collar bones, lungs with branching vessels and airways, heart and great vessels, diaphragm, liver,
 * spleen, stomach, kidneys, and a few lung nodules. Sizes and values are those of an adult; proportions, contrast medium,
 * textures, vessel trees and nodules depend on the seed. It is made to look and project like a chest, not to teach
 * anatomy.
 * <p>
 * Slices are axial, the first one nearest to the feet, as in NIfTI files and sorted DICOM series; in a slice the front of
 * the body is up and its left side is on the right, as radiologists look at it. Each voxel mixes what meets in it, so
 * edges are as wide as a voxel.
 * </p>
 */
public final class Thorax {

	/** Half of the field of view that just holds a body, mm. */
	private static final double HALF_FIELD = 190;

	// Hounsfield units: usual values of textbook tables, without contrast medium.
	private static final double AIR = -1000, SKIN = 10, FAT = -105, MUSCLE = 52, BLOOD = 42, HEART = 48, LIVER = 58,
			SPLEEN = 48, KIDNEY = 32, CARTILAGE = 110, DISC = 85, CORD = 30, CORTICAL = 750, SPONGY = 190;

	/** Slice positions of the tables below, mm from the middle of the chest towards the feet. */
	private static final double[] Z = { -190, -160, -150, -130, -100, -60, 0, 60, 130, 190 };

	/** Half-widths and half-depths of the body and of the inside of the rib cage, and the cage's centre, at {@link #Z}. */
	private static final double[] BODY_X = { 172, 177, 178, 177, 171, 166, 162, 158, 154, 156 }, BODY_Y = { 90, 97, 99, 104,
		109, 114, 118, 118, 113, 109 }, CAGE_X = { 8, 14, 46, 76, 100, 117, 128, 131, 126, 118 }, CAGE_Y = { 6, 10, 31, 49,
			63, 75, 84, 86, 82, 77 }, CAGE_CENTRE = { 16, 16, 15, 13, 10, 6, 2, 0, -2, -2 }, MEDIASTINUM = { 20, 20, 21, 24, 27,
				29, 30, 32, 30, 30 };

	/** Pairs of ribs; height of a vertebra with its disc, mm; arteries and veins that leave one hilum. */
	private static final int RIBS = 12, VERTEBRA = 26, TRUNKS = 44;

	private final Random random;

	private final ValueNoise noise;

	/** Proportions of this body. */
	private final double width, depth, fat, lungBase, blood, spinePhase, domeRight, domeLeft, heartSize;

	private final List<Tube> tubes = new ArrayList<>();

	private final List<double[]> nodules = new ArrayList<>();

	private Thorax(final long seed) {
		random = new Random(seed);
		noise = new ValueNoise(random);
		width = between(0.93, 1.0);
		depth = between(0.92, 1.06);
		fat = between(7, 20);
		lungBase = between(-885, -835);
		// Half of all chest scans are made with a contrast medium.
		blood = random.nextBoolean() ? BLOOD : between(120, 230);
		spinePhase = between(0, VERTEBRA);
		domeRight = between(52, 70);
		domeLeft = domeRight + between(6, 16);
		heartSize = between(0.92, 1.1);
		growVessels();
		greatVessels();
		airways();
		boneTubes();
		addNodules();
	}

	/**
	 * Makes a chest.
	 *
	 * @param grid its grid; the body's width is scaled to the shorter side of a slice, and slices show what lies at their
	 *          height at that scale: a cube holds everything from the collar bones to the kidneys
	 * @param seed the same seed gives the same chest
	 */
	public static Volume create(final Grid grid, final long seed) {
		return create(grid, seed, Progress.SILENT);
	}

	/** Like {@link #create(Grid, long)}, with progress, which may cancel. */
	public static Volume create(final Grid grid, final long seed, final Progress progress) {
		final Thorax thorax = new Thorax(seed);
		final double scale = Math.min(grid.nx() * grid.dx(), grid.ny() * grid.dy()) / (2 * HALF_FIELD);
		final double voxel = Math.cbrt(grid.dx() * grid.dy() * grid.dz()) / scale;
		final double[] x = new double[grid.nx()], y = new double[grid.ny()];
		for (int i = 0; i < x.length; i++)
			x[i] = grid.x(i) / scale;
		for (int j = 0; j < y.length; j++)
			y[j] = grid.y(j) / scale;
		final float[][] planes = new float[grid.nz()][];
		Parallel.loop(planes.length, k -> {
			progress.checkCancelled();
			progress.update("Slice " + (k + 1) + " of " + planes.length, (double) k / planes.length);
			planes[k] = thorax.slice(x, y, -grid.z(k) / scale, voxel);
		});
		return new Volume("Thorax", Layouts.wrap(planes, grid.nx(), grid.ny()), grid, Intensity.HU);
	}

	private float[] slice(final double[] x, final double[] y, final double z, final double voxel) {
		final float[] slice = new float[x.length * y.length], lung = new float[slice.length];
		final Level level = new Level(z);
		for (int j = 0; j < y.length; j++)
			for (int i = 0; i < x.length; i++)
				level.paint(x[i], y[j], voxel, slice, lung, i + x.length * j);
		for (final Tube tube : tubes)
			tube.draw(slice, lung, x, y, z, voxel);
		for (final double[] nodule : nodules)
			drawNodule(nodule, x, y, z, voxel, slice, lung);
		return slice;
	}

	private double between(final double low, final double high) {
		return low + random.nextDouble() * (high - low);
	}

	/** Share of a voxel inside a surface at depth {@code d} below it. */
	private static double cover(final double d, final double voxel) {
		return Math.max(0, Math.min(1, 0.5 + d / voxel));
	}

	private static double smoothMin(final double a, final double b, final double radius) {
		final double h = Math.max(radius - Math.abs(a - b), 0) / radius;
		return Math.min(a, b) - h * h * radius / 4;
	}

	private static double smoothStep(final double from, final double to, final double v) {
		final double t = Math.max(0, Math.min(1, (v - from) / (to - from)));
		return t * t * (3 - 2 * t);
	}

	/** Approximate depth below the surface of an ellipsoid, positive inside. */
	private static double ellipsoid(final double x, final double y, final double z, final double a, final double b,
		final double c)
	{
		final double u = x / a, v = y / b, w = z / c, k0 = Math.sqrt(u * u + v * v + w * w);
		final double k1 = Math.sqrt(u * u / (a * a) + v * v / (b * b) + w * w / (c * c));
		return k1 == 0 ? Math.min(a, Math.min(b, c)) : k0 * (1 - k0) / k1;
	}

	/** All that is the same in one slice. */
	private final class Level {

		final double z, bodyX, bodyY, cageX, cageY, cageCentre, mediastinum, spineY;

		Level(final double z) {
			this.z = z;
			bodyX = width * table(BODY_X, z);
			bodyY = depth * table(BODY_Y, z);
			cageX = width * table(CAGE_X, z);
			cageY = depth * table(CAGE_Y, z);
			cageCentre = table(CAGE_CENTRE, z);
			mediastinum = table(MEDIASTINUM, z);
			spineY = depth * (55 - 10 * (z / 190) * (z / 190));
		}

		/** Depth below the skin. */
		double body(final double x, final double y) {
			return below(x, y, bodyX, bodyY, 2.5);
		}

		/** Depth below the inner surface of the rib cage. */
		double cage(final double x, final double y) {
			return below(x, y - cageCentre, cageX, cageY, 2.2);
		}

		private double below(final double x, final double y, final double a, final double b, final double power) {
			final double rho = Math.pow(Math.pow(Math.abs(x) / a, power) + Math.pow(Math.abs(y) / b, power), 1 / power);
			if (rho < 1e-3) return Math.min(a, b);
			// Distance to the surface along the ray from the centre.
			return Math.sqrt(x * x + y * y) * (1 / rho - 1);
		}

		/** Height above the diaphragm, two domes, across its surface. */
		double aboveDiaphragm(final double x, final double y) {
			final double forward = y + 12, right = x + 62 * width, left = x - 62 * width;
			final double zr = domeRight + 0.0058 * (0.8 * right * right + forward * forward);
			final double zl = domeLeft + 0.0060 * (0.8 * left * left + forward * forward);
			return 0.75 * (smoothMin(zr, zl, 14) - z);
		}

		/** Depth of the heart's surface. */
		double heart(final double x, final double y) {
			final double u = x - 17, v = y + 16, w = z - 26;
			// Its long axis points to the left, forward and down.
			final double along = 0.70 * u - 0.45 * v + 0.55 * w, across = 0.62 * u + 0.78 * v - 0.12 * w;
			final double up = -0.36 * u + 0.43 * v + 0.83 * w;
			return ellipsoid(along, across, up, 60 * heartSize, 47 * heartSize, 46 * heartSize);
		}

		/** Depth below the lungs' surface, positive in lung. */
		double lung(final double x, final double y) {
			final double inside = smoothMin(cage(x, y) - 2, aboveDiaphragm(x, y) - 3, 6);
			// Narrow behind the breast bone, wide at the hila and beside the spine.
			final double front = (y - cageCentre) / cageY;
			final double half = mediastinum * (0.25 + 0.75 * smoothStep(-0.95, -0.35, front)) + 6 * noise.at(1 + y / 25, z /
				30, 3);
			final double middle = Math.abs(x - 3) - half;
			final double spine = -ellipsoid(x, y - spineY, 0, 27, 24, 1e3);
			return smoothMin(smoothMin(inside, Math.min(middle, spine), 8), -heart(x, y) - 4, 6);
		}

		void paint(final double x, final double y, final double voxel, final float[] slice, final float[] lung,
			final int at)
		{
			final double body = body(x, y);
			if (body < -voxel) {
				slice[at] = (float) AIR;
				return;
			}
			final double coarse = noise.at(x / 19, y / 19, z / 23), fine = noise.at(7 + x / 4.1, y / 4.1, z / 4.1);
			double value = AIR;
			value = over(value, SKIN, body, voxel);
			value = over(value, FAT + 5 * coarse + 4 * fine, body - 1.8, voxel);
			final double layer = fat * (1 + 0.35 * noise.at(x / 60, y / 60, z / 80) + 0.5 * smoothStep(0.3, 1, Math.abs(y) /
				bodyY) * smoothStep(-180, -60, z));
			// Planes of fat part the muscles.
			final double plane = smoothStep(0.09, 0.02, Math.abs(noise.at(x / 34, 5 + y / 22, z / 70))) * smoothStep(-0.1, 0.35,
				noise.at(x / 27, 40 + y / 27, z / 50));
			final double muscle = MUSCLE + 5 * coarse + 5 * fine - 115 * plane;
			value = over(value, muscle, body - layer, voxel);

			final double cage = cage(x, y);
			if (cage > -voxel) value = over(value, inside(x, y, cage, coarse, fine, voxel, lung, at), cage, voxel);
			slice[at] = (float) bones(value, x, y, cage, body, fine, voxel);
		}

		private static double over(final double below, final double value, final double depth, final double voxel) {
			return below + cover(depth, voxel) * (value - below);
		}

		private double inside(final double x, final double y, final double cage, final double coarse, final double fine,
			final double voxel, final float[] lung, final int at)
		{
			final double above = aboveDiaphragm(x, y);
			double value = MUSCLE;
			value = over(value, -70 + 35 * coarse + 8 * fine, Math.min(above - 2, cage - 1), voxel);
			if (above < voxel) value = over(value, abdomen(x, y, cage, above, coarse, fine, voxel), Math.min(-above - 1, cage -
				2), voxel);
			final double heart = heart(x, y);
			if (heart > -8) value = heart(value, x, y, heart, above, fine, voxel);
			final double depth = lung(x, y);
			final double share = cover(depth, voxel);
			lung[at] = (float) share;
			// Gravity makes the back denser; the mottle is that of small vessels.
			final double air = lungBase + 45 * (y - cageCentre) / cageY + 16 * coarse + 22 * fine;
			return value + share * (air - value);
		}

		private double heart(final double below, final double x, final double y, final double heart, final double above,
			final double fine, final double voxel)
		{
			double value = over(below, -85, Math.min(heart + 5, above - 3), voxel);
			value = over(value, HEART + 0.25 * (blood - BLOOD) + 4 * fine, Math.min(heart, above - 3), voxel);
			final double s = heartSize, u = x - 17, v = y + 16, w = z - 26;
			final double left = ellipsoid(u - 20 * s, v + 5 * s, w - 8 * s, 21 * s, 19 * s, 27 * s);
			final double right = ellipsoid(u + 10 * s, v + 24 * s, w - 6 * s, 27 * s, 15 * s, 28 * s);
			final double atria = Math.max(ellipsoid(u + 8 * s, v - 26 * s, w + 20 * s, 29 * s, 15 * s, 18 * s), ellipsoid(u +
				38 * s, v - 4 * s, w + 2 * s, 14 * s, 20 * s, 26 * s));
			return over(value, blood + 3 * fine, Math.min(Math.max(Math.max(left, right), atria), heart - 3), voxel);
		}

		private double abdomen(final double x, final double y, final double cage, final double above, final double coarse,
			final double fine, final double voxel)
		{
			double value = FAT + 8 * coarse + 4 * fine;
			final double wall = Math.min(cage - 3, -above - 2), enhanced = 0.35 * (blood - BLOOD);
			final double stomach = Math.min(wall, ellipsoid(x - 52, y + 26, z - 108, 46, 40, 46));
			value = over(value, 45, stomach, voxel);
			// Gas collects at the front of a patient who lies on the back.
			final double gas = -36 - y + 2 * coarse;
			value = over(value, gas > 0 ? AIR + 40 : 18 + 6 * fine, Math.min(stomach - 4, Math.abs(gas)), voxel);
			value = over(value, SPLEEN + enhanced + 4 * fine, Math.min(wall, ellipsoid(x - 92, y - 38, z - 112, 30, 42, 44)),
				voxel);
			final double edge = ellipsoid(x + 52, y + 8, z - 108, 104, 92, 84) + 5 * coarse;
			value = over(value, LIVER + enhanced + 4 * coarse + 4 * fine, Math.min(wall, edge), voxel);
			for (final int side : new int[] { -1, 1 })
				value = over(value, KIDNEY + 1.5 * enhanced + 3 * fine, Math.min(wall, ellipsoid(x - side * 60, y - 42, z - 172,
					25, 24, 50)), voxel);
			final double bowel = Math.min(wall, 9 - 30 * Math.abs(noise.at(x / 40, 9 + y / 40, z / 40) - 0.25));
			return z < 120 ? value : over(value, 30 + 5 * fine, Math.min(bowel, Math.min(-edge, z - 130)), voxel);
		}

		private double bones(final double below, final double x, final double y, final double cage, final double body,
			final double fine, final double voxel)
		{
			double value = below;
			final double shell = cage + 6;
			if (Math.abs(shell) < 7 + voxel) value = ribs(value, x, y, shell, voxel);
			value = spine(value, x, y, fine, voxel);
			// Breast bone: handle and body, thin towards the lower end.
			if (z > -120 && z < 60) {
				final double half = z < -70 ? 26 : 17;
				final double depth = Math.min(ellipsoid(x, y - (cageCentre - cageY - 9), 0, half, 7, 1e3), Math.min(z + 115, 55 -
					z));
				value = bone(value, depth, 1.5, 130 + 60 * fine, voxel);
			}
			return shoulderBlades(value, x, y, cage, body, voxel);
		}

		private double bone(final double below, final double depth, final double wall, final double marrow,
			final double voxel)
		{
			return over(over(below, CORTICAL, depth, voxel), marrow, depth - wall, voxel);
		}

		/** Ribs slope from the spine down to the front; {@code shell} is the distance outwards from their middle. */
		private double ribs(final double below, final double x, final double y, final double shell, final double voxel) {
			double value = below;
			// 0 at the spine, π at the breast bone.
			final double phi = Math.atan2(Math.abs(x) / cageX, (y - cageCentre) / cageY);
			for (int i = 0; i < RIBS; i++) {
				final double drop = i == 0 ? 30 : Math.min(88, 42 + 12 * i);
				final double slope = (1 - Math.cos(phi)) / 2;
				final double height = -148 + 0.97 * VERTEBRA * i + drop * slope - z;
				// A rib is cut obliquely where it slopes.
				final double across = height * (1 - 0.25 * Math.sin(phi));
				if (Math.abs(across) > 8 + voxel) continue;
				final double depth = (1 - Math.sqrt(shell * shell / 16 + across * across / 46)) * 5;
				final double end = i < 10 ? 2.45 : 1.9 - 0.35 * (i - 10);
				final double cartilage = i < 7 ? 3.02 : i < 10 ? 2.75 : end;
				final double arc = 0.5 * (cageX + cageY);
				value = over(value, CARTILAGE, Math.min(depth, arc * (cartilage - phi)), voxel);
				final double bone = Math.min(depth, Math.min(arc * (end - phi), arc * (phi - 0.22)));
				value = bone(value, bone, 1.4, SPONGY, voxel);
			}
			return value;
		}

		private double spine(final double below, final double x, final double y, final double fine, final double voxel) {
			final double v = y - spineY;
			if (Math.abs(x) > 30 || v < -20 || v > 45) return below;
			double value = below;
			final double phase = Math.floorMod((long) Math.floor(z + spinePhase), VERTEBRA) + z - Math.floor(z);
			// Distance from the middle of this vertebra; its body is 21 mm high, the rest is disc.
			final double h = phase - VERTEBRA / 2.0, waist = 1.5 * (1 - (h / 10.5) * (h / 10.5));
			final double round = ellipsoid(x, v, 0, 19 - waist, 15.5 - waist, 1e3);
			value = over(value, DISC, round, voxel);
			value = bone(value, Math.min(round, 10.5 - Math.abs(h)), 1.4, SPONGY + 50 * fine, voxel);
			final double canal = 8.5 - Math.hypot(x, v - 23);
			final double arch = Math.min(canal + 5, 8 - Math.abs(h - 2));
			value = bone(value, arch, 1.8, SPONGY + 60, voxel);
			return over(value, CORD, canal, voxel);
		}

		private double shoulderBlades(final double below, final double x, final double y, final double cage,
			final double body, final double voxel)
		{
			if (z < -155 || z > -15 || cage > -10 || body < 8) return below;
			final double phi = Math.atan2(Math.abs(x) / cageX, (y - cageCentre) / cageY);
			// A triangle that narrows downwards, on a surface behind the ribs.
			final double narrow = smoothStep(-20, -140, z), arc = 0.5 * (cageX + cageY);
			final double blade = Math.min(2.6 - Math.abs(cage + 20 + 4 * narrow), arc * Math.min(phi - 0.62 + 0.12 * narrow,
				0.85 + 0.75 * narrow - phi));
			final double ridge = z > -125 && z < -112 ? Math.min(3.5 - Math.abs(z + 118), Math.min(14 - Math.abs(cage + 32),
				arc * Math.min(phi - 0.7, 1.5 - phi))) : -9;
			return bone(below, Math.max(Math.min(blade, -18 - z), ridge), 1.8, SPONGY, voxel);
		}
	}

	private static double table(final double[] values, final double z) {
		final double clamped = Math.max(Z[0], Math.min(Z[Z.length - 1], z));
		int i = 0;
		while (i < Z.length - 2 && clamped > Z[i + 1])
			i++;
		return values[i] + (values[i + 1] - values[i]) * smoothStep(Z[i], Z[i + 1], clamped);
	}

	/** Depth below the lungs' surface at a point. */
	private double lungDepth(final double[] p) {
		return new Level(p[2]).lung(p[0], p[1]);
	}

	/** Arteries and veins: from each hilum several trunks spread over the lung, giving off branches. */
	private void growVessels() {
		for (final int side : new int[] { -1, 1 })
			for (int tree = 0; tree < TRUNKS; tree++) {
				final double[] hilum = { side * between(34, 42), between(-4, 18), between(-48, -8) };
				// Directions spread evenly over the half-sphere that faces outwards (golden angle).
				final double up = 1 - 2 * (tree + 0.5) / TRUNKS, turn = 2.4 * tree;
				final double ring = Math.sqrt(1 - up * up);
				final double[] direction = { side * (0.35 + Math.abs(ring * Math.cos(turn))), ring * Math.sin(turn), 1.5 * up +
					0.35 };
				grow(hilum, direction, between(1.8, 4.4), 0);
			}
	}

	private void grow(final double[] start, final double[] heading, final double thickness, final int branching) {
		double[] p = start;
		double[] d = unit(heading);
		double radius = thickness;
		for (int step = 0; radius > 0.35 && step < 40; step++) {
			final double length = 4 + 2.2 * radius;
			final double[] next = { p[0] + length * d[0], p[1] + length * d[1], p[2] + length * d[2] };
			final double depth = lungDepth(next);
			// Near the hilum the path may lie outside the lung; far from it a vessel ends before the surface.
			if (depth < 2.5 && (branching > 0 || step > 6)) return;
			final double thinner = radius * 0.93;
			tubes.add(new Tube(p, next, radius, thinner, (float) (blood - 10), true));
			if (step > 1 && branching < 4 && random.nextDouble() < 0.85) grow(next, bent(d, between(0.6, 1.1)), thinner *
				between(0.45, 0.85), branching + 1);
			d = bent(d, 0.22);
			p = next;
			radius = thinner;
		}
	}

	/** A direction turned by a random angle of about {@code by} radians. */
	private double[] bent(final double[] d, final double by) {
		final double t = Math.tan(Math.min(1.3, by)) / Math.sqrt(3);
		return unit(new double[] { d[0] + t * random.nextGaussian(), d[1] + t * random.nextGaussian(), d[2] + t * random
			.nextGaussian() });
	}

	private static double[] unit(final double[] v) {
		final double n = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
		return new double[] { v[0] / n, v[1] / n, v[2] / n };
	}

	private void path(final double value, final double r0, final double r1, final double... points) {
		final int n = points.length / 3;
		for (int i = 0; i + 1 < n; i++) {
			final double a = r0 + (r1 - r0) * i / (n - 1), b = r0 + (r1 - r0) * (i + 1) / (n - 1);
			tubes.add(new Tube(new double[] { points[3 * i], points[3 * i + 1], points[3 * i + 2] }, new double[] { points[3 *
				i + 3], points[3 * i + 4], points[3 * i + 5] }, a, b, (float) value, false));
		}
	}

	private void greatVessels() {
		// Gullet
		path(32, 7, 7, 4, 36, -190, 6, 34, -60, 10, 30, 90);
		// Pulmonary trunk and arteries, veins
		path(blood, 14, 11, 16, -40, 2, 19, -30, -22, 12, -10, -44);
		path(blood, 11, 8, 12, -10, -44, -14, -2, -42, -44, 4, -36);
		path(blood, 11, 8, 14, -8, -44, 34, 4, -50, 46, 12, -44);
		for (final int side : new int[] { -1, 1 }) {
			path(blood, 7, 5, 8 + 14 * side, 12, 2, 8 + 42 * side, 14, -14);
			path(blood, 7, 5, 8 + 14 * side, 14, 10, 8 + 42 * side, 20, 18);
		}
		// Upper and lower caval veins
		path(blood, 9, 10, -34, -14, -128, -29, -14, -80, -27, -10, 0);
		path(blood, 11, 11, -26, 0, 48, -24, 6, 100, -18, 18, 190);
		// Aorta
		path(blood, 16, 14, 4, -16, 6, -10, -24, -34, -8, -22, -66, 4, -4, -84, 16, 16, -82, 24, 30, -62);
		path(blood, 13, 10, 24, 30, -62, 25, 36, -20, 22, 36, 60, 10, 34, 130, 4, 30, 190);
		// Arteries to head and arms
		path(blood, 6.5, 5, -6, -16, -80, -16, -12, -120, -24, 0, -190);
		path(blood, 4.5, 4, 4, -6, -88, 12, 0, -130, 22, 6, -190);
		path(blood, 5, 5, 14, 8, -88, 24, 10, -126, 58, -4, -158, 120, -12, -170);
	}

	private void airways() {
		final double[] windpipe = { 0, 12, -190, 1, 16, -120, 2, 22, -62 };
		final double[] right = { 2, 22, -62, -14, 22, -46, -34, 18, -28 }, left = { 2, 22, -62, 18, 24, -42, 38, 22, -26 };
		final List<double[]> lobes = new ArrayList<>();
		for (final int side : new int[] { -1, 1 })
			for (final double[] to : new double[][] { { 62, 8, -78 }, { 66, -24, -8 }, { 60, 40, 22 }, { 74, 34, -36 } })
				lobes.add(new double[] { side < 0 ? -34 : 38, 20, -27, side * (to[0] - 8), 0.5 * (to[1] + 20), 0.5 * (to[2] -
					27), side * to[0], to[1], to[2] });
		// All walls first, so that no wall closes another's lumen.
		path(45, 10.5, 10.5, windpipe);
		path(45, 8.5, 7, right);
		path(45, 8, 6.5, left);
		for (final double[] lobe : lobes)
			path(35, 5, 2.8, lobe);
		path(AIR + 10, 8.8, 8.8, windpipe);
		path(AIR + 10, 6.9, 5.5, right);
		path(AIR + 10, 6.4, 5, left);
		for (final double[] lobe : lobes)
			path(AIR + 40, 3.7, 1.6, lobe);
	}

	private void boneTubes() {
		for (double z = -190 - VERTEBRA; z < 190 + VERTEBRA; z++) {
			if (Math.floorMod((long) Math.floor(z + spinePhase), VERTEBRA) != VERTEBRA / 2) continue;
			final double y = new Level(z).spineY;
			for (final int side : new int[] { -1, 1 })
				rod(4.5, 3.5, side * 12, y + 25, z - 2, side * 30, y + 33, z - 3);
			rod(3.5, 3, 0, y + 34, z + 2, 0, y + 43, z + 15);
		}
		for (final int side : new int[] { -1, 1 }) {
			rod(8, 6, side * 24, -76, -126, side * 66, -70, -136);
			rod(6, 7, side * 66, -70, -136, side * 128, -30, -150);
			// Head of the upper arm, raised beside the head
			rod(22, 20, side * 140, 2, -172, side * 146, 0, -215);
		}
	}

	private void rod(final double r0, final double r1, final double... ends) {
		path(CORTICAL, r0, r1, ends);
		path(SPONGY, r0 - 1.9, r1 - 1.9, ends);
	}

	/** Centre, radius and value of nodules, in lung and clear of its surface. */
	private void addNodules() {
		final int wanted = 2 + random.nextInt(4);
		while (nodules.size() < wanted) {
			final double radius = between(3, 9);
			final double[] p = { between(-120, 120), between(-80, 80), between(-120, 90) };
			if (lungDepth(p) < radius + 3) continue;
			// Most are solid, some are ground glass.
			nodules.add(new double[] { p[0], p[1], p[2], radius, random.nextInt(4) == 0 ? -600 : between(20, 70) });
		}
	}

	private void drawNodule(final double[] nodule, final double[] x, final double[] y, final double z,
		final double voxel, final float[] slice, final float[] lung)
	{
		final double radius = nodule[3], reach = 1.4 * radius + voxel;
		if (Math.abs(z - nodule[2]) > reach) return;
		for (int j = 0; j < y.length; j++)
			for (int i = 0; i < x.length; i++) {
				final double u = x[i] - nodule[0], v = y[j] - nodule[1], w = z - nodule[2];
				if (Math.abs(u) > reach || Math.abs(v) > reach) continue;
				final double rough = 0.25 * radius * noise.at(11 + x[i] / 4, y[j] / 4, z / 4);
				final double share = cover(radius + rough - Math.sqrt(u * u + v * v + w * w), voxel) * lung[i + x.length * j];
				slice[i + x.length * j] += (float) (share * (nodule[4] - slice[i + x.length * j]));
			}
	}
}
