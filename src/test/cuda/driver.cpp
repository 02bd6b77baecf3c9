/*
 * A CUDA driver without a GPU, for tests: the kernels compiled for the host, behind the calls of libcuda.so.1 that the
 * program makes. Every thread of a block is a fiber, so that barriers are real, but in kernels without any; copies and
 * kernels are put off until something waits for them, so that a wait which is missing in the program shows in its results.
 *
 * Environment: EMULATED_MEMORY bytes of the GPU; EMULATED_FAILURE the number of the launch that fails, from 1, and with
 * it the GPU; EMULATED_SHORTAGE the number of the launch that is refused for want of memory; EMULATED_FAULT the kernel
 * whose first output is too large by 1; EMULATED_MODULE the result of loading kernels;
 * EMULATED_DEVICES how many GPUs there are; EMULATED_OTHERS_FIRST if the streams that nobody waits for are to be ahead of
 * the one that is waited for.
 */
#undef _FORTIFY_SOURCE /* which takes a jump to another stack for an error */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <setjmp.h>
#include <string>
#include <tuple>
#include <ucontext.h>
#include <vector>

struct Dim {
	unsigned x, y, z;
};

struct alignas(16) float4 {
	float x, y, z, w;
};

static float4 make_float4(float x, float y, float z, float w) {
	return { x, y, z, w };
}

static Dim gridDim, blockIdx, blockDim, threadIdx;

static int barrier(int predicate);

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(...)
#define __syncthreads() barrier(0)
#define __syncthreads_or(predicate) barrier(predicate)

using std::max;
using std::min;

#include "../../main/cuda/projector.cu"
#include "../../main/cuda/vectors.cu"

/* --- blocks of threads --- */

/** A thread, kept for the next blocks; it goes on by jumps, which are faster than switches of contexts. */
struct Fiber {
	ucontext_t start;
	jmp_buf paused;
	std::vector<char> stack = std::vector<char>(1 << 15);
	bool started = false, finished;
};

static jmp_buf scheduler;
static std::deque<Fiber> fibers;
static unsigned current;
static int gathered, combined;
static const std::function<void()>* body;

static void pause() {
	if (_setjmp(fibers[current].paused) == 0) _longjmp(scheduler, 1);
}

/** Runs the current fiber until it pauses. */
__attribute__((noinline)) static void resume() {
	if (_setjmp(scheduler) != 0) return;
	Fiber& fiber = fibers[current];
	if (fiber.started) _longjmp(fiber.paused, 1);
	fiber.started = true;
	setcontext(&fiber.start);
}

static int barrier(int predicate) {
	if (body == nullptr) abort(); /* in a kernel that is said to have none */
	gathered |= predicate != 0;
	const Dim self = threadIdx;
	pause();
	threadIdx = self;
	return combined;
}

static void fiber() {
	while (true) {
		(*body)();
		fibers[current].finished = true;
		pause();
	}
}

static Dim thread(unsigned number) {
	return { number % blockDim.x, number / blockDim.x % blockDim.y, number / blockDim.x / blockDim.y };
}

static void runBlock(const std::function<void()>& kernel, bool barriers) {
	const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
	if (!barriers) {
		body = nullptr;
		for (unsigned t = 0; t < threads; t++) {
			threadIdx = thread(t);
			kernel();
		}
		return;
	}
	while (fibers.size() < threads) {
		fibers.emplace_back();
		ucontext_t& start = fibers.back().start;
		getcontext(&start);
		start.uc_stack.ss_sp = fibers.back().stack.data();
		start.uc_stack.ss_size = fibers.back().stack.size();
		makecontext(&start, fiber, 0);
	}
	for (unsigned t = 0; t < threads; t++)
		fibers[t].finished = false;
	body = &kernel;
	unsigned done = 0;
	for (bool first = true; done < threads; first = false) {
		gathered = 0;
		done = 0;
		for (current = 0; current < threads; current++) {
			if (!fibers[current].finished) {
				if (first) threadIdx = thread(current);
				resume();
			}
			done += fibers[current].finished;
		}
		if (done > 0 && done < threads) abort(); /* some threads wait at a barrier that others passed by */
		combined = gathered;
	}
}

static int failingLaunch = getenv("EMULATED_FAILURE") ? atoi(getenv("EMULATED_FAILURE")) : 0;
static int refusedLaunch = getenv("EMULATED_SHORTAGE") ? atoi(getenv("EMULATED_SHORTAGE")) : 0;
static int launches, lost;

