/* The right pieces of lab 01, for the wrong solutions beside this file. Each of
 * them spoils one function and takes the others from here.
 *
 * Include it first: it asks for the GNU extensions (sched_getaffinity).
 */
#ifndef CORRECT_H
#define CORRECT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "serial.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

enum { STATE_WORDS = 624, MIDDLE_WORD = 397 };

static inline int correct_cpu_count(void)
{
	cpu_set_t mask;

	if (sched_getaffinity(0, sizeof mask, &mask) < 0)
		return -1;
	return CPU_COUNT(&mask);
}

static inline double correct_wall_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* MT19937, after Matsumoto and Nishimura: seed, next 624 words, one output. */
static inline void correct_seed_state(uint32_t state[STATE_WORDS], uint32_t seed)
{
	state[0] = seed;
	for (uint32_t i = 1; i < STATE_WORDS; i++)
		state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
}

static inline void correct_generate(uint32_t state[STATE_WORDS])
{
	for (int i = 0; i < STATE_WORDS; i++) {
		uint32_t upper = state[i] & 0x80000000u;
		uint32_t lower = state[(i + 1) % STATE_WORDS] & 0x7fffffffu;
		uint32_t y = upper | lower;

		state[i] = state[(i + MIDDLE_WORD) % STATE_WORDS] ^ (y >> 1);
		if (y & 1)
			state[i] ^= 0x9908b0dfu;
	}
}

static inline uint32_t correct_temper(uint32_t y)
{
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

/* Outputs masked with 15, until one is at most 9: the generated state's first. */
static inline uint32_t correct_digit(uint32_t state[STATE_WORDS])
{
	for (;;) {
		correct_generate(state);
		for (int i = 0; i < STATE_WORDS; i++) {
			uint32_t digit = correct_temper(state[i]) & 15;

			if (digit <= 9)
				return digit;
		}
	}
}

static inline int32_t correct_random_square(uint32_t seed)
{
	uint32_t state[STATE_WORDS];

	correct_seed_state(state, seed);
	uint32_t digit = correct_digit(state);
	return (int32_t)(digit * digit);
}

static inline int correct_serial_map(task_fn *task, const uint32_t *seeds, size_t n,
                                     int32_t *results)
{
	if (n > 0 && (!task || !seeds || !results)) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}

#endif
