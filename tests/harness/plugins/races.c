/* Two processes that touch the same memory, in a way that *way names: see race.c. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 200, BYTES = 64 };

static struct shared {
	pthread_mutex_t lock;
	int number, other;
	atomic_int counter, flag, turn;
	char text[BYTES];
} *shared;

static char copy[BYTES];
static int ends[2];

static void adds(int rank)
{
	(void)rank;
	shared->number++;
}

static void adds_under_a_lock(int rank)
{
	(void)rank;
	pthread_mutex_lock(&shared->lock);
	shared->number++;
	pthread_mutex_unlock(&shared->lock);
}

static void adds_atomically(int rank)
{
	(void)rank;
	atomic_fetch_add(&shared->counter, 1);
}

static void one_takes_the_lock(int rank)
{
	if (rank == 0)
		adds_under_a_lock(rank);
	else
		shared->number++;
}

static void announces_too_early(int rank)
{
	if (rank == 0) {
		atomic_fetch_add(&shared->flag, 1);
		shared->number++;
	} else if (atomic_load(&shared->flag) > 0) {
		shared->other = shared->number;
	}
}

static void takes_turns(int rank)
{
	if (atomic_load(&shared->turn) % 2 == rank) {
		shared->number++;
		atomic_fetch_add(&shared->turn, 1);
	}
}

static void copies_while_it_is_written(int rank)
{
	if (rank == 0)
		memset(shared->text, rank, BYTES);
	else
		memcpy(copy, shared->text, BYTES);
}

static void reads_what_others_add_to(int rank)
{
	if (rank == 0)
		atomic_fetch_add(&shared->counter, 1);
	else
		shared->other = *(volatile int *)&shared->counter;
}

static void has_a_half_each(int rank)
{
	memset(shared->text + rank * BYTES / 2, rank, BYTES / 2);
}

static void hands_over_a_pipe(int rank)
{
	char byte = 0;
	if (rank == 0) {
		if (atomic_load(&shared->turn) == 0)
			shared->number++;
		atomic_store(&shared->turn, 1);
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
	} else if (read(ends[0], &byte, 1) == 1) {
		shared->other = shared->number;
	}
}

typedef void way(int rank);
static way *const ways[] = {
	adds, adds_under_a_lock, adds_atomically, one_takes_the_lock, announces_too_early,
	takes_turns, copies_while_it_is_written, reads_what_others_add_to, has_a_half_each,
	hands_over_a_pipe,
};

static void init(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &attributes);
}

/* The parent writes before the forks, and reads when it has waited: no race. */
long act(int *which)
{
	pid_t pid[2];
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || pipe(ends) != 0)
		return -1;
	init();
	shared->number = shared->other = 0;
	for (int rank = 0; rank < 2; rank++) {
		pid[rank] = fork();
		if (pid[rank] != 0)
			continue;
		for (int i = 0; i < ROUNDS; i++)
			ways[*which](rank);
		_exit(0);
	}
	for (int rank = 0; rank < 2; rank++)
		waitpid(pid[rank], NULL, 0);
	long sum = shared->number + shared->other;
	munmap(shared, sizeof *shared);
	close(ends[0]);
	close(ends[1]);
	return sum >= 0 ? 0 : 1;
}
