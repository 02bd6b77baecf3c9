/*
 * Joseph's projector (P. M. Joseph, IEEE TMI 1:192, 1982), its exact transpose and linear back-projection, for rays that
 * stay in a slice ("planar": parallel and fan beam) and for circular cone beam.
 *
 * A column is a run of floats along z: column (x, y) of the volume holds its slices, column (bin, view) of the projections
 * its detector rows, and neighbouring columns lie `stride` floats apart. Threads of a warp lie along z, so that reads are
 * coalesced and everything that goes by x, y, bin and view alone is the same for the whole warp.
 *
 * Positions are fixed-point numbers of 40 fractional bits: exact sums, so that forward and adjoint see the same numbers,
 * and no double precision in inner loops, which most cards lack. Differences from double precision stay below
 * 2^-41 · lines voxels, 1e-9 for 2048 lines. To be compiled without contraction (-fmad=false): what is to be fused says so.
 */

#define FRACTION_BITS 40
#define VIEWS 4     /* views a thread of planarForward follows: neighbouring views share voxels in the L1 cache */
#define TAPS 4      /* bins in one round of a gather */
#define SLOTS 512   /* (column, view) pairs whose taps lie in shared memory at a time, planar */
#define CONE_SLOTS 128
#define STEPS 4     /* rows or slices a thread of the cone-beam kernels follows */

typedef long long Fixed;

/** A ray's way through a slice: at line `n` it is at index start + n · step of the other axis. */
struct Ray {
	Fixed start, step;
	float length;    /* mm between two lines */
	int first, last; /* lines outside of which it misses the grid */
	int alongY;      /* lines are rows (y) and indices x, or the other way about */
};

/** Where the beam is; parallel beam has no source and its "tangent" is the distance from the axis. */
template <typename Real>
struct Beam {
	Real dx, dy, dz, source, axisOffset, binsPerTangent, binCentre, rowsPerTangent, rowCentre;
};

struct Scan {
	Beam<double> exact;
	Beam<float> fast;
	int nx, ny, nz, bins, rows;
	int kind;        /* PARALLEL, FLAT or ARC */
};

enum { PARALLEL, FLAT, ARC };

struct View {
	double cos, sin;
};

/** What one launch works on: some views, some slices, and the strides of its columns. */
struct Part {
	int firstView, views, firstSlice, slices, volumeStride, projectionStride;
};

__device__ static inline int whole(Fixed position) {
	return (int) (position >> FRACTION_BITS);
}

__device__ static inline float fraction(Fixed position) {
	return (float) (unsigned) (position >> (FRACTION_BITS - 32)) * 2.3283064365386963e-10f; /* 2^-32 */
}

__device__ static inline Fixed fixed(double position) {
	return (Fixed) (position * 1099511627776.0); /* 2^40 */
}

/** The weight of linear interpolation at an index for a sample at a distance from it. */
__device__ static inline float hat(Fixed distance) {
	const int cell = whole(distance);
	return cell == 0 ? 1 - fraction(distance) : cell == -1 ? fraction(distance) : 0;
}

__device__ static inline void add(float4& sum, float weight, const float4 value) {
	sum.x = fmaf(weight, value.x, sum.x);
	sum.y = fmaf(weight, value.y, sum.y);
	sum.z = fmaf(weight, value.z, sum.z);
	sum.w = fmaf(weight, value.w, sum.w);
}

/** Where a point of the slice falls on the detector. */
template <typename Real>
struct Shadow {
	Real bin;
	Real reach;    /* bins whose rays pass the point within one voxel lie at most this far */
	Real distance; /* from the source, the way the back-projection weight counts it: along the central ray or direct */
};

