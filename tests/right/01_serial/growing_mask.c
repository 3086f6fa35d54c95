/* Unusual:   cpu_count lets its mask grow until the kernel's fits; the clock is
 *            CLOCK_BOOTTIME; the state of MT19937 is a ring that moves on by one
 *            word for each output; serial_map moves pointers, not an index.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "serial.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

enum { STATE_WORDS = 624, MIDDLE_WORD = 397, MOST_CPUS = 1 << 20 };

int cpu_count(void)
{
	for (size_t cpus = 64; cpus <= MOST_CPUS; cpus *= 2) {
		cpu_set_t *mask = CPU_ALLOC(cpus);
		size_t size = CPU_ALLOC_SIZE(cpus);
		int count = -1, why;

		if (!mask)
			return -1;
		if (sched_getaffinity(0, size, mask) == 0)
			count = CPU_COUNT_S(size, mask);
		why = errno;
		CPU_FREE(mask);
		if (count > 0)
			return count;
		errno = why;
		if (why != EINVAL)
			return -1;
	}
	return -1;
}

double wall_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct ring {
	uint32_t words[STATE_WORDS];
	size_t place; /* the word that the next output replaces */
};

static void seed_ring(struct ring *ring, uint32_t seed)
{
	uint32_t word = seed;

	for (uint32_t i = 0; i < STATE_WORDS; i++) {
		ring->words[i] = word;
		word = 1812433253u * (word ^ (word >> 30)) + i + 1;
	}
	ring->place = 0;
}

static uint32_t next_output(struct ring *ring)
{
	uint32_t *words = ring->words;
	size_t place = ring->place, next = (place + 1) % STATE_WORDS;
	uint32_t y = (words[place] & 0x80000000u) | (words[next] & 0x7fffffffu);

	y = (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
	y ^= words[(place + MIDDLE_WORD) % STATE_WORDS];
	words[place] = y;
	ring->place = next;
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

int32_t random_square(uint32_t seed)
{
	struct ring ring;
	uint32_t digit;

	seed_ring(&ring, seed);
	do
		digit = next_output(&ring) & 15;
	while (digit > 9);
	return (int32_t)(digit * digit);
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	if (n == 0)
		return 0;
	if (!task || !seeds || !results) {
		errno = EINVAL;
		return -1;
	}
	for (const uint32_t *end = seeds + n; seeds < end;)
		*results++ = task(*seeds++);
	return 0;
}
