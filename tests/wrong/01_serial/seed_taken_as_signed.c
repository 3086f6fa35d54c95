/* Mistake:   takes the seed as a signed int. From 2^31 on it is negative, and
 *            the shift to the right fills up with ones.
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
	uint32_t state[STATE_WORDS];
	int64_t word = (int32_t)seed;

	for (int i = 0; i < STATE_WORDS; i++) {
		state[i] = (uint32_t)word;
		word = (1812433253 * (word ^ (word >> 30)) + i + 1) & 0xffffffff;
	}
	uint32_t digit = correct_digit(state);
	return (int32_t)(digit * digit);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
