/* Lab 01, solved: the serial version of the book's example.
 *
 * random_square is numpy's `seed(seed); randint(0, 10) ** 2`, bit for bit.
 * numpy's legacy generator is MT19937 (Matsumoto and Nishimura, 1998): a state
 * of 624 words, started from the seed by a recurrence, and "twisted" word by
 * word into outputs. One draw needs only the first few outputs, and output k
 * needs only the words up to k + 397, so the state is made as far as it is
 * needed: half the work, the same numbers.
 */
#define _GNU_SOURCE
#include "serial.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

enum { WORDS = 624, MIDDLE = 397 };

struct mt19937 {
	uint32_t word[WORDS];
	int made; /* the words below this index have been made from the seed */
	int next; /* the word that becomes the next output */
};

/* The set must have room for every CPU the kernel knows, which may be more than
 * the 1,024 of a plain cpu_set_t; the kernel says EINVAL where it is too small. */
int cpu_count(void)
{
	for (size_t room = 1024; room <= 1 << 20; room *= 2) {
		cpu_set_t *set = CPU_ALLOC(room);
		if (set == NULL)
			return -1;
		size_t size = CPU_ALLOC_SIZE(room);
		int status = sched_getaffinity(0, size, set);
		int count = status == 0 ? CPU_COUNT_S(size, set) : -1;
		CPU_FREE(set);
		if (count != -1 || errno != EINVAL)
			return count;
	}
	return -1;
}

/* CLOCK_MONOTONIC and not the time of day: that one jumps when the date is set. */
double wall_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void make_words_up_to(struct mt19937 *mt, int last)
{
	for (; mt->made <= last; mt->made++) {
		uint32_t before = mt->word[mt->made - 1];
		mt->word[mt->made] = 1812433253u * (before ^ (before >> 30)) + (uint32_t)mt->made;
	}
}

static uint32_t next_output(struct mt19937 *mt)
{
	int k = mt->next;
	int middle = k + MIDDLE;
	mt->next = (k + 1) % WORDS;
	make_words_up_to(mt, middle < WORDS ? middle : WORDS - 1);

	uint32_t mixed = (mt->word[k] & 0x80000000u) | (mt->word[mt->next] & 0x7fffffffu);
	uint32_t y = mt->word[middle % WORDS] ^ (mixed >> 1) ^ (mixed & 1 ? 0x9908b0dfu : 0);
	mt->word[k] = y;

	y ^= y >> 11; /* tempering: spreads the bits of a word */
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

/* randint(0, 10) keeps four bits of each output and throws away what is above 9,
 * so that the ten numbers are equally likely; `% 10` would not be. */
int32_t random_square(uint32_t seed)
{
	struct mt19937 mt = { .word = { seed }, .made = 1 };
	uint32_t number;
	do {
		number = next_output(&mt) & 15;
	} while (number > 9);
	return (int32_t)(number * number);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	if (n > 0 && (task == NULL || seeds == NULL || results == NULL)) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		results[i] = task(seeds[i]);
	return 0;
}