/* --- kernels by name --- */

using Work = std::function<void(Dim grid, Dim block)>;

/** A kernel with its arguments, and how to spoil what it wrote first. */
struct Launch {
	Work work;
	std::function<void()> spoil;
};

enum Threads { ALONE, TOGETHER }; /* without and with barriers */

template <size_t OUTPUT, Threads KIND, typename... A, size_t... I>
static Launch bound(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
	const std::tuple<A...> values(*(A*) arguments[I]...);
	const Work work = [=](Dim grid, Dim block) {
		const std::function<void()> call = [&] { std::apply(kernel, values); };
		gridDim = grid;
		blockDim = block;
		for (unsigned z = 0; z < grid.z; z++)
			for (unsigned y = 0; y < grid.y; y++)
				for (unsigned x = 0; x < grid.x; x++) {
					blockIdx = { x, y, z };
					runBlock(call, KIND == TOGETHER);
				}
	};
	return { work, [=] { *std::get<OUTPUT>(values) += 1; } };
}

/** OUTPUT is the argument that it writes to. */
template <size_t OUTPUT, Threads KIND, typename... A>
static std::function<Launch(void**)> kernel(void (*function)(A...)) {
	return [=](void** arguments) { return bound<OUTPUT, KIND>(function, arguments, std::index_sequence_for<A...>()); };
}

static std::map<std::string, std::function<Launch(void**)>> kernels = {
	{ "planarForward", kernel<5, ALONE>(planarForward) },
	{ "planarAdjoint", kernel<5, TOGETHER>(planarAdjoint) },
	{ "planarBackproject", kernel<5, TOGETHER>(planarBackproject) },
	{ "coneForward", kernel<5, TOGETHER>(coneForward) },
	{ "coneAdjoint", kernel<5, TOGETHER>(coneAdjoint) },
	{ "coneBackproject", kernel<5, TOGETHER>(coneBackproject) },
	{ "vectorCombine", kernel<0, ALONE>(vectorCombine) },
	{ "vectorScale", kernel<0, ALONE>(vectorScale) },
	{ "vectorMultiply", kernel<0, ALONE>(vectorMultiply) },
	{ "vectorClampBelow", kernel<0, ALONE>(vectorClampBelow) },
	{ "vectorAddMagnitude", kernel<0, ALONE>(vectorAddMagnitude) },
	{ "vectorAddToNegativePart", kernel<0, ALONE>(vectorAddToNegativePart) },
	{ "vectorDot", kernel<0, TOGETHER>(vectorDot) },
	{ "tvSplit", kernel<0, ALONE>(tvSplit) },
	{ "tvAddTarget", kernel<0, ALONE>(tvAddTarget) },
	{ "tvAddLaplacian", kernel<0, ALONE>(tvAddLaplacian) },
	{ "axialSplit", kernel<0, ALONE>(axialSplit) },
	{ "axialAddTarget", kernel<0, ALONE>(axialAddTarget) },
	{ "axialAddLaplacian", kernel<0, ALONE>(axialAddLaplacian) },
};

/* --- streams, whose work waits until it is waited for --- */

struct Stream {
	std::deque<std::function<void()>> work;

	void step() {
		const auto next = work.front();
		work.pop_front();
		next();
	}

	void run() {
		while (!work.empty())
			step();
	}
};

static std::vector<Stream*> streams;

static void runOthers(const Stream* waited) {
	if (getenv("EMULATED_OTHERS_FIRST"))
		for (Stream* stream : streams)
			if (stream != waited) stream->run();
}

struct Event {
	Stream* recorded = nullptr;
	int64_t wanted = 0, reached = 0;

	void wait(int64_t number) {
		while (reached < number)
			recorded->step();
	}
};

enum { SUCCESS = 0, OUT_OF_MEMORY = 2, NO_DEVICE = 100, LAUNCH_FAILED = 719 };

static size_t number(const char* name, size_t otherwise) {
	return getenv(name) ? strtoull(getenv(name), nullptr, 10) : otherwise;
}

static size_t used, total = number("EMULATED_MEMORY", 1 << 30);
static std::map<void*, size_t> sizes;

