/* The probe task and its log: see probe.h.
 *
 * An entry is claimed by one atomic addition and then belongs to the process
 * that claimed it. Relaxed order is enough: the log is read only after the
 * processes that wrote it have been waited for.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "reference.h"

static struct probe_log *the_log;

size_t probe_log_size(size_t capacity)
{
	return sizeof(struct probe_log) + capacity * sizeof(struct probe_entry);
}

struct probe_log *probe_init(void *memory, size_t capacity)
{
	the_log = memory;
	the_log->capacity = capacity;
	atomic_init(&the_log->count, 0);
	return the_log;
}

int32_t probe_task(uint32_t seed)
{
	double start = clock_wall();
	double cpu = clock_thread_cpu();
	size_t index = atomic_fetch_add_explicit(&the_log->count, 1, memory_order_relaxed);

	int32_t result = reference_square(seed);
	if (index < the_log->capacity)
		the_log->entry[index] = (struct probe_entry){
			.seed = seed,
			.pid = getpid(),
			.tid = (pid_t)syscall(SYS_gettid),
			.start = start,
			.end = clock_wall(),
			.cpu_seconds = clock_thread_cpu() - cpu,
		};
	return result;
}

size_t probe_entries(const struct probe_log *log)
{
	size_t count = atomic_load_explicit(&log->count, memory_order_relaxed);
	return count < log->capacity ? count : log->capacity;
}

size_t probe_times_run(const struct probe_log *log, uint32_t seed)
{
	size_t times = 0;
	for (size_t i = 0; i < probe_entries(log); i++)
		times += log->entry[i].seed == seed;
	return times;
}
