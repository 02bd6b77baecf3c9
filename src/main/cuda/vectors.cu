/*
 * The arithmetic of iterative solvers on vectors that stay in the GPU's memory: volumes and projections whose columns lie
 * `stride` floats apart as in projector.cu. What lies between the end of a column and the next one may be anything; it
 * enters no sum and no other place. Each number is that of the processor's Columns, ColumnsTotalVariation and
 * ColumnsAxialVariation but for dot, which adds up in another order. To be compiled without contraction (-fmad=false) for that reason.
 */

#define THREADS 256 /* of a block */
#define GROUPS 16   /* into which a block's sums are first put together: the root of THREADS */
#define LEAST 1.17549435e-38f /* the least normal float, for 0 / 0 */

/** The element of a vector that belongs to a thread, where blocks follow each other. */
__device__ static inline long long element() {
	return (long long) blockIdx.x * THREADS + threadIdx.x;
}

/** target ← a · target + b · other */
extern "C" __global__ void __launch_bounds__(THREADS) vectorCombine(float* target, float a, float b, const float* other,
	long long size)
{
	const long long i = element();
	if (i < size) target[i] = a * target[i] + b * other[i];
}

/** target ← a · target */
extern "C" __global__ void __launch_bounds__(THREADS) vectorScale(float* target, float a, long long size) {
	const long long i = element();
	if (i < size) target[i] *= a;
}

/** target ← target · other */
extern "C" __global__ void __launch_bounds__(THREADS) vectorMultiply(float* target, const float* other, long long size) {
	const long long i = element();
	if (i < size) target[i] *= other[i];
}

/** target ← max(target, floor) */
extern "C" __global__ void __launch_bounds__(THREADS) vectorClampBelow(float* target, float floor, long long size) {
	const long long i = element();
	if (i < size) target[i] = fmaxf(target[i], floor);
}

/** target ← target + a · |other| */
extern "C" __global__ void __launch_bounds__(THREADS) vectorAddMagnitude(float* target, float a, const float* other,
	long long size)
{
	const long long i = element();
	if (i < size) target[i] += a * fabsf(other[i]);
}

/** target ← min(target, 0) + other */
extern "C" __global__ void __launch_bounds__(THREADS) vectorAddToNegativePart(float* target, const float* other,
	long long size)
{
	const long long i = element();
	if (i < size) target[i] = other[i] + fminf(target[i], 0);
}

/** Columns of `length` floats, nx of them in a row, and what differences along the axes of a volume are multiplied by. */
struct Shape {
	int nx, columns, length, stride;
	float wx, wy, wz;
};

/**
 * sums[block] ← Σ a · b over every gridDim.x-th group of columns, one sum for each block, always in the same order.
 * blockDim = (elements, columns), THREADS in all.
 */
extern "C" __global__ void __launch_bounds__(THREADS) vectorDot(double* sums, const float* a, const float* b, Shape shape) {
	__shared__ double partial[THREADS];
	const int thread = threadIdx.y * blockDim.x + threadIdx.x;
	double sum = 0;
	for (int column = blockIdx.x * blockDim.y + threadIdx.y; column < shape.columns; column += gridDim.x * blockDim.y)
		for (int k = threadIdx.x; k < shape.length; k += blockDim.x) {
			const size_t at = (size_t) column * shape.stride + k;
			sum += (double) a[at] * b[at];
		}
	partial[thread] = sum;
	__syncthreads();
	if (thread < GROUPS)
		for (int other = thread + GROUPS; other < THREADS; other += GROUPS)
			partial[thread] += partial[other];
	__syncthreads();
	if (thread > 0) return;
	for (int other = 1; other < GROUPS; other++)
		partial[0] += partial[other];
	sums[blockIdx.x] = partial[0];
}

/** A thread's voxel: blockDim = (slices, columns), blockIdx.x goes along columns and blockIdx.z along slices. */
struct Voxel {
	int i, k;       /* along x and z */
	bool inside, below; /* whether a next row follows */
	size_t at, row; /* its place, and how far off the next row's is */
};

__device__ static inline Voxel voxel(const Shape& shape) {
	const int column = blockIdx.x * blockDim.y + threadIdx.y;
	Voxel voxel;
	voxel.i = column % shape.nx;
	voxel.k = blockIdx.z * blockDim.x + threadIdx.x;
	voxel.inside = column < shape.columns && voxel.k < shape.length;
	voxel.below = column + shape.nx < shape.columns;
	voxel.row = (size_t) shape.nx * shape.stride;
	voxel.at = (size_t) column * shape.stride + voxel.k;
	return voxel;
}

/** Factor in 0...1 by which group soft-thresholding scales (x, y, z). */
__device__ static inline float shrinkage(float x, float y, float z, float threshold) {
	return fmaxf(0, 1 - threshold / sqrtf(fmaxf(x * x + y * y + z * z, LEAST)));
}

/** v ← gradient of x + (v − shrink(v)) */
extern "C" __global__ void __launch_bounds__(THREADS) tvSplit(float* vx, float* vy, float* vz, const float* x,
	float threshold, Shape shape)
{
	const Voxel p = voxel(shape);
	if (!p.inside) return;
	const float here = x[p.at], kept = 1 - shrinkage(vx[p.at], vy[p.at], vz[p.at], threshold);
	vx[p.at] = (p.i + 1 < shape.nx ? shape.wx * (x[p.at + shape.stride] - here) : 0) + kept * vx[p.at];
	vy[p.at] = (p.below ? shape.wy * (x[p.at + p.row] - here) : 0) + kept * vy[p.at];
	vz[p.at] = (p.k + 1 < shape.length ? shape.wz * (x[p.at + 1] - here) : 0) + kept * vz[p.at];
}

