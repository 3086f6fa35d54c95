/* Mistake:   takes the first output modulo 10. numpy masks it with 15 and draws
 *            again while it is above 9.
 * Test:      random_square_first_seeds
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

	correct_seed_state(state, seed);
	correct_generate(state);
	uint32_t digit = correct_temper(state[0]) % 10;
	return (int32_t)(digit * digit);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