template <typename Real>
__device__ static inline Shadow<Real> shadow(const Beam<Real>& beam, int kind, Real cosine, Real sine, Real x, Real y) {
	const Real s = x * cosine - y * sine - beam.axisOffset;
	Shadow<Real> point;
	if (kind == PARALLEL) {
		point.bin = s * beam.binsPerTangent + beam.binCentre;
		point.reach = fmax(beam.dx * fabs(cosine), beam.dy * fabs(sine)) * beam.binsPerTangent;
		point.distance = 1;
		return point;
	}
	const Real depth = x * sine + y * cosine + beam.source;
	const Real tangent = s / depth;
	/* A step of one voxel changes s/depth by at most the voxel's extent across the ray over the least depth near by. */
	const Real across = fmax(beam.dx * fabs(cosine - tangent * sine), beam.dy * fabs(sine + tangent * cosine));
	const Real nearest = depth - fmax(beam.dx, beam.dy);
	point.reach = nearest > 0 ? across / nearest * beam.binsPerTangent : (Real) 1e9; /* beside the source: every bin */
	point.bin = (kind == FLAT ? tangent : atan(tangent)) * beam.binsPerTangent + beam.binCentre;
	point.distance = kind == FLAT ? depth : sqrt(s * s + depth * depth);
	return point;
}

__device__ static inline float planarWeight(const Ray& ray, int i, int j) {
	const Fixed position = ray.start + (ray.alongY ? j : i) * ray.step;
	return hat(position - ((Fixed) (ray.alongY ? i : j) << FRACTION_BITS)) * ray.length;
}

/** blockDim = (quadruples of slices, bins); blockIdx = (bins, groups of VIEWS views, slices). */
extern "C" __global__ void __launch_bounds__(512, 2) planarForward(Scan scan, Part part, const Ray* rays, const View*,
	const float* volume, float* projections)
{
	const int stride = part.volumeStride / 4;
	const int z = blockIdx.z * blockDim.x + threadIdx.x, u = blockIdx.x * blockDim.y + threadIdx.y;
	if (z >= stride || u >= scan.bins) return;
	Ray ray[VIEWS];
	float4 sum[VIEWS];
	int first = scan.nx + scan.ny, last = -1;
	for (int g = 0; g < VIEWS; g++) {
		const int view = min((int) blockIdx.y * VIEWS + g, part.views - 1);
		ray[g] = rays[(size_t) (part.firstView + view) * scan.bins + u];
		first = min(first, ray[g].first);
		last = max(last, ray[g].last);
		sum[g] = make_float4(0, 0, 0, 0);
	}
	const int row = scan.nx * stride; /* places of float4 in a slab fit 31 bits, which saves products of 64 */
	Fixed position[VIEWS];
	for (int g = 0; g < VIEWS; g++)
		position[g] = ray[g].start + first * ray[g].step;
	const float4* column = (const float4*) volume + z;
	for (int line = first; line <= last; line++) {
#pragma unroll
		for (int g = 0; g < VIEWS; g++) {
			const int index = whole(position[g]), n = ray[g].alongY ? scan.nx : scan.ny;
			const int along = ray[g].alongY ? stride : row, at = index * along + line * (ray[g].alongY ? row : stride);
			const float weight = fraction(position[g]);
			position[g] += ray[g].step;
			if ((unsigned) (index + 1) > (unsigned) n || line > ray[g].last) continue;
			if (index >= 0) add(sum[g], 1 - weight, column[at]);
			if (index + 1 < n) add(sum[g], weight, column[at + along]);
		}
	}
	for (int g = 0; g < VIEWS; g++) {
		const int view = blockIdx.y * VIEWS + g;
		if (view >= part.views) return;
		const float length = ray[g].length;
		((float4*) projections)[((size_t) view * scan.bins + u) * stride + z] = make_float4(length * sum[g].x,
			length * sum[g].y, length * sum[g].z, length * sum[g].w);
	}
}

struct alignas(16) Taps {
	float weight[TAPS];
	int bin;
};

