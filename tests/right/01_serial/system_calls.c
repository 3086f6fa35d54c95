/* Unusual:   cpu_count and wall_seconds go past the C library to the system
 *            calls; the state of MT19937 is static, and made anew on each call;
 *            serial_map works in blocks, through a buffer of its own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "serial.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STATE_WORDS = 624, MIDDLE_WORD = 397, MASK_BYTES = 8192, BLOCK_TASKS = 64 };

int cpu_count(void)
{
	unsigned long mask[MASK_BYTES / sizeof(unsigned long)];
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
	int count = 0;

	if (bytes < 0)
		return -1;
	for (size_t i = 0; i < (size_t)bytes / sizeof mask[0]; i++)
		for (unsigned long left = mask[i]; left; left &= left - 1)
			count++;
	return count;
}

double wall_seconds(void)
{
	struct timespec now;

	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) < 0)
		return -1;
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static uint32_t state[STATE_WORDS];

/* The reference of Matsumoto and Nishimura: three loops and no modulo. */
static void generate(void)
{
	const uint32_t matrix[2] = { 0, 0x9908b0dfu };
	uint32_t y;
	int i = 0;

	for (; i < STATE_WORDS - MIDDLE_WORD; i++) {
		y = (state[i] & 0x80000000u) | (state[i + 1] & 0x7fffffffu);
		state[i] = state[i + MIDDLE_WORD] ^ (y >> 1) ^ matrix[y & 1];
	}
	for (; i < STATE_WORDS - 1; i++) {
		y = (state[i] & 0x80000000u) | (state[i + 1] & 0x7fffffffu);
		state[i] = state[i + MIDDLE_WORD - STATE_WORDS] ^ (y >> 1) ^ matrix[y & 1];
	}
	y = (state[i] & 0x80000000u) | (state[0] & 0x7fffffffu);
	state[i] = state[MIDDLE_WORD - 1] ^ (y >> 1) ^ matrix[y & 1];
}

static uint32_t digit_of(uint32_t y)
{
	y ^= y >> 11;
	y ^= (y << 7) & 0x9d2c5680u;
	y ^= (y << 15) & 0xefc60000u;
	return (y ^ (y >> 18)) & 15;
}

int32_t random_square(uint32_t seed)
{
	state[0] = seed;
	for (uint32_t i = 1; i < STATE_WORDS; i++)
		state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
	for (;;) {
		generate();
		for (int i = 0; i < STATE_WORDS; i++) {
			uint32_t digit = digit_of(state[i]);

			if (digit <= 9)
				return (int32_t)(digit * digit);
		}
	}
}

int serial_map(task_fn *task, const uint32_t *seeds, size_t n, int32_t *results)
{
	int32_t block[BLOCK_TASKS];

	if (n && !(task && seeds && results)) {
		errno = EINVAL;
		return -1;
	}
	for (size_t done = 0, count; done < n; done += count) {
		count = n - done < BLOCK_TASKS ? n - done : BLOCK_TASKS;
		for (size_t i = 0; i < count; i++)
			block[i] = task(seeds[done + i]);
		memcpy(results + done, block, count * sizeof block[0]);
	}
	return 0;
}
