/* Mistake:   remembers results by seed modulo 1024, and does not look whether
 *            what it finds there was for this seed.
 * Test:      random_square_many_seeds
 * Diagnosis: wrong-result
 */
#include "correct.h"

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
	static struct {
		int known;
		int32_t square;
	} cache[1024];
	size_t slot = seed % 1024;

	if (!cache[slot].known) {
		cache[slot].square = correct_random_square(seed);
		cache[slot].known = 1;
	}
	return cache[slot].square;
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
