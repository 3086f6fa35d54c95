/* Two processes add to one number in shared memory, five million times each.
 *
 *     cc -std=gnu11 -O1 docs/examples/races.c -o build/races -pthread && build/races
 *
 * Only what is added in one step that nobody can come into is all there in the end.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES = 5000000, PROCESSES = 2 };

struct shared {
	atomic_int arrived;       /* at the next way to add */
	pthread_mutex_t lock;
	volatile unsigned plain;  /* volatile: each addition is made in memory, not all at once */
	volatile unsigned locked; /* guarded by lock */
	atomic_uint stepwise, atomic;
};

static void add_plainly(struct shared *s)
{
	s->plain++; /* a load, an addition, a store */
}

static void add_stepwise(struct shared *s)
{
	unsigned n = atomic_load(&s->stepwise);
	atomic_store(&s->stepwise, n + 1); /* no data race any more, but still two steps */
}

static void add_under_lock(struct shared *s)
{
	pthread_mutex_lock(&s->lock);
	s->locked++;
	pthread_mutex_unlock(&s->lock);
}

static void add_atomically(struct shared *s)
{
	atomic_fetch_add(&s->atomic, 1);
}

typedef void way_fn(struct shared *s);
static way_fn *const ways[] = { add_plainly, add_stepwise, add_under_lock, add_atomically };
enum { WAYS = sizeof ways / sizeof *ways };

static void add_in_all_ways(struct shared *s)
{
	for (int way = 0; way < WAYS; way++) {
		atomic_fetch_add(&s->arrived, 1);
		while (atomic_load(&s->arrived) < (way + 1) * PROCESSES)
			sched_yield(); /* until the other is here, too */
		for (int i = 0; i < TIMES; i++)
			ways[way](s);
	}
}

static struct shared *make_shared(void)
{
	pthread_mutexattr_t between_processes;
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                        -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&between_processes);
	pthread_mutexattr_setpshared(&between_processes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->lock, &between_processes);
	return s;
}

static void start(struct shared *s)
{
	pid_t pid = fork();
	if (pid == -1) {
		perror("fork");
		exit(1);
	}
	if (pid == 0) {
		add_in_all_ways(s);
		_exit(0);
	}
}

int main(void)
{
	struct shared *s = make_shared();
	if (s == NULL) {
		perror("mmap");
		return 1;
	}
	for (int i = 0; i < PROCESSES; i++)
		start(s);
	while (wait(NULL) > 0)
		;
	printf("                    sum, of %d\n", PROCESSES * TIMES);
	printf("n++            %8u\n", s->plain);
	printf("load, store    %8u\n", s->stepwise);
	printf("under a lock   %8u\n", s->locked);
	printf("atomic add     %8u\n", s->atomic);
	return 0;
}
