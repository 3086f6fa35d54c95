/* Two clocks, and Amdahl's law. Numbers are drawn, one after the other: each comes from the one
 * before. Then each of them is worked on: in any order, so several CPUs could share that. In
 * between the program sleeps. How much does each part take, of the wall's time and of a CPU's?
 *
 *     cc -std=gnu11 -O1 docs/examples/01_serial.c -o build/01_serial && build/01_serial
 *
 * build/01_serial 100 draws 100 times for each number that is worked on, instead of 10 times.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NUMBERS = 300000 };

static uint32_t numbers[NUMBERS];
static int64_t steps; /* of all numbers: printed, so that the compiler cannot leave them out */

/* Nanoseconds on this clock. */
static int64_t now(clockid_t clock)
{
	struct timespec t;
	if (clock_gettime(clock, &t) == -1) {
		perror("clock_gettime");
		exit(1);
	}
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Lehmer's generator, std::minstd_rand in C++: seed 1, then x * 48271 modulo 2^31 - 1. The
 * product needs more than 32 bits. */
static uint32_t lehmer(uint32_t x)
{
	return (uint32_t)((uint64_t)x * 48271 % 2147483647);
}

/* Only every so many draws is kept. */
static void draw_all(int draws)
{
	uint32_t x = 1;
	for (int i = 0; i < NUMBERS; i++) {
		for (int k = 0; k < draws; k++)
			x = lehmer(x);
		numbers[i] = x;
	}
}

static void sleep_a_little(int milliseconds)
{
	struct timespec rest = { .tv_nsec = milliseconds * 1000000L };
	while (nanosleep(&rest, &rest) == -1 && errno == EINTR)
		; /* a signal woke it: rest is what is left */
}

/* How often 3 n + 1 (n odd) or n / 2 (n even) until n is 1: Collatz' steps. */
static void work_on_all(int unused)
{
	(void)unused;
	for (int i = 0; i < NUMBERS; i++)
		for (uint64_t n = numbers[i]; n != 1; steps++)
			n = n % 2 ? 3 * n + 1 : n / 2;
}

/* Prints the time of one part on both clocks. Returns that of the CPU, in milliseconds. */
static double measure(const char *what, void (*part)(int), int argument)
{
	int64_t wall = now(CLOCK_MONOTONIC);
	int64_t cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	part(argument);
	double cpu_ms = (double)(now(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e-6;
	double wall_ms = (double)(now(CLOCK_MONOTONIC) - wall) * 1e-6;
	printf("%-20s %8.1f ms %8.1f ms\n", what, wall_ms, cpu_ms);
	return cpu_ms;
}

int main(int argc, char *argv[])
{
	static const int cpus[] = { 2, 4, 12, 1000000 };
	long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : 10;
	int draws = wanted < 1 ? 1 : wanted > 200 ? 200 : (int)wanted;
	uint32_t x = 1;
	for (int i = 0; i < 10000; i++)
		x = lehmer(x);
	printf("draw 10,000 is %" PRIu32 ", by the C++ standard 399268537\n", x);

	printf("                            wall         CPU\n");
	double serial = measure("draw", draw_all, draws);
	measure("sleep", sleep_a_little, 100);
	double parallel = measure("work", work_on_all, 0);
	printf("%" PRId64 " steps\n", steps);

	double s = serial / (serial + parallel);
	printf("one after the other: %.1f%% of the CPU time; at best, faster by\n", 100 * s);
	for (size_t i = 0; i < sizeof cpus / sizeof *cpus; i++)
		printf("%9d CPUs: %6.2f\n", cpus[i], 1 / (s + (1 - s) / cpus[i]));
	return 0;
}
