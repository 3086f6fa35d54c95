/* Mistake:   seeds the state anew on every call, yet goes on at the place where
 *            the call before stopped.
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

static uint32_t state[STATE_WORDS];
static int next_word = STATE_WORDS;

static uint32_t next_output(void)
{
	if (next_word == STATE_WORDS) {
		correct_generate(state);
		next_word = 0;
	}
	return correct_temper(state[next_word++]);
}

int32_t random_square(uint32_t seed)
{
	uint32_t digit;

	correct_seed_state(state, seed); /* next_word = STATE_WORDS belongs here */
	do
		digit = next_output() & 15;
	while (digit > 9);
	return (int32_t)(digit * digit);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	return correct_serial_map(task, seeds, n, results);
}
