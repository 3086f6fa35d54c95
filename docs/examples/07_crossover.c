/* How much work is worth two processes? Predicted from two times, then measured in pairs.
 *
 *     cc -std=gnu11 -O1 docs/examples/07_crossover.c -o build/07_crossover && build/07_crossover
 *
 * A task is some 600 steps of arithmetic. No results come back: this is about time alone. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 2, ROUNDS = 11, STEPS = 600 };

typedef void way_fn(int tasks);

/* Volatile: so that the compiler does not leave out work whose result nobody wants. */
static volatile unsigned result;

static void here(int tasks)
{
	unsigned x = 1;
	for (long step = 0; step < (long)tasks * STEPS; step++)
		x = x * 1664525u + 1013904223u;
	result = x;
}

static void in_processes(int tasks)
{
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();
		if (pid == -1)
			err(1, "fork");
		if (pid == 0) {
			here(tasks / PROCESSES);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		if (wait(NULL) == -1)
			err(1, "wait");
}

static double seconds(way_fn *way, int tasks)
{
	struct timespec start, end;
	if (clock_gettime(CLOCK_MONOTONIC, &start) != 0)
		err(1, "clock_gettime");
	way(tasks);
	if (clock_gettime(CLOCK_MONOTONIC, &end) != 0)
		err(1, "clock_gettime");
	return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void say(const char *what, double times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof *times, ascending);
	printf("%-22s %8.3f %8.3f %8.3f %8.3f\n", what, 1e3 * times[0], 1e3 * times[ROUNDS / 2],
	       1e3 * times[ROUNDS * 3 / 4], 1e3 * times[ROUNDS - 1]);
}

/* Both ways in turn: what slows the machine down for a while is in both times of a pair. */
static void compare(int tasks)
{
	double ratios[ROUNDS];
	int won = 0;
	for (int i = 0; i < ROUNDS; i++) {
		double loop = seconds(here, tasks);
		ratios[i] = loop / seconds(in_processes, tasks);
		won += ratios[i] > 1;
	}
	qsort(ratios, ROUNDS, sizeof *ratios, ascending);
	printf("%10d %8.2f %8.2f %8.2f %8d of %d\n", tasks, ratios[ROUNDS / 4], ratios[ROUNDS / 2],
	       ratios[ROUNDS * 3 / 4], won, ROUNDS);
}

int main(void)
{
	double start[ROUNDS], task[ROUNDS];
	for (int i = 0; i < ROUNDS; i++) {
		start[i] = seconds(in_processes, 0);
		task[i] = seconds(here, 1000);
	}
	printf("milliseconds              least   median  3 of 4   most\n");
	say("two empty processes", start);
	say("1,000 tasks", task);
	double t0 = start[ROUNDS / 2], t1 = task[ROUNDS / 2] / 1000;
	int equal = (int)(t0 * PROCESSES / (t1 * (PROCESSES - 1))) + 1;
	printf("\nequal at n = t0 P / (t1 (P - 1)) = %d\n\n", equal);
	printf("         n     loop / processes: quartiles    pairs won\n");
	for (int n = equal / 4 + 1; n <= 5 * equal; n *= 4)
		compare(n);
	return 0;
}
