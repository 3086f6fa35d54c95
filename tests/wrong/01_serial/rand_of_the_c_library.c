/* Mistake:   draws from srand and rand, which is another generator than numpy's.
 * Test:      random_square_first_seeds
 * Diagnosis: wrong-result
 */
#include "correct.h"

#include <stdlib.h>

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
	srand(seed);
	int digit = rand() % 10;
	return digit * digit;
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
