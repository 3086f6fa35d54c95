/* A serial_map that works, a random_square that gives 1 for every seed, and a
 * run_workers that says that one worker failed. */
#include <stddef.h>
#include <stdint.h>

int serial_map(int32_t (*task)(uint32_t), const uint32_t *seeds, size_t n, int32_t *results)
{
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}

int32_t random_square(uint32_t seed)
{
	(void)seed;
	return 1;
}

int run_workers(int workers, int (*body)(int, int, void *), void *context, int statuses[])
{
	(void)workers, (void)body, (void)context, (void)statuses;
	return 1;
}