/** weight · (2 shrink(v) − v) = result · v */
__device__ static inline float reflection(const float* vx, const float* vy, const float* vz, size_t at, float threshold,
	float weight)
{
	return weight * (2 * shrinkage(vx[at], vy[at], vz[at], threshold) - 1);
}

/** target ← target + weight · adjoint of the gradient of (2 shrink(v) − v) */
extern "C" __global__ void __launch_bounds__(THREADS) tvAddTarget(float* target, const float* vx, const float* vy,
	const float* vz, float threshold, float weight, Shape shape)
{
	const Voxel p = voxel(shape);
	if (!p.inside) return;
	const float f = reflection(vx, vy, vz, p.at, threshold, weight);
	const size_t left = p.at - shape.stride, above = p.at - p.row, before = p.at - 1;
	float result = target[p.at];
	result += (p.i > 0 ? shape.wx * reflection(vx, vy, vz, left, threshold, weight) * vx[left] : 0)
		- (p.i + 1 < shape.nx ? shape.wx * f * vx[p.at] : 0);
	result += (p.at >= p.row ? shape.wy * reflection(vx, vy, vz, above, threshold, weight) * vy[above] : 0)
		- (p.below ? shape.wy * f * vy[p.at] : 0);
	result += (p.k > 0 ? shape.wz * reflection(vx, vy, vz, before, threshold, weight) * vz[before] : 0)
		- (p.k + 1 < shape.length ? shape.wz * f * vz[p.at] : 0);
	target[p.at] = result;
}

/** target ← a · target + weight · (adjoint of the gradient of the gradient of x + c · x) */
extern "C" __global__ void __launch_bounds__(THREADS) tvAddLaplacian(float* target, const float* x, float weight, float c,
	float a, Shape shape)
{
	const Voxel p = voxel(shape);
	if (!p.inside) return;
	const float ax = weight * shape.wx * shape.wx, ay = weight * shape.wy * shape.wy, az = weight * shape.wz * shape.wz;
	const float here = x[p.at], left = p.i > 0 ? x[p.at - shape.stride] : here;
	const float right = p.i + 1 < shape.nx ? x[p.at + shape.stride] : here;
	const float above = p.at >= p.row ? x[p.at - p.row] : here, below = p.below ? x[p.at + p.row] : here;
	const float before = p.k > 0 ? x[p.at - 1] : here, after = p.k + 1 < shape.length ? x[p.at + 1] : here;
	// Of the voxel itself, which stands for the neighbours that voxels at the border lack.
	const float own = weight * c + 2 * (ax + ay + az);
	float result = a * target[p.at] + own * here - ax * (left + right) - ay * (above + below);
	result -= az * (before + after);
	target[p.at] = result;
}

/** What of v a threshold leaves to the dual variable: v − shrink(v). */
__device__ static inline float axialDual(float v, float threshold) {
	return fminf(threshold, fmaxf(-threshold, v));
}

/** shrink(v) minus the dual variable */
__device__ static inline float axialTarget(float v, float threshold) {
	return v - 2 * axialDual(v, threshold);
}

/** Where the next slice's voxel is; that of the last slice is the first's. */
__device__ static inline size_t nextSlice(const Voxel& p, const Shape& shape) {
	return p.k + 1 < shape.length ? p.at + 1 : p.at - p.k;
}

/** Where the previous slice's voxel is; that of the first slice is the last's. */
__device__ static inline size_t previousSlice(const Voxel& p, const Shape& shape) {
	return p.k > 0 ? p.at - 1 : p.at + shape.length - 1;
}

/** v ← differences of x along z + (v − shrink(v)) */
extern "C" __global__ void __launch_bounds__(THREADS) axialSplit(float* v, const float* x, float threshold, Shape shape) {
	const Voxel p = voxel(shape);
	if (p.inside) v[p.at] = x[nextSlice(p, shape)] - x[p.at] + axialDual(v[p.at], threshold);
}

/** target ← target + weight · adjoint of the differences along z of (2 shrink(v) − v) */
extern "C" __global__ void __launch_bounds__(THREADS) axialAddTarget(float* target, const float* v, float threshold,
	float weight, Shape shape)
{
	const Voxel p = voxel(shape);
	if (p.inside) target[p.at] += weight * (axialTarget(v[previousSlice(p, shape)], threshold) - axialTarget(v[p.at],
		threshold));
}

/** target ← a · target + weight · (adjoint of the differences along z of the differences of x + c · x) */
extern "C" __global__ void __launch_bounds__(THREADS) axialAddLaplacian(float* target, const float* x, float weight, float c,
	float a, Shape shape)
{
	const Voxel p = voxel(shape);
	if (!p.inside) return;
	const float here = x[p.at];
	target[p.at] = (a * target[p.at] + weight * c * here) + weight * (2 * here - x[previousSlice(p, shape)] - x[nextSlice(p,
		shape)]);
}
