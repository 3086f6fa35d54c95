/* Unusual:   random_square makes only the words of MT19937 that its outputs
 *            need; the CPUs come from /proc/self/status; the clock is
 *            CLOCK_MONOTONIC_RAW; serial_map calls itself on each half.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "serial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATE_WORDS = 624, MIDDLE_WORD = 397 };

/* How many numbers a list like "0-3,8,10-11" names. */
static int count_list(const char *list)
{
	int count = 0;

	for (;;) {
		char *end;
		long first = strtol(list, &end, 10), last = first;

		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		count += (int)(last - first + 1);
		if (*end != ',')
			return count;
		list = end + 1;
	}
}

int cpu_count(void)
{
	static const char name[] = "Cpus_allowed_list:";
	char *line = NULL;
	size_t size = 0;
	int cpus = -1;
	FILE *status = fopen("/proc/self/status", "r");

	if (!status)
		return -1;
	while (cpus < 0 && getline(&line, &size, status) > 0)
		if (strncmp(line, name, sizeof name - 1) == 0)
			cpus = count_list(line + sizeof name - 1);
	free(line);
	fclose(status);
	if (cpus < 0)
		errno = ENOENT;
	return cpus;
}

double wall_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static uint32_t seed_word(uint32_t before, uint32_t i)
{
	return 1812433253u * (before ^ (before >> 30)) + i;
}

static uint32_t temper(uint32_t y)
{
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return y ^ (y >> 18);
}

/* Output i comes from the words i, i + 1 and i + 397 of the seeded state, as
 * long as i + 397 < 624. That makes 227 outputs: all of them are above 9 for
 * one seed in 10^96, and there are 4 * 10^9 seeds. */
int32_t random_square(uint32_t seed)
{
	uint32_t s[STATE_WORDS] = { seed };

	for (uint32_t i = 1; i < MIDDLE_WORD; i++)
		s[i] = seed_word(s[i - 1], i);
	for (uint32_t i = 0, middle = MIDDLE_WORD; middle < STATE_WORDS; i++, middle++) {
		uint32_t y = (s[i] & 0x80000000u) | (s[i + 1] & 0x7fffffffu);
		uint32_t digit;

		s[middle] = seed_word(s[middle - 1], middle);
		digit = temper(s[middle] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0)) & 15;
		if (digit <= 9)
			return (int32_t)(digit * digit);
	}
	return -1;
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	size_t half = n / 2;

	if (n > 0 && (!task || !seeds || !results)) {
		errno = EINVAL;
		return -1;
	}
	if (n == 1)
		*results = task(*seeds);
	if (n < 2)
		return 0;
	serial_map(task, seeds, half, results);
	return serial_map(task, seeds + half, n - half, results + half);
}