/** The bins from which a voxel column gathers in one view, TAPS of them from number `skip` on, and whether others follow. */
__device__ static Taps adjointTaps(const Scan& scan, const Ray* rays, const View view, int i, int j, int skip, int& more)
{
	const Beam<float>& beam = scan.fast;
	const Shadow<float> point = shadow<float>(beam, scan.kind, (float) view.cos, (float) view.sin,
		(i - (scan.nx - 1) * 0.5f) * beam.dx, (j - (scan.ny - 1) * 0.5f) * beam.dy);
	const float slack = 0.01f; /* single precision is far better; a bin too many has weight 0 */
	Taps taps;
	taps.bin = max(0, (int) ceilf(point.bin - point.reach - slack)) + skip;
	const int last = min(scan.bins - 1, (int) floorf(point.bin + point.reach + slack));
	for (int k = 0; k < TAPS; k++)
		taps.weight[k] = taps.bin + k > last ? 0 : planarWeight(rays[taps.bin + k], i, j);
	more |= taps.bin + TAPS <= last;
	return taps;
}

/** The two bins between which a voxel column's centre falls, weighted by the distance from the source. */
__device__ static Shadow<double> exactShadow(const Scan& scan, const View view, int i, int j) {
	const Beam<double>& beam = scan.exact;
	return shadow<double>(beam, scan.kind, view.cos, view.sin, (i - (scan.nx - 1) * 0.5) * beam.dx,
		(j - (scan.ny - 1) * 0.5) * beam.dy);
}

__device__ static Taps linearTaps(const Scan& scan, const Shadow<double>& point) {
	const double cell = floor(point.bin), ratio = scan.kind == PARALLEL ? 1 : scan.exact.source / point.distance;
	const float weight = (float) (ratio * ratio), upper = (float) (point.bin - cell);
	Taps taps;
	taps.bin = (int) fmax(-2.0, fmin(cell, (double) scan.bins)); /* outside, but within the range of int */
	taps.weight[0] = taps.bin < 0 || taps.bin >= scan.bins ? 0 : weight * (1 - upper);
	taps.weight[1] = taps.bin < -1 || taps.bin + 1 >= scan.bins ? 0 : weight * upper;
	taps.weight[2] = taps.weight[3] = 0;
	return taps;
}

/**
 * volume (+)= Σ taps · projections. blockDim = (quadruples of slices, columns: a multiple of 4 that divides SLOTS);
 * blockIdx = tiles of 4 columns along x, of the others along y, slices.
 */
template <bool ADJOINT>
__device__ static inline void planarGather(const Scan& scan, const Part& part, const Ray* rays, const View* views,
	const float* projections, float* volume, int accumulate)
{
	__shared__ Taps slots[SLOTS];
	const int columns = blockDim.y, batch = SLOTS / columns, stride = part.volumeStride / 4;
	const int i0 = blockIdx.x * 4, j0 = blockIdx.y * (columns / 4);
	const int i = i0 + threadIdx.y % 4, j = j0 + threadIdx.y / 4, z = blockIdx.z * blockDim.x + threadIdx.x;
	const bool inside = i < scan.nx && j < scan.ny && z < stride;
	float4* target = (float4*) volume + ((size_t) j * scan.nx + i) * stride + z;
	float4 sum = inside && accumulate ? *target : make_float4(0, 0, 0, 0);
	for (int view0 = 0; view0 < part.views; view0 += batch) {
		const int count = min(batch, part.views - view0);
		for (int skip = 0, more = 1; more; skip += TAPS) {
			more = 0;
			for (int slot = threadIdx.y * blockDim.x + threadIdx.x; slot < count * columns; slot += blockDim.x * columns) {
				const int view = part.firstView + view0 + slot / columns, c = slot % columns;
				slots[slot] = ADJOINT ? adjointTaps(scan, rays + (size_t) view * scan.bins, views[view], i0 + c % 4, j0 + c / 4,
					skip, more) : linearTaps(scan, exactShadow(scan, views[view], i0 + c % 4, j0 + c / 4));
			}
			more = __syncthreads_or(more);
			if (inside)
				for (int n = 0; n < count; n++) {
					const Taps taps = slots[n * columns + threadIdx.y];
					const float4* at = (const float4*) projections + ((view0 + n) * scan.bins + taps.bin) * stride + z;
#pragma unroll
					for (int k = 0; k < TAPS; k++)
						if (taps.weight[k] != 0) add(sum, taps.weight[k], at[k * stride]);
				}
			__syncthreads();
		}
	}
	if (inside) *target = sum;
}

