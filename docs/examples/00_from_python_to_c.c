/* What is new in C for somebody who comes from Python: a call to the kernel that fails returns
 * -1 and goes on, memory is asked for and given back, and time is two integers.
 *
 *     cc -std=gnu11 -O1 docs/examples/00_from_python_to_c.c -o build/00_from_python_to_c
 *     build/00_from_python_to_c
 *
 * It counts prime numbers and says who counted, on which CPUs, and how long it took.
 */
#define _GNU_SOURCE /* above the first #include: sched_getaffinity is Linux's own */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BELOW = 2000000 };

/* Ends the program where a call fails that the rest depends on. */
static void check(bool failed, const char *call)
{
	if (failed) {
		perror(call); /* the call's name, and errno in words */
		exit(1);
	}
}

static void print_process(void)
{
	cpu_set_t may_use;
	check(sched_getaffinity(0, sizeof may_use, &may_use) == -1, "sched_getaffinity");
	printf("process %d, started by process %d, may use CPU", (int)getpid(), (int)getppid());
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &may_use))
			printf(" %zu", cpu);
	printf("\n");
}

/* The sieve of Eratosthenes: strike out the multiples of each prime, count what is left. */
static int count_primes(bool struck[], int below)
{
	int primes = 0;
	for (int i = 2; i < below; i++) {
		if (struck[i])
			continue;
		primes++;
		for (long multiple = (long)i * i; multiple < below; multiple += i)
			struck[multiple] = true;
	}
	return primes;
}

/* Later minus earlier. Where the nanoseconds come out negative, a second is borrowed. */
static struct timespec difference(struct timespec later, struct timespec earlier)
{
	struct timespec d = { later.tv_sec - earlier.tv_sec, later.tv_nsec - earlier.tv_nsec };
	if (d.tv_nsec < 0) {
		d.tv_sec--;
		d.tv_nsec += 1000000000;
	}
	return d;
}

int main(void)
{
	struct timespec before, after;
	print_process();

	bool *struck = calloc(BELOW, sizeof *struck); /* all false */
	check(struck == NULL, "calloc");
	check(clock_gettime(CLOCK_MONOTONIC, &before) == -1, "clock_gettime");
	int primes = count_primes(struck, BELOW);
	check(clock_gettime(CLOCK_MONOTONIC, &after) == -1, "clock_gettime");
	free(struck);
	struct timespec took = difference(after, before);
	printf("%d primes below %d: ", primes, BELOW);
	printf("%ld s and %ld ns\n", (long)took.tv_sec, took.tv_nsec);

	if (clock_gettime(12345, &after) == -1) /* there is no such clock */
		printf("clock 12345: %s%s\n", errno == EINVAL ? "EINVAL, " : "", strerror(errno));
	return 0;
}