extern "C" {

int cuInit(unsigned) {
	return number("EMULATED_DEVICES", 1) ? SUCCESS : NO_DEVICE;
}

int cuDeviceGetCount(int* count) {
	*count = (int) number("EMULATED_DEVICES", 1);
	return SUCCESS;
}

int cuDeviceGet(int* device, int number) {
	*device = number;
	return SUCCESS;
}

int cuDeviceGetName(char* name, int length, int) {
	strncpy(name, "emulated", length);
	return SUCCESS;
}

int cuDeviceGetAttribute(int* value, int, int) {
	*value = 5;
	return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void** context, int) {
	*context = &total;
	return SUCCESS;
}

int cuCtxSetCurrent(void*) {
	return SUCCESS;
}

int cuModuleLoadData(void** module, const void* image) {
	*module = &total;
	return strstr((const char*) image, ".target") ? (int) number("EMULATED_MODULE", SUCCESS) : 218;
}

int cuModuleGetFunction(void** function, void*, const char* name) {
	const auto found = kernels.find(name);
	*function = found == kernels.end() ? nullptr : &found->second;
	return found == kernels.end() ? 500 : SUCCESS;
}

int cuMemGetInfo_v2(size_t* free, size_t* all) {
	*free = total - used;
	*all = total;
	return SUCCESS;
}

int cuMemAlloc_v2(void** memory, size_t bytes) {
	if (used + bytes > total) return OUT_OF_MEMORY;
	*memory = aligned_alloc(256, (bytes + 255) / 256 * 256);
	memset(*memory, 0xff, bytes); /* NaN, so that reading what nobody wrote shows */
	sizes[*memory] = bytes;
	used += bytes;
	return SUCCESS;
}

int cuMemFree_v2(void* memory) {
	used -= sizes[memory];
	sizes.erase(memory);
	free(memory);
	return SUCCESS;
}

int cuMemHostAlloc(void** memory, size_t bytes, unsigned) {
	*memory = aligned_alloc(4096, bytes);
	return SUCCESS;
}

int cuStreamCreate(void** stream, unsigned) {
	streams.push_back(new Stream());
	*stream = streams.back();
	return SUCCESS;
}

int cuStreamSynchronize(Stream* stream) {
	if (stream == nullptr) return lost; /* its copies are done at once */
	runOthers(stream);
	stream->run();
	return lost;
}

int cuEventCreate(void** event, unsigned) {
	*event = new Event();
	return SUCCESS;
}

int cuEventRecord(Event* event, Stream* stream) {
	const int64_t mark = ++event->wanted;
	event->recorded = stream;
	stream->work.push_back([=] { event->reached = mark; });
	return lost;
}

int cuEventSynchronize(Event* event) {
	runOthers(event->recorded);
	event->wait(event->wanted);
	return lost;
}

int cuStreamWaitEvent(Stream* stream, Event* event, unsigned) {
	const int64_t mark = event->wanted;
	stream->work.push_back([=] { event->wait(mark); });
	return lost;
}

int cuMemcpyHtoD_v2(void* to, const void* from, size_t bytes) {
	memcpy(to, from, bytes);
	return lost;
}

int cuMemcpyDtoD_v2(void* to, const void* from, size_t bytes) {
	memcpy(to, from, bytes);
	return lost;
}

int cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t bytes, Stream* stream) {
	stream->work.push_back([=] { memcpy(to, from, bytes); });
	return lost;
}

int cuMemsetD32Async(unsigned* to, unsigned value, size_t count, Stream* stream) {
	stream->work.push_back([=] { std::fill(to, to + count, value); });
	return lost;
}

int cuCtxSynchronize() {
	for (Stream* stream : streams)
		stream->run();
	return lost;
}

int cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t bytes, Stream* stream) {
	stream->work.push_back([=] { memcpy(to, from, bytes); });
	return lost;
}

int cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t bytes, Stream* stream) {
	stream->work.push_back([=] { memcpy(to, from, bytes); });
	return lost;
}

int cuLaunchKernel(std::function<Launch(void**)>* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
	unsigned bz, unsigned, Stream* stream, void** arguments, void**)
{
	if (gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || bx * by * bz > 1024) return 1;
	static int number = 0;
	if (++number == refusedLaunch) return OUT_OF_MEMORY;
	const Launch launch = (*function)(arguments);
	const bool faulty = getenv("EMULATED_FAULT") && function == &kernels[getenv("EMULATED_FAULT")];
	stream->work.push_back([=] {
		if (++launches == failingLaunch) lost = LAUNCH_FAILED;
		if (lost == SUCCESS) launch.work({ gx, gy, gz }, { bx, by, bz });
		if (faulty) launch.spoil();
	});
	return lost;
}

}