extern "C" __global__ void __launch_bounds__(512) planarAdjoint(Scan scan, Part part, const Ray* rays, const View* views,
	const float* projections, float* volume, int accumulate)
{
	planarGather<true>(scan, part, rays, views, projections, volume, accumulate);
}

extern "C" __global__ void __launch_bounds__(512) planarBackproject(Scan scan, Part part, const Ray* rays, const View* views,
	const float* projections, float* volume, int accumulate)
{
	planarGather<false>(scan, part, rays, views, projections, volume, accumulate);
}

/** The slices at which the rays of one view cross a voxel column: that of row v is start + v · step. */
struct Heights {
	Fixed start, step;
};

__device__ static Heights heights(const Scan& scan, const Shadow<double>& point) {
	const double step = point.distance / (scan.exact.rowsPerTangent * scan.exact.dz);
	Heights heights;
	heights.start = fixed((scan.nz - 1) * 0.5 - step * scan.exact.rowCentre);
	heights.step = fixed(step);
	return heights;
}

/** How much a ray to a bin rises for each row, per distance in the slice's plane. */
__device__ static inline float risePerRow(const Scan& scan, int bin) {
	const float tangent = (bin - scan.fast.binCentre) / scan.fast.binsPerTangent;
	return 1 / (scan.fast.rowsPerTangent * (scan.kind == FLAT ? sqrtf(1 + tangent * tangent) : 1));
}

/** Length of a ray over that of its shadow in the slice's plane. */
__device__ static inline float obliquity(const Scan& scan, float perRow, int row) {
	const float rise = perRow * (row - scan.fast.rowCentre);
	return sqrtf(1 + rise * rise);
}

/** What a ray meets on one line: two voxel columns, of which either may lie outside and then weighs 0. */
struct Crossing {
	Heights left, right;
	float leftWeight, rightWeight;
	int column; /* the left one */
};

__device__ static Crossing crossing(const Scan& scan, const Ray& ray, const View view, int line) {
	const Fixed position = ray.start + line * ray.step;
	const int index = whole(position), n = ray.alongY ? scan.nx : scan.ny, along = ray.alongY ? 1 : scan.nx;
	Crossing met;
	met.column = index * along + line * (ray.alongY ? scan.nx : 1);
	met.leftWeight = line > ray.last || index < 0 || index >= n ? 0 : 1 - fraction(position);
	met.rightWeight = line > ray.last || index < -1 || index + 1 >= n ? 0 : fraction(position);
	const int i = ray.alongY ? index : line, j = ray.alongY ? line : index;
	if (met.leftWeight != 0) met.left = heights(scan, exactShadow(scan, view, i, j));
	if (met.rightWeight != 0) met.right = heights(scan, exactShadow(scan, view, i + (ray.alongY ? 1 : 0),
		j + (ray.alongY ? 0 : 1)));
	return met;
}

/** A column's value at a height, 0 outside. */
__device__ static inline float interpolate(const float* column, int length, Fixed height) {
	const int k = whole(height);
	const float upper = fraction(height);
	return (k >= 0 && k < length ? (1 - upper) * column[k] : 0) + (k >= -1 && k + 1 < length ? upper * column[k + 1] : 0);
}

/**
 * blockDim = (rows, bins: a divisor of CONE_SLOTS), each thread follows STEPS rows blockDim.x apart; blockIdx = (bins,
 * views, rows).
 */
