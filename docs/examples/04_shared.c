/* Three workers draw one picture in memory that they share: first eight rows each, then
 * whoever has time takes a ticket, for one row or as many as the argument says (2, 4, 8).
 *
 *     cc -std=gnu11 -O1 docs/examples/04_shared.c -o build/04_shared && build/04_shared
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 24, COLUMNS = 64, WORKERS = 3, SLICE = ROWS / WORKERS, MOST_STEPS = 100000 };
enum { PAGES = 1000, PAGE_BYTES = 4096 };

struct shared {
	atomic_int ticket;               /* the next that nobody has */
	atomic_int drawn;                /* rows */
	long steps[WORKERS];             /* each worker writes its own, */
	char picture[ROWS][COLUMNS + 1]; /* and the rows that it draws */
};

static int private_drawn, ticket_rows = 1; /* each process has its own */

static void check(int failed, const char *what)
{
	if (failed) {
		perror(what);
		_exit(1);
	}
}

static void *map_shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(memory == MAP_FAILED, "mmap");
	return memory;
}

static void touch(volatile char *memory, const char *when)
{
	clock_t start = clock();
	for (int page = 0; page < PAGES; page++)
		memory[page * PAGE_BYTES] = 1;
	double us = 1e6 * (double)(clock() - start) / CLOCKS_PER_SEC;
	printf("%s touch of %d pages: %6.3f us each\n", when, PAGES, us / PAGES);
}

static long point_steps(int row, int column)
{
	double x = -2.1 + 2.8 * column / COLUMNS, y = -1.2 + 2.4 * row / (ROWS - 1), a = 0, b = 0;
	long steps = 0;
	for (; steps < MOST_STEPS && a * a + b * b < 4; steps++) {
		double new_a = a * a - b * b + x;
		b = 2 * a * b + y;
		a = new_a;
	}
	return steps;
}

static void draw_row(struct shared *s, int worker, int row)
{
	for (int column = 0; column < COLUMNS; column++) {
		long steps = point_steps(row, column);
		s->picture[row][column] = steps < MOST_STEPS ? '.' : (char)('0' + worker);
		s->steps[worker] += steps;
	}
	atomic_fetch_add(&s->drawn, 1);
	private_drawn++;
}

static void draw_slice(struct shared *s, int worker)
{
	for (int row = worker * SLICE; row < (worker + 1) * SLICE; row++)
		draw_row(s, worker, row);
}

static void draw_tickets(struct shared *s, int worker)
{
	int ticket;
	while ((ticket = atomic_fetch_add(&s->ticket, 1)) < ROWS / ticket_rows)
		for (int row = ticket * ticket_rows; row < (ticket + 1) * ticket_rows; row++)
			draw_row(s, worker, row);
}

static void draw(struct shared *s, const char *way, void (*body)(struct shared *, int))
{
	pid_t pids[WORKERS];
	fflush(NULL);
	for (int worker = 0; worker < WORKERS; worker++) {
		check((pids[worker] = fork()) == -1, "fork");
		if (pids[worker] == 0) {
			body(s, worker);
			_exit(0);
		}
	}
	for (int worker = 0; worker < WORKERS; worker++)
		check(waitpid(pids[worker], NULL, 0) == -1, "waitpid");
	double all = (double)(s->steps[0] + s->steps[1] + s->steps[2]) / 100;
	printf("%s %4.1f%% %4.1f%% %4.1f%% of the work, rows drawn: %d private, %d shared\n", way,
	       (double)s->steps[0] / all, (double)s->steps[1] / all, (double)s->steps[2] / all,
	       private_drawn, s->drawn);
	for (int row = 0; row < ROWS; row += 2)
		puts(s->picture[row]);
}

int main(int argc, char *argv[])
{
	ticket_rows = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 1;
	char *memory = map_shared((size_t)PAGES * PAGE_BYTES);
	touch(memory, "first ");
	touch(memory, "second");
	draw(map_shared(sizeof(struct shared)), "slices: ", draw_slice);
	draw(map_shared(sizeof(struct shared)), "tickets:", draw_tickets);
	return 0;
}
