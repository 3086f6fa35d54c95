/* Mistake:   returns the number that was drawn, not its square.
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
	return (int32_t)correct_digit(state);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
