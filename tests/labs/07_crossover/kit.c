/* A task of a known cost and a parallel map of bare forks: see kit.h. */
#define _GNU_SOURCE
#include "kit.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "cpus.h"

enum { CALIBRATION_STEPS = 400000, CALIBRATIONS = 5 };

static struct {
	double step_seconds;
	unsigned long steps; /* of each task */
} cost;

int kit_workers(void)
{
	int usable = cpus_usable();
	return usable < KIT_WORKERS ? usable : KIT_WORKERS;
}

/* Each step needs the number of the one before, so that they cannot overlap, and
 * the compiler cannot foresee them. */
static uint32_t compute(uint32_t number, unsigned long steps)
{
	for (unsigned long i = 0; i < steps; i++) {
		number = number * 1664525u + 1013904223u;
		__asm__ volatile("" : "+r"(number));
	}
	return number;
}

int32_t kit_value(uint32_t seed)
{
	return (int32_t)(seed * 2654435761u >> 1);
}

/* Short tasks that follow each other would overlap in the processor, and cost less in
 * a loop than by themselves: so each one needs the number of the one before. */
int32_t kit_task(uint32_t seed)
{
	static volatile uint32_t last;
	last = compute(seed + last, cost.steps);
	return kit_value(seed);
}

void kit_calibrate(void)
{
	for (int i = 0; i < CALIBRATIONS; i++) {
		double start = clock_wall();
		volatile uint32_t worked = compute(1, CALIBRATION_STEPS);
		(void)worked;
		double seconds = (clock_wall() - start) / CALIBRATION_STEPS;
		if (i == 0 || seconds < cost.step_seconds)
			cost.step_seconds = seconds;
	}
}

void kit_compute(double seconds)
{
	volatile uint32_t worked = compute(1, (unsigned long)(seconds / cost.step_seconds));
	(void)worked;
}

void kit_set_cost(double seconds)
{
	cost.steps = (unsigned long)(seconds / cost.step_seconds);
}

int kit_serial(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}

/* Waits for each of them; returns 0, or the errno for what went wrong. */
static int wait_for_all(const pid_t pids[], int started)
{
	int error = 0;
	for (int rank = 0; rank < started; rank++) {
		int status = 0;
		while (waitpid(pids[rank], &status, 0) == -1 && errno == EINTR)
			;
		if (status != 0)
			error = ECHILD;
	}
	return error;
}

/* Starts a process for each slice, from `shared` on. Returns how many could be. */
static int start_slices(task_fn *task, const uint32_t *seeds, size_t n,
                        int32_t *shared, int workers, pid_t pids[])
{
	for (int rank = 0; rank < workers; rank++) {
		size_t first = n * (size_t)rank / (size_t)workers;
		size_t end = n * (size_t)(rank + 1) / (size_t)workers;
		pids[rank] = fork();
		if (pids[rank] == -1)
			return rank;
		if (pids[rank] == 0) {
			kit_serial(task, seeds + first, end - first, shared + first);
			_exit(0);
		}
	}
	return workers;
}

int kit_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
            int workers)
{
	pid_t pids[KIT_WORKERS];
	size_t size = n * sizeof *results;
	if (n == 0)
		return 0;
	if ((size_t)workers > n)
		workers = (int)n;
	int32_t *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	int started = start_slices(task, seeds, n, shared, workers, pids);
	int error = started < workers ? errno : 0;
	int lost = wait_for_all(pids, started);
	error = error != 0 ? error : lost;
	for (size_t i = 0; error == 0 && i < n; i++)
		results[i] = shared[i];
	munmap(shared, size);
	errno = error != 0 ? error : errno;
	return error == 0 ? 0 : -1;
}