extern "C" __global__ void __launch_bounds__(256) coneForward(Scan scan, Part part, const Ray* rays, const View* views,
	const float* volume, float* projections)
{
	__shared__ Crossing slots[CONE_SLOTS];
	const int batch = CONE_SLOTS / blockDim.y, lines = max(scan.nx, scan.ny), view = part.firstView + blockIdx.y;
	const int row0 = blockIdx.z * blockDim.x * STEPS + threadIdx.x, u = blockIdx.x * blockDim.y + threadIdx.y;
	const Ray* ray = rays + (size_t) view * scan.bins + blockIdx.x * blockDim.y;
	const Fixed bottom = (Fixed) part.firstSlice << FRACTION_BITS;
	float sum[STEPS];
	for (int r = 0; r < STEPS; r++)
		sum[r] = 0;
	for (int line0 = 0; line0 < lines; line0 += batch) {
		for (int slot = threadIdx.y * blockDim.x + threadIdx.x; slot < CONE_SLOTS; slot += blockDim.x * blockDim.y) {
			const int b = slot / batch;
			if ((int) (blockIdx.x * blockDim.y) + b < scan.bins) slots[slot] = crossing(scan, ray[b], views[view], line0 + slot % batch);
		}
		__syncthreads();
		if (u < scan.bins)
			for (int line = 0; line < batch; line++) {
				const Crossing& met = slots[threadIdx.y * batch + line];
				const float* left = volume + (long long) met.column * part.volumeStride;
				if (met.leftWeight != 0)
#pragma unroll
					for (int r = 0; r < STEPS; r++)
						sum[r] = fmaf(met.leftWeight, interpolate(left, part.slices, met.left.start - bottom +
							(row0 + r * (int) blockDim.x) * met.left.step), sum[r]);
				if (met.rightWeight != 0) {
					const float* right = left + (long long) (ray[threadIdx.y].alongY ? 1 : scan.nx) * part.volumeStride;
#pragma unroll
					for (int r = 0; r < STEPS; r++)
						sum[r] = fmaf(met.rightWeight, interpolate(right, part.slices, met.right.start - bottom +
							(row0 + r * (int) blockDim.x) * met.right.step), sum[r]);
				}
			}
		__syncthreads();
	}
	if (u >= scan.bins) return;
	const float length = ray[threadIdx.y].length, perRow = risePerRow(scan, u);
	for (int r = 0; r < STEPS; r++) {
		const int row = row0 + r * blockDim.x;
		if (row < scan.rows) projections[((size_t) blockIdx.y * scan.bins + u) * part.projectionStride + row] = sum[r] *
			length * obliquity(scan, perRow, row);
	}
}

/** Taps, and how rows and slices meet over the voxel column: in the adjoint as Heights, in back-projection the inverse. */
struct ConeTaps {
	Heights heights;
	float rowsPerSlice;
	Taps planar;
};

template <bool ADJOINT>
__device__ static ConeTaps coneTaps(const Scan& scan, const Ray* rays, const View view, int i, int j, int skip, int& more) {
	const Shadow<double> point = exactShadow(scan, view, i, j);
	const double rowsPerSlice = scan.exact.rowsPerTangent * scan.exact.dz / point.distance;
	ConeTaps taps;
	taps.rowsPerSlice = (float) rowsPerSlice;
	if (ADJOINT) {
		taps.planar = adjointTaps(scan, rays, view, i, j, skip, more);
		taps.heights = heights(scan, point);
	}
	else {
		taps.planar = linearTaps(scan, point);
		taps.heights.start = fixed(scan.exact.rowCentre - (scan.nz - 1) * 0.5 * rowsPerSlice);
		taps.heights.step = fixed(rowsPerSlice);
	}
	return taps;
}

