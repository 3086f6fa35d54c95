/* Maps that start no process, which nobody asks here; and some that go wrong. */
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

typedef int32_t task_fn(uint32_t seed);

int pipe_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	(void)workers;
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}

int shared_map_dynamic(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                       int workers, size_t chunk)
{
	return chunk == 0 ? -1 : pipe_map(task, seeds, n, results, workers);
}

int map_but_one(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	int status = pipe_map(task, seeds, n, results, workers);
	results[17] = -1;
	return status;
}

int map_and_hang(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results, int workers)
{
	pipe_map(task, seeds, n, results, workers);
	for (;;)
		pause();
}

int map_and_leave_a_zombie(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results,
                           int workers)
{
	if (fork() == 0)
		_exit(0);
	return pipe_map(task, seeds, n, results, workers);
}
