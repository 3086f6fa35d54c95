/* Mistake:   gives the first half of the work to a thread.
 * Test:      serial_map_needs_no_process
 * Diagnosis: extra-processes
 */
#include "correct.h"

#include <pthread.h>

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

struct slice {
	task_fn *task;
	const uint32_t *seeds;
	size_t n;
	int32_t *results;
};

static void *run(void *argument)
{
	const struct slice *slice = argument;

	for (size_t i = 0; i < slice->n; i++)
		slice->results[i] = slice->task(slice->seeds[i]);
	return NULL;
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	if (n > 0 && (!task || !seeds || !results)) {
		errno = EINVAL;
		return -1;
	}
	if (n == 0)
		return 0;
	struct slice first = { task, seeds, n / 2, results };
	struct slice second = { task, seeds + n / 2, n - n / 2, results + n / 2 };
	pthread_t thread;
	int started = pthread_create(&thread, NULL, run, &first) == 0;

	if (!started)
		run(&first);
	run(&second);
	if (started)
		pthread_join(thread, NULL);
	return 0;
}