/** Σ over the rows whose rays pass a voxel within one slice, each with the weight that coneForward gives it. */
__device__ static inline float gatherRows(const Scan& scan, const ConeTaps& taps, float perRow, int slice,
	const float* column)
{
	const float centre = scan.fast.rowCentre + (slice - (scan.nz - 1) * 0.5f) * taps.rowsPerSlice;
	const float reach = taps.rowsPerSlice + 0.01f; /* a row too many has weight 0 */
	const int first = max(0, (int) ceilf(centre - reach)), last = min(scan.rows - 1, (int) floorf(centre + reach));
	float sum = 0;
	for (int row = first; row <= last; row++) {
		const float weight = hat(taps.heights.start + row * taps.heights.step - ((Fixed) slice << FRACTION_BITS));
		if (weight != 0) sum = fmaf(weight * obliquity(scan, perRow, row), column[row], sum);
	}
	return sum;
}

/** As planarGather; each thread has STEPS slices blockDim.x apart, and the columns divide CONE_SLOTS. */
template <bool ADJOINT>
__device__ static inline void coneGather(const Scan& scan, const Part& part, const Ray* rays, const View* views,
	const float* projections, float* volume, int accumulate)
{
	__shared__ ConeTaps slots[CONE_SLOTS];
	const int columns = blockDim.y, batch = CONE_SLOTS / columns;
	const int i0 = blockIdx.x * 4, j0 = blockIdx.y * (columns / 4);
	const int i = i0 + threadIdx.y % 4, j = j0 + threadIdx.y / 4, k0 = blockIdx.z * blockDim.x * STEPS + threadIdx.x;
	const bool inside = i < scan.nx && j < scan.ny && k0 < part.slices;
	float* target = volume + ((size_t) j * scan.nx + i) * part.volumeStride + k0;
	float sum[STEPS];
	for (int r = 0; r < STEPS; r++)
		sum[r] = inside && accumulate && k0 + (int) (r * blockDim.x) < part.slices ? target[r * blockDim.x] : 0;
	for (int view0 = 0; view0 < part.views; view0 += batch) {
		const int count = min(batch, part.views - view0);
		for (int skip = 0, more = 1; more; skip += TAPS) {
			more = 0;
			for (int slot = threadIdx.y * blockDim.x + threadIdx.x; slot < count * columns; slot += blockDim.x * columns) {
				const int view = part.firstView + view0 + slot / columns, c = slot % columns;
				slots[slot] = coneTaps<ADJOINT>(scan, rays + (size_t) view * scan.bins, views[view], i0 + c % 4, j0 + c / 4, skip,
					more);
			}
			more = __syncthreads_or(more);
			if (inside)
				for (int n = 0; n < count; n++) {
					const ConeTaps& taps = slots[n * columns + threadIdx.y];
					for (int k = 0; k < TAPS; k++) {
						const float weight = taps.planar.weight[k];
						if (weight == 0) continue;
						const int bin = taps.planar.bin + k;
						const float* column = projections + (long long) ((view0 + n) * scan.bins + bin) * part.projectionStride;
						const float perRow = risePerRow(scan, bin);
#pragma unroll
						for (int r = 0; r < STEPS; r++) {
							const int slice = part.firstSlice + k0 + r * blockDim.x;
							sum[r] = fmaf(weight, ADJOINT ? gatherRows(scan, taps, perRow, slice, column) : interpolate(column,
								scan.rows, taps.heights.start + slice * taps.heights.step), sum[r]);
						}
					}
				}
			__syncthreads();
		}
	}
	for (int r = 0; r < STEPS; r++)
		if (inside && k0 + (int) (r * blockDim.x) < part.slices) target[r * blockDim.x] = sum[r];
}

extern "C" __global__ void __launch_bounds__(256) coneAdjoint(Scan scan, Part part, const Ray* rays, const View* views,
	const float* projections, float* volume, int accumulate)
{
	coneGather<true>(scan, part, rays, views, projections, volume, accumulate);
}

extern "C" __global__ void __launch_bounds__(256) coneBackproject(Scan scan, Part part, const Ray* rays, const View* views,
	const float* projections, float* volume, int accumulate)
{
	coneGather<false>(scan, part, rays, views, projections, volume, accumulate);
}
