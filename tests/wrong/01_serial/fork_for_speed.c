/* Mistake:   gives the first half of the work to a child process.
 * Test:      serial_map_needs_no_process
 * Diagnosis: extra-processes
 */
#include "correct.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int cpu_count(void)
{
	return correct_cpu_count();
}

double wall_seconds(void)
{
	return correct_wall_seconds();
}

int32_t random_square(uint32_t seed)
{
	return correct_random_square(seed);
}

static void run(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	if (n > 0 && (!task || !seeds || !results)) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	size_t half = n / 2, size = (half + 1) * sizeof *results;
	int32_t *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return -1;
	pid_t child = fork();
	if (child <= 0)
		run(task, seeds, half, shared);
	if (child == 0)
		_exit(0);
	run(task, seeds + half, n - half, results + half);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	memcpy(results, shared, half * sizeof *results);
	munmap(shared, size);
	return 0;
}
